"""Sheets of batches: how they were read, and the pieces of their files."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from services.exchange.store.batches import BATCH
from services.exchange.tables import BatchFile, BatchSheet
from services.kernel.db import AnySession, WriteSession

SHEET: Final = BatchSheet.__table__  # type: ignore[attr-defined]  # added by the table metaclass
FILE: Final = BatchFile.__table__  # type: ignore[attr-defined]  # added by the table metaclass


def keep_reading(session: WriteSession, batch_id: str, reading: bytes) -> None:
    """Keep how the sheet of a batch was read."""
    session.execute(SHEET.insert().values(batch_id=batch_id, reading=reading))


def reading_of(session: AnySession, batch_id: str) -> bytes | None:
    """How the sheet of a batch was read; None of a batch that was no sheet."""
    found = session.execute(select(SHEET.c.reading).where(SHEET.c.batch_id == batch_id)).scalar_one_or_none()
    return None if found is None else bytes(found)


def keep_piece(session: WriteSession, batch_id: str, number: int, body: bytes) -> None:
    """Keep one sealed piece of the file."""
    session.execute(FILE.insert().values(batch_id=batch_id, number=number, body=body))


def pieces(session: AnySession, batch_id: str) -> Iterator[bytes]:
    """The sealed pieces of the file in order; none when they were deleted in time."""
    query = select(FILE.c.body).where(FILE.c.batch_id == batch_id).order_by(FILE.c.number)
    with session.execute(query.execution_options(yield_per=4)) as rows:
        yield from (bytes(body) for (body,) in rows)


def forget_files(session: WriteSession, before: datetime, limit: int) -> int:
    """Delete files of batches completed before an instant; answers of how many batches."""
    old = select(BATCH.c.id).where(
        BATCH.c.status == "completed",
        BATCH.c.completed_at < before,
        BATCH.c.id.in_(select(FILE.c.batch_id)),
    )
    found = list(session.execute(old.limit(limit)).scalars())
    for batch_id in found:
        session.execute(delete(FILE).where(FILE.c.batch_id == batch_id))
    return len(found)
