"""Released rule books: their texts, and which one is active."""

from datetime import datetime

from sqlalchemy import text

from services.kernel.bulk import plain_value
from services.kernel.db import AnySession, WriteSession


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


def every(session: AnySession) -> list[dict[str, object]]:
    """All released rule books."""
    rows = session.connection().execute(text("SELECT id, digest, active, text FROM rulebook ORDER BY id"))
    return [
        {"id": book, "digest": digest, "active": bool(active), "text": source}
        for book, digest, active, source in rows
    ]


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
