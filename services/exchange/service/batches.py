"""Batches: received durably under an idempotency key, handed to credit page by page, answered, and receipted once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final
from uuid import uuid4

import httpx
import msgspec
import structlog
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool

from services.exchange.context import Exchange
from services.exchange.domain.body import Limits, cut
from services.exchange.domain.supply import Tally
from services.exchange.service import sheets
from services.exchange.service.receipts import sign_receipt
from services.exchange.service.supply import tally_page
from services.exchange.service.upload import Upload, identify
from services.exchange.service.verdicts import put_in_order, verdict_lines, with_items
from services.exchange.store import batches, supply
from services.exchange.tables import Batch
from services.kernel.access import AgencyPrincipal
from services.kernel.background import ahead
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession, WriteSession
from services.kernel.memory import LARGE_BYTES, after_large_page
from services.kernel.problems import Problem
from services.kernel.texts import Language

CLAIM: Final = timedelta(seconds=5)
"""How long a batch belongs to who works on it after each page; then another may go on."""
PAGES_AT_ONCE: Final = 3
"""How many pages of a window are under way: while the database works on some of them, credit reads another."""
BULK_BYTES: Final = 64 << 10
"""From which size on a page goes to credit as bulk."""
_BACKLOG_SECONDS: Final = 15
RAW: Final = "batch-body"
COUNTS: Final = ("total", "accepted", "unchanged", "held", "rejected")
COUNTS_HEADER: Final = "Zhixin-Counts"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answer:
    """What the caller of a push gets: the status and the bytes, stored to be given again."""

    status: int
    body: bytes
    batch_id: str


@dataclass(frozen=True)
class Received:
    """A batch that is durable now; `is_small` when its verdicts can be awaited in the request."""

    batch_id: str
    is_small: bool


def take_in(
    exchange: Exchange, upload: Upload, principal: AgencyPrincipal, *, key: str, language: Language
) -> Received | Answer:
    """Store a push, or find the answer that its key got before.

    Raises:
        Problem: the body is refused as a whole; the key was used with another body, or is being handled; too much of the
            agency's waits already.
    """
    known = _known(exchange, upload, principal.agency, key)
    if known is not None:
        return known
    _require_room(exchange, principal.agency)
    try:
        return _store(exchange, upload, principal, key=key, language=language)
    except IntegrityError:  # the same key arrived twice at once: the other one is being handled
        if (known := _known(exchange, upload, principal.agency, key)) is None:
            raise
        return known


def _require_room(exchange: Exchange, agency: str) -> None:
    """Refuse a push while credit is far behind with the agency's earlier ones: their bytes fill our disk meanwhile."""
    with exchange.database.read() as session:
        waiting = batches.waiting_records(session, agency)
    if waiting >= exchange.settings.waiting_records:
        raise Problem("rate_limited", headers={"Retry-After": str(_BACKLOG_SECONDS)})


def _known(exchange: Exchange, upload: Upload, agency: str, key: str) -> Answer | None:
    with exchange.database.read() as session:
        batch = batches.find_by_key(session, agency, key)
        if batch is None:
            return None
        if batch.fingerprint != upload.fingerprint:
            raise Problem("idempotency_key_reused")
        if batch.answer is None or batch.answer_status is None:
            raise Problem("idempotency_key_in_flight", headers={"Retry-After": "1"})
        return Answer(batch.answer_status, batch.answer.encode(), batch.id)


def _store(
    exchange: Exchange, upload: Upload, principal: AgencyPrincipal, *, key: str, language: Language
) -> Received:
    sealer, now, batch_id, total = exchange.sealer(RAW), exchange.clock(), uuid4().hex, 0
    cut_pages = cut(upload.lines(), identify, _limits(exchange))
    sealed_pages = ((page, sealer.seal(page.body)) for page in cut_pages)
    pages = ahead(sealed_pages) if upload.size > LARGE_BYTES else sealed_pages
    with exchange.database.write("exchange.batch_received") as session:
        batch = Batch(
            id=batch_id, no=batches.next_number(session), agency=principal.agency, client_id=principal.client_id,
            idempotency_key=key, fingerprint=upload.fingerprint, body_sha256=upload.body_sha256, language=language,
            status="processing", total=0, created_at=now, claimed_until=now + CLAIM,
            source=upload.sheet.source if upload.sheet else None,
        )  # fmt: skip
        session.add(batch)
        session.flush()
        sheets.keep(session, batch_id, upload, exchange.sealer(sheets.FILE))
        for page, sealed in pages:
            batches.keep_page(session, batch_id, page, sealed)
            total += page.items
        batch.total = total
        settings = exchange.settings
        is_small = total <= settings.inline_records and upload.size <= settings.inline_bytes
        if not is_small:
            batch.claimed_until = now  # nobody waits for it in a request: the worker may take it at once
            _promise(batch)
    return Received(batch_id, is_small)


