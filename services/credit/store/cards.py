"""Cards in bulk: the letters before a regrade, and the cards after it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Date, bindparam, text

from services.credit.store.enterprises import CARD
from services.kernel.bulk import among, insert_rows, joined, update_rows
from services.kernel.db import AnySession, WriteSession

_KEY: Final = ("uscc", "rulebook")
_REST: Final = ("letter", "score", "valid_from", "next_change_on", "next_until", "body", "next_body")


_DUE: Final = text(
    "SELECT uscc FROM card WHERE rulebook = :rulebook AND next_change_on <= :tomorrow"
    " AND (next_change_on <= :today OR next_body IS NULL) ORDER BY uscc LIMIT :limit"
).bindparams(bindparam("today", type_=Date), bindparam("tomorrow", type_=Date))


def letters(session: AnySession, codes: Iterable[str], rulebook: str) -> dict[str, str]:
    """The letters on the cards of a rule book."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        import msgspec

        rows = connection.exec_driver_sql(
            "SELECT uscc, letter FROM card WHERE uscc IN (SELECT value FROM json_each(?)) AND rulebook = ?",
            (msgspec.json.encode(list(codes)).decode(), rulebook),
        )
    else:
        rows = connection.exec_driver_sql(
            f"SELECT uscc, letter FROM card WHERE uscc {among()} AND rulebook = %s",
            (joined(codes), rulebook),
        )
    return {uscc: letter for uscc, letter in rows}  # noqa: C416 - rows are not pairs to the type checker


def write(session: WriteSession, rows: Sequence[tuple[Any, ...]], *, known: Iterable[str]) -> None:
    """Store cards `(uscc, rulebook, letter, …)`; `known` are the codes that have one already."""
    existing = set(known)
    insert_rows(session, CARD, _KEY + _REST, [row for row in rows if row[0] not in existing])
    update_rows(session, CARD, _KEY, _REST, [row for row in rows if row[0] in existing])


def remove(session: WriteSession, rulebook: str) -> None:
    """Take away every card of a rule book."""
    session.connection().execute(text("DELETE FROM card WHERE rulebook = :rulebook"), {"rulebook": rulebook})


def due(session: AnySession, rulebook: str, today: date, limit: int) -> list[str]:
    """Codes whose card's segment has ended, or ends tomorrow with nothing rendered for the day after."""
    rows = session.connection().execute(
        _DUE, {"rulebook": rulebook, "today": today, "tomorrow": today + timedelta(days=1), "limit": limit}
    )
    return [uscc for (uscc,) in rows]
