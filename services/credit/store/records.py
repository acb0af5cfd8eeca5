"""Records: heads by id, versions as received, and what a file shows of them."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import BindParameter, Date, bindparam, func, text
from sqlmodel import select

from services.credit.tables import Record, RecordVersion
from services.kernel.bulk import among, insert_rows, joined, select_by_key, update_rows
from services.kernel.db import AnySession, WriteSession

RECORD: Final = Record.__table__  # type: ignore[attr-defined]  # added by the table metaclass
VERSION: Final = RecordVersion.__table__  # type: ignore[attr-defined]  # added by the table metaclass

_HEAD: Final = (
    "record_id", "uscc", "provider", "kind", "source_record_id", "version", "current_version", "state", "occurred_on",
    "digest", "batch_no", "product_id",
)  # fmt: skip
_VERSION: Final = (
    "record_id", "version", "uscc", "kind", "region", "occurred_on", "assertion", "effect", "state", "recorded_at",
    "batch_id", "content",
)  # fmt: skip


class Head(msgspec.Struct):
    """Where a record stands: its enterprise, version, state, the digest of its current statement, and the product of
    the one in force."""

    record_id: str
    uscc: str
    provider: str
    kind: str
    source_record_id: str
    version: int
    current_version: int | None
    state: str
    occurred_on: date
    digest: bytes
    batch_no: int
    product_id: str | None
    is_new: bool = False


_row_of: Final = attrgetter(*_HEAD)


def read_heads(session: AnySession, ids: Sequence[str]) -> dict[str, Head]:
    """The heads among the ids."""
    rows = select_by_key(session, RECORD, "record_id", ids, _HEAD)
    return {row[0]: Head(*row[:8], _day(row[8]), bytes(row[9]), row[10], row[11]) for row in rows}  # type: ignore[call-arg]  # a row has no length to the checker


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def write_heads(session: WriteSession, heads: Sequence[Head]) -> None:
    """Store changed heads."""
    insert_rows(session, RECORD, _HEAD, [_row_of(head) for head in heads if head.is_new])
    update_rows(session, RECORD, _HEAD[:1], _HEAD[1:], [_row_of(head) for head in heads if not head.is_new])


def write_versions(session: WriteSession, rows: Sequence[tuple[Any, ...]]) -> None:
    """Append versions; the values stand in the order of `RecordVersion`'s columns."""
    insert_rows(session, VERSION, _VERSION, rows)


def regions_of(session: AnySession, ids: Sequence[str]) -> dict[str, str]:
    """The regions of those of the records that have a statement in force."""
    heads = select_by_key(session, RECORD, "record_id", ids, ("record_id", "current_version"))
    in_force = {(row[0], row[1]) for row in heads if row[1] is not None}
    versions = select_by_key(session, VERSION, "record_id", ids, ("record_id", "version", "region"))
    return {row[0]: row[2] for row in versions if (row[0], row[1]) in in_force}


def highest_batch_no(session: AnySession) -> int:
    """The highest number of a batch that a record names."""
    return session.exec(select(func.coalesce(func.max(Record.batch_no), 0))).one()


class Statement(NamedTuple):
    """One record with its statement in force, or its latest where none is."""

    record_id: str
    uscc: str
    provider: str
    kind: str
    region: str
    version: int
    current_version: int | None
    content: str


_STATEMENT: Final = text(
    "SELECT r.record_id, r.uscc, r.provider, r.kind, v.region, r.version, r.current_version, v.content FROM record r"
    " JOIN record_version v ON v.record_id = r.record_id AND v.version = coalesce(r.current_version, r.version)"
    " WHERE r.record_id = :record_id"
)


def find_statement(session: AnySession, record_id: str) -> Statement | None:
    """What a record says."""
    row = session.connection().execute(_STATEMENT, {"record_id": record_id}).one_or_none()
    return Statement(*row) if row else None


class StoredVersion(NamedTuple):
    """One version of a record as it was kept."""

    record_id: str
    version: int
    uscc: str
    kind: str
    region: str
    occurred_on: date
    assertion: str
    effect: str
    state: str
    batch_id: str
    content: str


def find_version(session: AnySession, record_id: str, version: int) -> StoredVersion:
    """One version of a record, which is known to exist."""
    row = session.get_one(RecordVersion, (record_id, version))
    return StoredVersion(
        row.record_id, row.version, row.uscc, row.kind, row.region, row.occurred_on, row.assertion, row.effect, row.state,
        row.batch_id, row.content,
    )  # fmt: skip


def first_recorded(session: AnySession, record_id: str) -> datetime:
    """The instant of a record's first statement."""
    query = select(func.min(RecordVersion.recorded_at)).where(RecordVersion.record_id == record_id)
    return session.exec(query).one()


def regions_in_force(session: AnySession, uscc: str) -> dict[str, str]:
    """The regions of an enterprise's records in force, by record id."""
    rows = session.connection().execute(
        text(
            "SELECT r.record_id, v.region FROM record r JOIN record_version v"
            " ON v.record_id = r.record_id AND v.version = r.current_version WHERE r.uscc = :uscc"
        ),
        {"uscc": uscc},
    )
    return {record_id: region for record_id, region in rows}  # noqa: C416 - rows are not pairs to the type checker


