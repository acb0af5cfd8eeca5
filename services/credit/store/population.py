"""The whole population in order of code, some hundreds of firms at a time."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import text

from services.credit.store.enterprises import ENTERPRISE, read_instant
from services.credit.store.grading import END_OF_LIST, SUCCESSORS
from services.kernel.bulk import joined, update_rows
from services.kernel.db import AnySession, WriteSession


def count(session: AnySession) -> int:
    """How many enterprises have a file."""
    return int(
        session.connection().execute(text("SELECT count(*) FROM enterprise WHERE version > 0")).scalar_one()
    )


def codes_after(session: AnySession, after: str, limit: int) -> list[str]:
    """The codes of the next enterprises with a file."""
    rows = session.connection().execute(
        text("SELECT uscc FROM enterprise WHERE uscc > :after AND version > 0 ORDER BY uscc LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [uscc for (uscc,) in rows]


def records_of(
    session: AnySession, codes: Sequence[str], kinds: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """The records in force of some kinds: enterprise, id and content."""
    if not codes or not kinds:
        return iter(())
    statement = (
        "SELECT r.uscc, r.record_id, v.content FROM record r"
        " JOIN record_version v ON v.record_id = r.record_id AND v.version = r.current_version"
        " WHERE r.uscc IN {codes} AND r.kind IN {kinds}"
    )
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        each = "(SELECT value FROM json_each(?))"
        values = tuple(msgspec.json.encode(list(listed)).decode() for listed in (codes, kinds))
        rows = connection.exec_driver_sql(statement.format(codes=each, kinds=each), values)
    else:
        each = "(SELECT unnest(string_to_array(%s, ',')))"
        rows = connection.exec_driver_sql(
            statement.format(codes=each, kinds=each), (joined(codes), joined(kinds))
        )
    return ((uscc, record_id, content) for uscc, record_id, content in rows.all())


def lock_all(session: WriteSession) -> None:
    """Keep every enterprise as it is until the transaction ends; readers go on. SQLite has one writer, which this is."""
    if session.connection().dialect.name != "sqlite":
        session.connection().exec_driver_sql("LOCK TABLE enterprise IN EXCLUSIVE MODE")


def behind(session: AnySession, rulebook: str, active: str) -> list[str]:
    """The codes of enterprises whose card of a rule book is missing, or is of an earlier version of the enterprise, or names
    other successors: with these a card's bytes end. Where the letter differs from the active book's, the version is the
    next one."""
    end = (
        "':' || CAST(e.version + CASE WHEN held.letter <> c.letter THEN 1 ELSE 0 END AS TEXT)"
        " || CASE WHEN e.succeeded_by IS NULL THEN '' ELSE :before || replace(e.succeeded_by, ',', '\",\"') || :after END"
        " || '}'"
    )
    rows = session.connection().execute(
        text(
            "SELECT e.uscc FROM enterprise e LEFT JOIN card c ON c.uscc = e.uscc AND c.rulebook = :rulebook"
            " LEFT JOIN card held ON held.uscc = e.uscc AND held.rulebook = :active"
            " WHERE e.version > 0 AND (c.uscc IS NULL"
            f" OR substr(c.body, length(c.body) - length({end}) + 1) <> {end})"
            " ORDER BY e.uscc"
        ),
        {"rulebook": rulebook, "active": active, "before": SUCCESSORS, "after": END_OF_LIST},
    )
    return [uscc for (uscc,) in rows]


class Changed(NamedTuple):
    """An enterprise whose cards of two rule books differ in letter; `score` is the new one."""

    uscc: str
    version: int
    region: str
    recorded_at: datetime
    before: str
    after: str
    score: int | None


def with_other_letter(session: AnySession, old: str, new: str) -> list[Changed]:
    """The enterprises whose cards of two rule books differ in letter, in order of code."""
    rows = session.connection().execute(
        text(
            "SELECT e.uscc, e.version, e.region, e.recorded_at, c.letter, d.letter, d.score FROM card c"
            " JOIN card d ON d.uscc = c.uscc AND d.rulebook = :new JOIN enterprise e ON e.uscc = c.uscc"
            " WHERE c.rulebook = :old AND c.letter <> d.letter ORDER BY c.uscc"
        ),
        {"old": old, "new": new},
    )
    return [
        Changed(code, version, region, read_instant(at), *graded)
        for code, version, region, at, *graded in rows
    ]


def advance(session: WriteSession, changed: Sequence[Changed]) -> None:
    """Raise the version of enterprises by one, the one that tells of a changed letter."""
    update_rows(
        session, ENTERPRISE, ("uscc",), ("version", "recorded_at"),
        [(each.uscc, each.version + 1, each.recorded_at) for each in changed],
    )  # fmt: skip
