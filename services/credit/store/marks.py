"""Marks of records: which are under objection, and until when a repaired one is published, shared and used."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Date, bindparam, text
from sqlmodel import select

from services.credit.domain.mark import Mark
from services.credit.tables import RecordMark
from services.kernel.bulk import select_by_key
from services.kernel.db import AnySession, WriteSession

MARK: Final = RecordMark.__table__  # type: ignore[attr-defined]  # added by the table metaclass
_COLUMNS: Final = ("record_id", "disputed", "published_until", "shared_until", "used_until")


def read(session: AnySession, ids: Sequence[str]) -> dict[str, Mark]:
    """The marks of those of the records that have one."""
    rows = select_by_key(session, MARK, "record_id", ids, _COLUMNS)
    return {row[0]: _mark(row[1:]) for row in rows}


_UNSHARED: Final = text(
    "SELECT r.record_id FROM record r JOIN record_mark m ON m.record_id = r.record_id"
    " WHERE r.uscc = :uscc AND m.shared_until < :on AND r.provider <> :reader"
).bindparams(bindparam("on", type_=Date))


def unshared(session: AnySession, uscc: str, reader: str, on: date) -> frozenset[str]:
    """The records of an enterprise that are shared with a reader no longer."""
    rows = session.connection().execute(_UNSHARED, {"uscc": uscc, "on": on, "reader": reader})
    return frozenset(rows.scalars())


def every(session: AnySession) -> dict[str, tuple[Mark, str | None]]:
    """All marks with what is shown of them, by record."""
    rows = session.exec(select(RecordMark)).all()
    return {
        row.record_id: (Mark(row.disputed, row.published_until, row.shared_until, row.used_until), row.shown)
        for row in rows
    }


def _mark(row: Sequence[Any]) -> Mark:
    return Mark(bool(row[0]), *(_day(value) for value in row[1:]))


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def write(session: WriteSession, record_id: str, mark: Mark, shown: str | None) -> None:
    """Keep a record's mark and what readers of the record are shown of its remedies; none at all takes it away."""
    held = session.get(RecordMark, record_id)
    if shown is None:
        if held is not None:
            session.delete(held)
        return
    row = held or RecordMark(record_id=record_id, disputed=False, shown="")
    row.disputed, row.published_until, row.shared_until, row.used_until = mark
    row.shown = shown
    session.add(row)
