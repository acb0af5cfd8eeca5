"""The whole population in order of code, some hundreds of firms at a time."""

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import text

from services.kernel.bulk import joined
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


def behind(session: AnySession, rulebook: str) -> list[str]:
    """The codes of enterprises whose card of a rule book is missing, or is of an earlier version of the enterprise, which
    stands last in the card's bytes."""
    rows = session.connection().execute(
        text(
            "SELECT e.uscc FROM enterprise e LEFT JOIN card c ON c.uscc = e.uscc AND c.rulebook = :rulebook"
            " WHERE e.version > 0 AND (c.uscc IS NULL OR c.body NOT LIKE :last || e.version || '}') ORDER BY e.uscc"
        ),
        {"rulebook": rulebook, "last": '%"enterprise_version":'},
    )
    return [uscc for (uscc,) in rows]


def with_other_letter(session: AnySession, old: str, new: str) -> list[str]:
    """The codes of enterprises whose cards of two rule books differ in letter."""
    rows = session.connection().execute(
        text(
            "SELECT c.uscc FROM card c JOIN card d ON d.uscc = c.uscc AND d.rulebook = :new"
            " WHERE c.rulebook = :old AND c.letter <> d.letter ORDER BY c.uscc"
        ),
        {"old": old, "new": new},
    )
    return [uscc for (uscc,) in rows]
