"""Counts of supply: added up where they are kept, summed when they are read."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.exchange.domain.supply import COUNTS, Tally
from services.exchange.tables import SupplyDay, SupplyPosition
from services.kernel.bulk import select_bytes
from services.kernel.db import AnySession, WriteSession

DAY: Final = SupplyDay.__table__  # type: ignore[attr-defined]  # added by the table metaclass
POSITION: Final = SupplyPosition.__table__  # type: ignore[attr-defined]  # added by the table metaclass
_EVENTS: Final = "(SELECT body FROM journal WHERE seq > %s AND seq <= %s ORDER BY seq) AS found"
_LINES: Final = {
    "postgresql": f"SELECT convert_to(string_agg(body, chr(10)), 'UTF8') FROM {_EVENTS}",
    "sqlite": f"SELECT CAST(group_concat(body, char(10)) AS BLOB) FROM {_EVENTS}",
}
Key = tuple[str, str, date]
"""Agency, kind, day."""


def add(session: WriteSession, tallies: Mapping[Key, Tally], at: datetime) -> None:
    """Count more, in the order of keys, so that two that count at once wait for each other and never in a ring."""
    if not tallies:
        return
    insert: Any = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    statement = insert(DAY)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["agency", "kind", "day"],
        set_={name: DAY.c[name] + new[name] for name in COUNTS}
        | {"last_at": case((new.last_at > DAY.c.last_at, new.last_at), else_=DAY.c.last_at)},
    )
    for (agency, kind, day), tally in sorted(tallies.items()):
        counts = {name: getattr(tally, name) for name in COUNTS}
        session.execute(statement.values(agency=agency, kind=kind, day=day, last_at=at, **counts))


def position(session: AnySession) -> int:
    """The last event that is counted."""
    return int(session.execute(select(POSITION.c.seq)).scalar_one_or_none() or 0)


def move(session: WriteSession, before: int, after: int) -> bool:
    """Move the position; False when another process has moved it meanwhile."""
    moved = session.execute(update(POSITION).where(POSITION.c.seq == before).values(seq=after))
    return bool(moved.rowcount)  # type: ignore[attr-defined]  # an update's result counts its rows


def events_after(session: AnySession, seq: int, limit: int) -> bytes:
    """Events behind a place as lines, put together by the database: nothing has to be made of each row here."""
    query = _LINES[session.connection().dialect.name]
    row = select_bytes(session, query, (seq, seq + limit))
    return bytes(row[0]) if row and row[0] is not None else b""


def sums(
    session: AnySession,
    *,
    agencies: Collection[str] | None = None,
    kind: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> dict[tuple[str, str], Tally]:
    """The counts of each agency and kind over some days; None does not narrow."""
    columns = [func.sum(DAY.c[name]) for name in COUNTS]
    query = select(DAY.c.agency, DAY.c.kind, *columns).group_by(DAY.c.agency, DAY.c.kind)
    if agencies is not None:
        query = query.where(DAY.c.agency.in_(agencies))
    if kind is not None:
        query = query.where(DAY.c.kind == kind)
    if since is not None:
        query = query.where(DAY.c.day >= since)
    if until is not None:
        query = query.where(DAY.c.day <= until)
    return {
        (row[0], row[1]): Tally(**dict(zip(COUNTS, map(int, row[2:]), strict=True)))
        for row in session.execute(query)
    }


def last_pushes(
    session: AnySession, agencies: Collection[str] | None = None
) -> dict[tuple[str, str], datetime]:
    """When each agency last pushed each kind."""
    query = select(DAY.c.agency, DAY.c.kind, func.max(DAY.c.last_at)).group_by(DAY.c.agency, DAY.c.kind)
    if agencies is not None:
        query = query.where(DAY.c.agency.in_(agencies))
    return {(agency, kind): at for agency, kind, at in session.execute(query)}