_FALLEN: Final = (
    "SELECT w.uscc, w.record_id, s.content, w.content FROM record_version w"
    " JOIN record_version s ON s.record_id = w.record_id AND s.version ="
    " (SELECT max(v.version) FROM record_version v WHERE v.record_id = w.record_id AND v.uscc = w.uscc"
    " AND v.state = 'current' AND v.version < w.version)"
    " WHERE w.state = 'withdrawn' AND NOT EXISTS (SELECT 1 FROM record_version v WHERE v.record_id = w.record_id"
    " AND v.uscc = w.uscc AND v.version > w.version AND v.state IN ('current', 'withdrawn'))"
)


def fallen(session: AnySession, codes: Sequence[str] | None = None) -> Iterator[tuple[str, str, str, str]]:
    """The records that were in force in a file and withdrawn there, of some enterprises or of all: enterprise, id, what was
    stated last, and the withdrawal."""
    if codes is None:
        rows = session.connection().exec_driver_sql(_FALLEN)
    elif session.connection().dialect.name == "sqlite":
        within = f"{_FALLEN} AND w.uscc IN (SELECT value FROM json_each(?))"
        rows = session.connection().exec_driver_sql(within, (msgspec.json.encode(list(codes)).decode(),))
    else:
        within = f"{_FALLEN} AND w.uscc {among()}"
        rows = session.connection().exec_driver_sql(within, (joined(codes),))
    return ((code, record_id, stated, fell) for code, record_id, stated, fell in rows.all())


def effect_in_force(session: AnySession, record_id: str) -> str | None:
    """The effect of a record's stored statement in force; None while none is stored."""
    found = session.connection().execute(
        text(
            "SELECT v.effect FROM record r JOIN record_version v"
            " ON v.record_id = r.record_id AND v.version = r.current_version WHERE r.record_id = :record_id"
        ),
        {"record_id": record_id},
    )
    return found.scalar_one_or_none()


def contents_in_force(session: AnySession, ids: Sequence[str]) -> dict[str, str]:
    """The statements in force of some records, as JSON by record id."""
    if not ids:
        return {}
    statement = (
        "SELECT r.record_id, v.content FROM record r JOIN record_version v"
        " ON v.record_id = r.record_id AND v.version = r.current_version WHERE r.record_id"
    )
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(
            f"{statement} IN (SELECT value FROM json_each(?))", (msgspec.json.encode(list(ids)).decode(),)
        )
    else:
        rows = connection.exec_driver_sql(f"{statement} {among()}", (joined(ids),))
    return {record_id: content for record_id, content in rows}  # noqa: C416 - rows are not pairs to the type checker


class FiledRecord(NamedTuple):
    """A record in force: its JSON, by what it is ordered and granted, and what is shown of its remedies."""

    content: str
    occurred_on: date
    record_id: str
    kind: str
    region: str
    remedies: str | None


_LATEST: Final = (
    "SELECT v.content, r.occurred_on, r.record_id, v.kind, v.region, m.shown FROM record r"
    " JOIN record_version v ON v.record_id = r.record_id AND v.version = r.current_version"
    " LEFT JOIN record_mark m ON m.record_id = r.record_id"
    " WHERE r.uscc = :uscc{kind} AND (m.shared_until IS NULL OR m.shared_until >= :on OR r.provider IN :readers)"
    " AND (r.occurred_on < :day OR (r.occurred_on = :day AND r.record_id < :record_id))"
    " ORDER BY r.occurred_on DESC, r.record_id DESC LIMIT :limit"
)
_DAYS: Final[tuple[BindParameter[Any], ...]] = (
    bindparam("day", type_=Date), bindparam("on", type_=Date), bindparam("readers", expanding=True),
)  # fmt: skip
_LATEST_OF_ALL: Final = text(_LATEST.format(kind="")).bindparams(*_DAYS)
_LATEST_OF_KIND: Final = text(_LATEST.format(kind=" AND r.kind = :kind")).bindparams(*_DAYS)


def page_of(
    session: AnySession,
    uscc: str,
    *,
    kind: str | None,
    before: tuple[date, str] | None,
    limit: int,
    readers: Sequence[str],
    on: date,
) -> list[FiledRecord]:
    """Records of an enterprise in force, the latest first; what is shared no longer is left to its provider."""
    day, record_id = before or (date.max, "")
    values = {
        "uscc": uscc, "day": day, "record_id": record_id, "limit": limit, "on": on, "readers": list(readers),
    } | ({"kind": kind} if kind else {})  # fmt: skip
    rows = session.connection().execute(_LATEST_OF_KIND if kind else _LATEST_OF_ALL, values)
    return [
        FiledRecord(content, _day(day), found, of_kind, region, shown)
        for content, day, found, of_kind, region, shown in rows
    ]


def counts_of(session: AnySession, uscc: str) -> dict[str, int]:
    """How many current records an enterprise has, by kind."""
    rows = session.connection().execute(
        text(
            "SELECT kind, count(*) FROM record WHERE uscc = :uscc AND current_version IS NOT NULL GROUP BY kind ORDER BY kind"
        ),
        {"uscc": uscc},
    )
    return {kind: count for kind, count in rows}  # noqa: C416 - rows are not pairs to the type checker
