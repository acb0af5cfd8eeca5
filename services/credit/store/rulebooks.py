"""Released rule books: their texts, and which one is active."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, text

from services.credit.store.enterprises import read_instant
from services.kernel.bulk import plain_value
from services.kernel.db import AnySession, Instant, WriteSession


def active_id(session: AnySession) -> str:
    """The id of the rule book that grades now.

    Raises:
        sqlalchemy.exc.NoResultFound: none is active; the database was never served.
    """
    return str(session.connection().execute(text("SELECT id FROM rulebook WHERE active")).scalar_one())


def text_of(session: AnySession, book_id: str) -> str:
    """The text of a released rule book."""
    return str(
        session.connection()
        .execute(text("SELECT text FROM rulebook WHERE id = :id"), {"id": book_id})
        .scalar_one()
    )


def digest_of(session: AnySession, book_id: str) -> str | None:
    """The digest of a released rule book, or None when it is not entered."""
    found = session.connection().execute(text("SELECT digest FROM rulebook WHERE id = :id"), {"id": book_id})
    return found.scalar_one_or_none()


class StoredBook(NamedTuple):
    """A rule book as the table keeps it."""

    id: str
    digest: str
    active: bool
    activated_at: datetime | None
    text: str


_BOOKS: Final = "SELECT id, digest, active, activated_at, text FROM rulebook"


def every(session: AnySession) -> list[StoredBook]:
    """All released rule books, by id."""
    return [_stored(row) for row in session.connection().execute(text(f"{_BOOKS} ORDER BY id"))]


def find(session: AnySession, book_id: str) -> StoredBook | None:
    """A released rule book."""
    row = session.connection().execute(text(f"{_BOOKS} WHERE id = :id"), {"id": book_id}).one_or_none()
    return _stored(row) if row else None


def _stored(row: Any) -> StoredBook:
    return StoredBook(row[0], row[1], bool(row[2]), read_instant(row[3]) if row[3] else None, row[4])


def building_id(session: AnySession) -> str | None:
    """The id of the rule book whose cards are being built beside the active one's."""
    found = session.connection().execute(
        text("SELECT rulebook FROM rulebook_activation WHERE state = 'building'")
    )
    return found.scalar_one_or_none()


def enter(session: WriteSession, book_id: str, *, digest: str, source: str) -> None:
    """Enter a rule book that does not grade yet."""
    session.connection().execute(
        text("INSERT INTO rulebook (id, digest, text, active) VALUES (:id, :digest, :text, :active)"),
        {"id": book_id, "digest": digest, "text": source, "active": False},
    )


def point_to(session: WriteSession, book_id: str, now: datetime) -> None:
    """Let a rule book grade from now on, instead of the one before. Since when it first graded is kept."""
    session.connection().execute(
        text(
            "UPDATE rulebook SET active = (id = :id),"
            " activated_at = CASE WHEN id = :id THEN coalesce(activated_at, :now) ELSE activated_at END"
        ).bindparams(bindparam("now", type_=Instant)),
        {"id": book_id, "now": now},
    )


def enter_active(session: WriteSession, book_id: str, *, digest: str, source: str, now: datetime) -> None:
    """Enter a rule book as the active one, unless another starter has done so."""
    instant = plain_value(now) if session.connection().dialect.name == "sqlite" else now
    session.connection().execute(
        text(
            "INSERT INTO rulebook (id, digest, text, activated_at, active) VALUES (:id, :digest, :text, :now, :active)"
            " ON CONFLICT DO NOTHING"
        ),
        {"id": book_id, "digest": digest, "text": source, "now": instant, "active": True},
    )
