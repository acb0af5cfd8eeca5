"""Batches and their pages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import func, select, text, update

from services.exchange.domain.body import PageCut
from services.exchange.tables import Batch, BatchPage, JournalHead
from services.kernel.bulk import select_bytes, take_numbers
from services.kernel.db import AnySession, WriteSession

BATCH: Final = Batch.__table__  # type: ignore[attr-defined]  # added by the table metaclass
PAGE: Final = BatchPage.__table__  # type: ignore[attr-defined]  # added by the table metaclass
HEAD: Final = JournalHead.__table__  # type: ignore[attr-defined]  # added by the table metaclass


def next_number(session: WriteSession) -> int:
    """The number of a new batch, in the order of receipt: above every number that was ever given."""
    number = take_numbers(session, BATCH, "no", 1)[0]
    if session.get_bind().dialect.name == "postgresql":
        return number  # of the sequence, which `number_above` moved on
    floor: int = session.execute(select(HEAD.c.batch_floor)).scalar_one()
    return max(number, floor + 1)


def number_above(session: WriteSession, number: int) -> None:
    """Give new batches numbers above one that credit knows; nothing when they have them already."""
    session.execute(update(HEAD).where(HEAD.c.batch_floor < number).values(batch_floor=number))
    if session.get_bind().dialect.name == "postgresql":
        moved = text("SELECT setval('batch_no_seq', :number) FROM batch_no_seq WHERE last_value < :number")
        session.execute(moved, {"number": number})


def find(session: AnySession, batch_id: str, agency: str) -> Batch | None:
    """An agency's own batch."""
    batch = session.get(Batch, batch_id)
    return batch if batch is not None and batch.agency == agency else None


def find_by_key(session: AnySession, agency: str, key: str) -> Batch | None:
    """The batch that an agency pushed under an idempotency key."""
    return session.execute(
        select(Batch).where(BATCH.c.agency == agency, BATCH.c.idempotency_key == key)
    ).scalar_one_or_none()


def page_of(session: AnySession, agency: str, *, before: int | None, limit: int) -> list[Batch]:
    """An agency's batches, the latest first, those before a number."""
    query = select(Batch).where(BATCH.c.agency == agency).order_by(BATCH.c.no.desc()).limit(limit)
    return list(session.execute(query if before is None else query.where(BATCH.c.no < before)).scalars())


def keep_page(session: WriteSession, batch_id: str, page: PageCut, sealed: bytes) -> None:
    """Store one page, its body sealed."""
    session.execute(
        PAGE.insert().values(
            batch_id=batch_id, number=page.number, cut_window=page.window, first_index=page.first_index,
            places=None if page.places is None else msgspec.json.encode(page.places).decode(), body=sealed,
        )
    )  # fmt: skip


def open_pages(session: AnySession, batch_id: str) -> list[tuple[int, int, bool]]:
    """The pages that have no verdicts in the order of the batch yet: window, number, whether it is arranged; in order."""
    is_arranged = PAGE.c.places.is_not(None)
    query = select(PAGE.c.cut_window, PAGE.c.number, is_arranged).where(
        PAGE.c.batch_id == batch_id, PAGE.c.verdicts.is_(None) | is_arranged
    )
    return [tuple(row) for row in session.execute(query.order_by(PAGE.c.number))]


def stored_page(session: AnySession, batch_id: str, number: int) -> tuple[int, str | None, bytes] | None:
    """A page to hand on: its first index, the places of its items, and these sealed; None when it has its verdicts.

    Raises:
        LookupError: the bytes were deleted in time, so that the page can't be handed on again.
    """
    query = "SELECT first_index, places, body, verdicts IS NULL FROM batch_page WHERE batch_id = %s AND number = %s"
    page = select_bytes(session, query, (batch_id, number))
    if page is not None and not page[3]:
        return None
    if page is None or page[2] is None:
        raise LookupError(f"page {number} of batch {batch_id} has no bytes")
    return page[0], page[1], bytes(page[2])


def arranged_pages(session: WriteSession, batch_id: str, window: int) -> list[tuple[int, str, str | None]]:
    """The pages of a window that is not in the order of the batch, and theirs: number, places, and the verdicts of pages
    that an earlier release stored in the order of their items."""
    query = select(PAGE.c.number, PAGE.c.places, PAGE.c.verdicts).where(
        PAGE.c.batch_id == batch_id, PAGE.c.cut_window == window, PAGE.c.places.is_not(None)
    )
    found = session.execute(query.order_by(PAGE.c.number).with_for_update())
    return [(number, places, verdicts) for number, places, verdicts in found]