def _limits(exchange: Exchange) -> Limits:
    return Limits(page_items=exchange.settings.page_items)


def _promise(batch: Batch) -> Answer:
    """Answer 202 now: the bytes are durable, the verdicts follow."""
    batch.answer_status = 202
    batch.answer = msgspec.json.encode(describe(batch)).decode()
    return Answer(202, batch.answer.encode(), batch.id)


def promise(exchange: Exchange, batch_id: str) -> Answer:
    """The 202 of a batch; when it has an answer by now, that one."""
    with exchange.database.write("exchange.batch_promised") as session:
        batch = session.get_one(Batch, batch_id, with_for_update=True)
        if batch.answer is None or batch.answer_status is None:
            return _promise(batch)
        return Answer(batch.answer_status, batch.answer.encode(), batch.id)


def describe(batch: Batch, so_far: dict[str, int] | None = None) -> dict[str, Any]:
    """A batch as the contract shows it, without its verdicts; `so_far` counts those of one that is still at work."""
    counts = dict.fromkeys(COUNTS, 0) | (so_far or {}) | {"total": batch.total}
    if batch.counts:
        counts = msgspec.json.decode(batch.counts)
    return {
        "id": batch.id, "status": batch.status, "counts": counts, "items_url": f"/v1/batches/{batch.id}/items",
        "idempotency_key": batch.idempotency_key, "created_at": batch.created_at, "completed_at": batch.completed_at,
        "receipt": batch.receipt, "source": msgspec.Raw(batch.source.encode()) if batch.source else None,
    }  # fmt: skip


async def process(exchange: Exchange, batch_id: str) -> None:
    """Hand every page without verdicts to credit, then complete the batch. Safe to run again, and to run twice.

    Raises:
        httpx.HTTPError: credit could not be reached or refused; the batch goes on later.
    """
    batch, open_pages = await run_in_threadpool(_open, exchange, batch_id)
    for window, pages in groupby(open_pages, key=itemgetter(0)):
        _, numbers, are_arranged = zip(*pages, strict=True)
        verdicts = await _process_window(exchange, batch, numbers)
        exchange.events.ring()
        if any(are_arranged):
            await run_in_threadpool(put_in_order, exchange, batch_id, window, verdicts)
    await run_in_threadpool(complete, exchange, batch_id)


async def _process_window(exchange: Exchange, batch: Batch, numbers: Sequence[int]) -> dict[int, str]:
    """Hand over the pages of one window, some at once, since no record stands on two of them. Answers the verdicts of
    arranged pages, by page: they are stored once, in the order of the batch, and until then credit would tell them again."""
    waiting, arranged = iter(numbers), dict[int, str]()

    async def work() -> None:
        for number in waiting:
            await _process_page(exchange, batch, number, arranged)

    working = [asyncio.create_task(work()) for _ in range(min(PAGES_AT_ONCE, len(numbers)))]
    try:
        await asyncio.gather(*working)
    except BaseException:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        raise
    return arranged


async def _process_page(exchange: Exchange, batch: Batch, number: int, arranged: dict[int, str]) -> None:
    page = await run_in_threadpool(_stored_page, exchange, batch.id, number)
    if page is None:
        return
    first_index, places, body = page
    verdicts, counts = await hand_over(
        exchange,
        agency=batch.agency,
        batch_id=batch.id,
        batch_no=batch.no,
        number=number,
        first_index=first_index,
        places=places,
        body=body,
        language="en" if batch.language == "en" else "zh",
    )
    verdicts = await run_in_threadpool(sheets.placed, exchange, batch, verdicts)
    today = shanghai_day(exchange.clock())
    tallies = await run_in_threadpool(tally_page, body, verdicts, counts, batch.agency, today)
    if places is not None:
        arranged[number] = verdicts
    stored = verdicts if places is None else None
    await run_in_threadpool(_keep_answer, exchange, batch, number, stored, counts, tallies)
    if len(body) > LARGE_BYTES:
        after_large_page()


def _open(exchange: Exchange, batch_id: str) -> tuple[Batch, list[tuple[int, int, bool]]]:
    with exchange.database.read() as session:
        batch = session.get_one(Batch, batch_id)
        session.expunge(batch)
        return batch, [] if batch.status == "completed" else batches.open_pages(session, batch_id)


def _stored_page(exchange: Exchange, batch_id: str, number: int) -> tuple[int, str | None, bytes] | None:
    """A page to hand on; None when another worker has stored its verdicts meanwhile."""
    with exchange.database.read() as session:
        page = batches.stored_page(session, batch_id, number)
    return None if page is None else (page[0], page[1], exchange.sealer(RAW).open(page[2]))


