"""Activations of rule books: who proposed and confirmed each, how far it has come, and since when it grades."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, text

from services.credit.store.enterprises import read_instant
from services.credit.tables import RuleBookActivation
from services.kernel.bulk import insert_rows
from services.kernel.db import AnySession, Instant, WriteSession

ACTIVATION: Final = RuleBookActivation.__table__  # type: ignore[attr-defined]  # added by the table metaclass
_COLUMNS: Final = (
    "no", "rulebook", "state", "proposed_by", "proposed_at", "confirmed_by", "confirmed_at", "activated_at", "built_through"
)  # fmt: skip
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM rulebook_activation"


class StoredActivation(NamedTuple):
    """One activation as the table keeps it."""

    no: int
    rulebook: str
    state: str
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    activated_at: datetime | None
    built_through: str


def every(session: AnySession) -> list[StoredActivation]:
    """All activations, the first first."""
    return [_stored(row) for row in session.connection().execute(text(f"{_SELECT} ORDER BY no"))]


def under_way(session: AnySession) -> StoredActivation | None:
    """The one activation that is proposed or being built."""
    row = (
        session.connection().execute(text(f"{_SELECT} WHERE state IN ('proposed', 'building')")).one_or_none()
    )
    return _stored(row) if row else None


def _stored(row: Any) -> StoredActivation:
    return StoredActivation(
        no=row[0], rulebook=row[1], state=row[2], proposed_by=row[3], proposed_at=read_instant(row[4]), confirmed_by=row[5],
        confirmed_at=_instant(row[6]), activated_at=_instant(row[7]), built_through=row[8],
    )  # fmt: skip


def _instant(value: datetime | str | None) -> datetime | None:
    return read_instant(value) if value else None


def lock(session: WriteSession) -> None:
    """Let nobody else ask for an activation until the transaction ends. SQLite has one writer, which this is."""
    if session.connection().dialect.name != "sqlite":
        session.connection().exec_driver_sql("LOCK TABLE rulebook_activation IN EXCLUSIVE MODE")


def propose(session: WriteSession, rulebook: str, officer: str, now: datetime) -> None:
    """Enter a proposal; the caller holds the lock."""
    number = len(every(session)) + 1
    values = (number, rulebook, "proposed", officer, now, None, None, None, "")
    insert_rows(session, ACTIVATION, _COLUMNS, [values])


def confirm(session: WriteSession, number: int, officer: str, now: datetime) -> None:
    """Note the second officer; from now on pushes write the cards of both books."""
    session.connection().execute(
        text(
            "UPDATE rulebook_activation SET state = 'building', confirmed_by = :officer, confirmed_at = :now WHERE no = :no"
        ).bindparams(bindparam("now", type_=Instant)),
        {"no": number, "officer": officer, "now": now},
    )


def advance(session: WriteSession, number: int, built_through: str) -> None:
    """Note through which code the cards stand, so that an interrupted build goes on from there."""
    session.connection().execute(
        text("UPDATE rulebook_activation SET built_through = :through WHERE no = :no"),
        {"no": number, "through": built_through},
    )


def withdraw(session: WriteSession, number: int) -> None:
    """End an activation that did not come about."""
    session.connection().execute(
        text("UPDATE rulebook_activation SET state = 'withdrawn' WHERE no = :no"), {"no": number}
    )


def complete(session: WriteSession, number: int, now: datetime) -> None:
    """Note since when the book grades."""
    session.connection().execute(
        text(
            "UPDATE rulebook_activation SET state = 'active', activated_at = :now WHERE no = :no"
        ).bindparams(bindparam("now", type_=Instant)),
        {"no": number, "now": now},
    )
