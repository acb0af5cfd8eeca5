"""Enterprises and their names: locking, reading and writing many at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text

from services.credit.store.names import fold, index_names
from services.credit.tables import Card, Enterprise, EnterpriseName
from services.kernel.bulk import insert_rows, joined, plain_value, select_by_key, take_numbers, update_rows
from services.kernel.db import AnySession, WriteSession

ENTERPRISE: Final = Enterprise.__table__  # type: ignore[attr-defined]  # added by the table metaclass
NAME: Final = EnterpriseName.__table__  # type: ignore[attr-defined]  # added by the table metaclass
CARD: Final = Card.__table__  # type: ignore[attr-defined]  # added by the table metaclass

_COLUMNS: Final = ("uscc", "name", "region", "registered", "version", "recorded_at", "facts", "succeeded_by")


@dataclass(slots=True)
class EnterpriseState:
    """One locked enterprise as a transaction found it; `facts` is the stored JSON, as it is kept."""

    uscc: str
    name: str
    region: str
    registered: bool
    version: int
    recorded_at: datetime
    facts: bytes
    succeeded_by: str | None = None
    is_new: bool = field(default=False)

    @property
    def successors(self) -> tuple[str, ...]:
        """To whom the code of a firm that ceased points."""
        return tuple(self.succeeded_by.split(",")) if self.succeeded_by else ()


def lock(session: WriteSession, codes: Iterable[str]) -> None:
    """Take the enterprises' locks in code order, so that no two pages wait for each other in a ring.

    A code not yet known is locked by an empty row of its own. SQLite has one writer: its lock is already held.
    """
    if session.connection().dialect.name == "sqlite":
        return
    # DO UPDATE locks the row that is there already, in the same ordered pass; WHERE false leaves it as it is
    session.connection().exec_driver_sql(
        "INSERT INTO enterprise (uscc, name, region, registered, version, recorded_at, facts)"
        " SELECT code, '', '', false, 0, 'epoch', '[]' FROM unnest(string_to_array(%s, ',')) AS code ORDER BY code"
        " ON CONFLICT (uscc) DO UPDATE SET version = enterprise.version WHERE false",
        (joined(sorted(codes)),),
    )


def read(session: AnySession, codes: Iterable[str]) -> dict[str, EnterpriseState]:
    """The known enterprises among the codes."""
    rows = select_by_key(session, ENTERPRISE, "uscc", list(codes), _COLUMNS, long_texts_as_kept=True)
    return {
        row[0]: EnterpriseState(
            row[0], row[1], row[2], bool(row[3]), row[4], read_instant(row[5]), row[6], row[7]
        )
        for row in rows
        if row[4]
    }


def read_instant(value: datetime | str) -> datetime:
    """An instant as either database gives it."""
    parsed = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def write(session: WriteSession, states: Sequence[EnterpriseState]) -> None:
    """Store the states of locked enterprises, new ones included."""
    on_sqlite = session.connection().dialect.name == "sqlite"
    rows = [
        (s.uscc, s.name, s.region, s.registered, s.version, s.recorded_at, s.facts, s.succeeded_by)
        for s in states
    ]
    new = [row for row, state in zip(rows, states, strict=True) if state.is_new] if on_sqlite else []
    known = [row for row, state in zip(rows, states, strict=True) if not state.is_new] if on_sqlite else rows
    insert_rows(session, ENTERPRISE, _COLUMNS, new)
    update_rows(session, ENTERPRISE, _COLUMNS[:1], _COLUMNS[1:], known)


@dataclass(frozen=True, slots=True)
class Naming:
    """An enterprise takes a name; an earlier one becomes a former name."""

    uscc: str
    name: str
    since: datetime


def write_names(session: WriteSession, namings: Sequence[Naming]) -> None:
    """Enter new current names, end the ones they replace, and index them for search."""
    if not namings:
        return
    firsts = {naming.uscc: naming.since for naming in reversed(namings)}
    if session.connection().dialect.name == "sqlite":
        session.connection().exec_driver_sql(
            "UPDATE enterprise_name SET until = ?2 WHERE uscc = ?1 AND until IS NULL",
            [(uscc, plain_value(since)) for uscc, since in firsts.items()],
        )
    else:
        session.connection().exec_driver_sql(
            "UPDATE enterprise_name SET until = new.since FROM unnest(%s::text[], %s::timestamptz[]) AS new (uscc, since)"
            " WHERE enterprise_name.uscc = new.uscc AND until IS NULL",
            (list(firsts), list(firsts.values())),
        )
    numbers = take_numbers(session, NAME, "id", len(namings))
    rows = [
        (number, naming.uscc, naming.name, fold(naming.name), naming.since, until)
        for number, naming, until in zip(numbers, namings, _ends(namings), strict=True)
    ]
    insert_rows(session, NAME, ("id", "uscc", "name", "folded", "since", "until"), rows)
    index_names(session, [(row[0], row[3]) for row in rows])


def _ends(namings: Sequence[Naming]) -> list[datetime | None]:
    """When each of several new names ends: where the enterprise's next one begins."""
    ends: list[datetime | None] = []
    following: dict[str, datetime] = {}
    for naming in reversed(namings):
        ends.append(following.get(naming.uscc))
        following[naming.uscc] = naming.since
    return ends[::-1]


def names_of(session: AnySession, uscc: str) -> list[tuple[str, datetime, datetime | None]]:
    """Every name of an enterprise with its time, the current one first."""
    rows = session.connection().execute(
        text(
            "SELECT name, since, until FROM enterprise_name WHERE uscc = :uscc ORDER BY until IS NOT NULL, since DESC"
        ),
        {"uscc": uscc},
    )
    return [
        (name, read_instant(since), read_instant(until) if until else None) for name, since, until in rows
    ]