async def hand_over(
    exchange: Exchange,
    *,
    agency: str,
    batch_id: str,
    batch_no: int,
    number: int,
    first_index: int,
    places: str | None,
    body: bytes,
    language: Language,
    dry_run: bool = False,
) -> tuple[str, str]:
    """Credit's verdicts on a page and their counts. The places of an arranged page travel as a line before its items.

    Raises:
        httpx.HTTPError: credit could not be reached, or did not take the page.
    """
    answer = await exchange.credit.request(
        "POST",
        f"/internal/batches/{batch_id}/pages/{number}",
        params={
            "batch_no": batch_no, "first_index": first_index, "language": language,
            "arranged": "false" if places is None else "true", "dry_run": "true" if dry_run else "false",
        },
        content=body if places is None else places.encode() + b"\n" + body,
        actor=agency,
        is_bulk=len(body) > BULK_BYTES,
    )  # fmt: skip
    answer.raise_for_status()
    return answer.text, answer.headers[COUNTS_HEADER]


def _keep_answer(
    exchange: Exchange,
    batch: Batch,
    number: int,
    verdicts: str | None,
    counts: str,
    tallies: dict[supply.Key, Tally],
) -> None:
    now = exchange.clock()
    with exchange.database.write("exchange.page_answered") as session:
        if tallies and batches.lock_uncounted(session, batch.id, number):
            supply.add(session, tallies, now)
        batches.answer_page(
            session, batch.id, number, verdicts=verdicts, counts=counts, claimed_until=now + CLAIM
        )


def complete(exchange: Exchange, batch_id: str) -> None:
    """Count, sign the receipt and store the answer; the first to do so wins, so that one receipt exists."""
    with exchange.database.write("exchange.batch_completed") as session:
        batch = session.get_one(Batch, batch_id, with_for_update=True)
        if batch.status == "completed":
            return
        values = _completed(exchange, session, batch)
        batches.complete(session, batch_id, values)


def _completed(exchange: Exchange, session: WriteSession, batch: Batch) -> dict[str, Any]:
    digest, counts, now = sha256(), dict.fromkeys(COUNTS, 0), exchange.clock()
    inline: list[str] = []
    for _, _, verdicts, page_counts in batches.verdict_pages(session, batch.id):
        digest.update(verdicts.encode())
        _add(counts, page_counts)
        if batch.answer is None:
            inline += verdict_lines(verdicts)
    receipt = sign_receipt(exchange, batch, verdicts_sha256=digest.hexdigest(), counts=counts, now=now)
    values: dict[str, Any] = {
        "status": "completed", "counts": msgspec.json.encode(counts).decode(), "verdicts_sha256": digest.hexdigest(),
        "receipt": receipt, "completed_at": now,
    }  # fmt: skip
    if batch.answer is None:
        shown = describe(batch) | {
            "status": "completed",
            "counts": counts,
            "receipt": receipt,
            "completed_at": now,
        }
        values |= {"answer_status": 200, "answer": with_items(shown, inline).decode()}
    return values


def counts_so_far(session: AnySession, batch_id: str) -> dict[str, int]:
    """How many items of each verdict the answered pages of a batch hold."""
    counts = dict.fromkeys(COUNTS, 0)
    for page_counts in batches.page_counts(session, batch_id):
        _add(counts, page_counts)
    return counts


def _add(counts: dict[str, int], page_counts: str) -> None:
    for name, count in msgspec.json.decode(page_counts, type=dict[str, int]).items():
        counts[name] += count


def stored_answer(exchange: Exchange, batch_id: str) -> Answer | None:
    """The answer of a batch, once it has one."""
    with exchange.database.read() as session:
        batch = session.get_one(Batch, batch_id)
        if batch.answer is None or batch.answer_status is None:
            return None
        return Answer(batch.answer_status, batch.answer.encode(), batch.id)


async def rehearse(exchange: Exchange, upload: Upload, agency: str, language: Language) -> bytes:
    """What a push would do, doing nothing: the verdicts of a dry run of at most a page.

    Raises:
        Problem: `body_too_large` beyond a page; `service_unavailable` when credit does not answer.
    """
    limits = _limits(exchange)
    pages = await run_in_threadpool(lambda: list(islice(cut(upload.lines(), identify, limits), 2)))
    if len(pages) > 1:
        raise Problem("body_too_large", limit=f"{limits.page_items} / {limits.page_bytes}")
    verdicts, counts = "", msgspec.json.encode(dict.fromkeys(COUNTS, 0)).decode()
    try:
        for page in pages:
            verdicts, counts = await hand_over(
                exchange,
                agency=agency,
                batch_id="dry-run",
                batch_no=2**62,
                number=page.number,
                first_index=page.first_index,
                places=None,
                body=page.body,
                language=language,
                dry_run=True,
            )
    except httpx.HTTPError as failure:
        raise Problem("service_unavailable", headers={"Retry-After": "2"}) from failure
    described = {
        "id": None,
        "status": "dry_run",
        "counts": msgspec.json.decode(counts),
        "items_url": None,
        "receipt": None,
        "source": msgspec.Raw(upload.sheet.source.encode()) if upload.sheet else None,
    }
    return with_items(described, verdict_lines(sheets.placed_at_once(upload, verdicts)))