def place_verdicts(session: WriteSession, batch_id: str, number: int, verdicts: str) -> None:
    """Give a page its share of its window's verdicts, which are in the order of the batch now."""
    session.execute(
        update(PAGE)
        .where(PAGE.c.batch_id == batch_id, PAGE.c.number == number)
        .values(verdicts=verdicts, places=None)
    )


def lock_uncounted(session: WriteSession, batch_id: str, number: int) -> bool:
    """Whether a page has no counts yet; nobody else gives it any before this transaction ends."""
    query = select(PAGE.c.number).where(
        PAGE.c.batch_id == batch_id, PAGE.c.number == number, PAGE.c.counts.is_(None)
    )
    return session.execute(query.with_for_update()).scalar_one_or_none() is not None


def answer_page(
    session: WriteSession,
    batch_id: str,
    number: int,
    *,
    verdicts: str | None,
    counts: str,
    claimed_until: datetime,
) -> None:
    """Store the counts of a page, with its verdicts unless these follow in the order of the batch; hold the batch on."""
    session.execute(
        update(PAGE)
        .where(PAGE.c.batch_id == batch_id, PAGE.c.number == number, PAGE.c.verdicts.is_(None))
        .values(counts=counts, **({} if verdicts is None else {"verdicts": verdicts}))
    )
    session.execute(update(BATCH).where(BATCH.c.id == batch_id).values(claimed_until=claimed_until))


def verdict_pages(
    session: AnySession, batch_id: str, *, start: int = 0
) -> Iterable[tuple[int, int, str, str]]:
    """The answered pages in order: number, first index, verdicts, counts; one at a time."""
    query = select(PAGE.c.number, PAGE.c.first_index, PAGE.c.verdicts, PAGE.c.counts).where(
        PAGE.c.batch_id == batch_id, PAGE.c.number >= start, PAGE.c.verdicts.is_not(None)
    )
    with session.execute(query.order_by(PAGE.c.number).execution_options(yield_per=8)) as rows:
        yield from ((number, first_index, verdicts, counts) for number, first_index, verdicts, counts in rows)


def page_counts(session: AnySession, batch_id: str) -> list[str]:
    """The counts of the answered pages."""
    query = select(PAGE.c.counts).where(PAGE.c.batch_id == batch_id, PAGE.c.counts.is_not(None))
    return [counts for (counts,) in session.execute(query)]


def complete(session: WriteSession, batch_id: str, values: dict[str, Any]) -> bool:
    """Complete a batch once; False when another has done so, whose receipt then stands."""
    result = session.execute(
        update(BATCH).where(BATCH.c.id == batch_id, BATCH.c.status != "completed").values(**values)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]  # an update's result counts its rows


def claim_next(
    session: WriteSession, now: datetime, until: datetime, *, skip: Iterable[str] = ()
) -> str | None:
    """Hold the oldest batch that nobody works on; its id, or None."""
    query = (
        select(BATCH.c.id)
        .where(BATCH.c.status == "processing", BATCH.c.claimed_until <= now, BATCH.c.id.not_in(list(skip)))
        .order_by(BATCH.c.no)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    batch_id: str | None = session.execute(query).scalar_one_or_none()
    if batch_id is not None:
        session.execute(update(BATCH).where(BATCH.c.id == batch_id).values(claimed_until=until))
    return batch_id


def forget_bodies(session: WriteSession, before: datetime, limit: int) -> int:
    """Delete the bytes of batches completed before an instant; answers of how many pages."""
    old = select(BATCH.c.id).where(BATCH.c.status == "completed", BATCH.c.completed_at < before)
    pages = (
        select(PAGE.c.batch_id, PAGE.c.number)
        .where(PAGE.c.batch_id.in_(old), PAGE.c.body.is_not(None))
        .limit(limit)
    )
    found = session.execute(pages).all()
    for batch_id, number in found:
        session.execute(
            update(PAGE).where(PAGE.c.batch_id == batch_id, PAGE.c.number == number).values(body=None)
        )
    return len(found)


def waiting_records(session: AnySession, agency: str) -> int:
    """How many records of an agency stand in batches that are still being handled."""
    query = select(func.coalesce(func.sum(BATCH.c.total), 0))
    return int(
        session.execute(query.where(BATCH.c.status == "processing", BATCH.c.agency == agency)).scalar_one()
    )


def count_open(session: AnySession) -> int:
    """How many batches are still being handled."""
    query = select(func.count()).select_from(BATCH).where(BATCH.c.status == "processing")
    return int(session.execute(query).scalar_one())
