"""Verdicts of batch pages, kept so that a page sent again is answered and not done again."""

from sqlalchemy import text

from services.kernel.db import AnySession, WriteSession


def find(session: AnySession, batch_id: str, page: int) -> tuple[str, str, str] | None:
    """The digest of the page's body, its verdicts and its counts, if it was done."""
    row = (
        session.connection()
        .execute(
            text(
                "SELECT body_sha256, verdicts, counts FROM batch_page WHERE batch_id = :batch_id AND page = :page"
            ),
            {"batch_id": batch_id, "page": page},
        )
        .one_or_none()
    )
    return (row[0], row[1], row[2]) if row else None


def keep(
    session: WriteSession, batch_id: str, page: int, *, body_sha256: str, verdicts: str, counts: str
) -> None:
    """Store what became of a page."""
    session.connection().execute(
        text(
            "INSERT INTO batch_page (batch_id, page, body_sha256, verdicts, counts)"
            " VALUES (:batch_id, :page, :body_sha256, :verdicts, :counts)"
        ),
        {
            "batch_id": batch_id,
            "page": page,
            "body_sha256": body_sha256,
            "verdicts": verdicts,
            "counts": counts,
        },
    )
