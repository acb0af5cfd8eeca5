"""The relay: carries events from credit's outbox into the journal and gives them their place.

Exactly one relay numbers: it holds a lease, and the lease's token fences off one that was stopped and woke up late.
It takes what credit calls unsent, numbers under the head's lock only what the journal does not hold yet, commits, and
then tells credit. Killed anywhere, the next one goes on: nothing is lost, nothing numbered twice.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import uuid4

import httpx
import msgspec
import structlog
from starlette.concurrency import run_in_threadpool

from services.exchange.context import Exchange
from services.exchange.store import batches, journal, unshared
from services.kernel.db import WriteSession
from services.kernel.outbox import Acknowledgement, Acknowledgements, Event, Rewound, read_runs, with_position
from services.kernel.policy import GRADE

LEASE: Final = "relay"
LEASE_FOR: Final = timedelta(seconds=3)
CHUNK: Final = 5_000
_IDLE_SECONDS: Final = 0.1
_NOT_MINE_SECONDS: Final = 0.5
log = structlog.get_logger(__name__)

_MARKING: Final = ("credit_repair_", "record_marked")
"""Events that may change until when a record is shared."""
Run = tuple[int, list[Event]]


class _Mark(msgspec.Struct):
    shared_until: date | None = None


class _Marked(msgspec.Struct):
    mark: _Mark


class _MarkEvent(msgspec.Struct):
    data: _Marked


_read_mark: Final = msgspec.json.Decoder(_MarkEvent).decode
instant_of: Final = lru_cache(maxsize=256)(datetime.fromisoformat)
"""An instant from its text; the events of a page share a few."""


class RelayFenced(Exception):  # noqa: N818 - says what happened
    """Another relay has taken over since this one took its lease."""


class JournalClash(Exception):  # noqa: N818 - says what happened
    """Two different events claim the same version of one enterprise: somebody must look before anything goes on."""


async def relay_events(exchange: Exchange) -> None:
    """Carry events for ever, while this process holds the lease."""
    holding = _Holding(exchange, uuid4().hex)
    try:
        while True:
            try:
                moved = await _relay_once(exchange, holding)
            except (httpx.HTTPError, RelayFenced) as failure:
                holding.is_in_step = False
                log.warning("relay_waits", reason=type(failure).__name__)
                moved = None
            if moved is None:
                await asyncio.sleep(_NOT_MINE_SECONDS)
            elif moved < CHUNK:
                await exchange.events.rest(_IDLE_SECONDS)
    finally:
        await asyncio.shield(run_in_threadpool(_give_back, exchange, holding.holder))


class _Holding:
    """One relay's lease: taken, renewed when half of it is over, and known to be new or not."""

    def __init__(self, exchange: Exchange, holder: str) -> None:
        self._exchange, self.holder = exchange, holder
        self._renew_at: datetime | None = None
        self._token: int | None = None
        self.has_rewound = False
        self.is_in_step = False
        """Whether credit heard of everything that was appended, so that what it calls unsent can't be in the journal."""

    async def token(self) -> int | None:
        """The token of the lease, or None while another relay holds it."""
        now = self._exchange.clock()
        if self._token is None or self._renew_at is None or now >= self._renew_at:
            token = await run_in_threadpool(_take_lease, self._exchange, self.holder, now)
            self.has_rewound = self.has_rewound and token == self._token
            self.is_in_step = self.is_in_step and self.has_rewound
            self._token, self._renew_at = token, now + LEASE_FOR / 2
        return self._token


async def _relay_once(exchange: Exchange, holding: _Holding) -> int | None:
    """Carry one chunk; how many events came, or None while another relay holds the lease."""
    token = await holding.token()
    if token is None:
        return None
    if not holding.has_rewound:
        await _rewind(exchange)
        holding.has_rewound = True
    moved = await carry(exchange, token, is_in_step=holding.is_in_step)
    holding.is_in_step = True
    return moved


async def carry(exchange: Exchange, token: int, *, is_in_step: bool = False) -> int:
    """Carry one chunk of events; answers how many came. `is_in_step` spares asking the journal which it holds already.

    Raises:
        RelayFenced: another relay has taken over.
        JournalClash: an event contradicts the journal.
        httpx.HTTPError: credit could not be reached.
    """
    answer = await exchange.credit.request("GET", "/internal/outbox", params={"limit": CHUNK}, is_bulk=True)
    answer.raise_for_status()
    if not answer.content:
        return 0
    runs = read_runs(answer.content)
    epoch, places = await run_in_threadpool(_append_all, exchange, runs, token, is_in_step=is_in_step)
    held = Acknowledgements(epoch, [Acknowledgement(no, places[no]) for no, _ in runs])
    told = await exchange.credit.request(
        "POST", "/internal/outbox/acknowledgements", content=msgspec.json.encode(held)
    )
    told.raise_for_status()
    return sum(len(events) for _, events in runs)


def _append_all(
    exchange: Exchange, runs: Sequence[Run], token: int, *, is_in_step: bool
) -> tuple[int, dict[int, int]]:
    """Give every run its place, and append those that the journal does not hold; the epoch, and `seq` by run."""
    with exchange.database.write("exchange.journal_appended") as session:
        head = journal.lock_head(session)
        if head.fence > token:
            raise RelayFenced
        # a run was appended whole: its first event tells
        firsts = {no: events[0][0] for no, events in runs}
        versions = [(first.uscc, first.enterprise_version) for first in firsts.values()]
        known = {} if is_in_step else journal.known(session, versions)
        # where the journal holds the version under another id, appending will tell the clash
        places = {no: known[first.id] for no, first in firsts.items() if first.id in known}
        rows = _numbered(runs, places, epoch=head.epoch, after=head.seq)
        try:
            journal.append(session, rows)
        except Exception as failure:
            # the database's own words, not the statement that is quoted around them
            if not is_in_step and "enterprise_version" in str(getattr(failure, "orig", failure)):
                log.critical("journal_clash", events=[row[2] for row in rows][:5])
                raise JournalClash from failure
            raise
        _withdraw_from_sharing(session, runs, places)
        journal.move_head(session, seq=head.seq + len(rows), fence=token)
    return head.epoch, places


def _numbered(
    runs: Sequence[Run], places: dict[int, int], *, epoch: int, after: int
) -> list[tuple[Any, ...]]:
    """Rows for the runs that have no place yet; `places` learns it."""
    rows: list[tuple[Any, ...]] = []
    for no, events in runs:
        if no in places:
            continue
        places[no] = after + len(rows) + 1
        for seq, (header, event) in enumerate(events, places[no]):
            rows.append(
                (seq, epoch, header.id, header.uscc, header.enterprise_version, header.kind or GRADE,
                 header.region or "", instant_of(header.recorded_at), with_position(event, epoch=epoch, seq=seq))
            )  # fmt: skip
    return rows


def _withdraw_from_sharing(session: WriteSession, runs: Sequence[Run], places: dict[int, int]) -> None:
    """What the marks among the events say of sharing: a repaired record's earlier events are its provider's alone from
    the day on which sharing ends, and everybody's again when the repair is revoked."""
    for no, events in runs:
        for seq, (header, event) in enumerate(events, places[no]):
            if header.type.startswith(_MARKING) and header.record_id is not None:
                until = _read_mark(event).data.mark.shared_until
                unshared_from = None if until is None else until + timedelta(days=1)
                unshared.note(session, header.uscc, header.record_id, before=seq, unshared_from=unshared_from)


async def _rewind(exchange: Exchange) -> None:
    """On taking over: what credit believes sent above the journal's head was lost with it, and is sent again."""
    head = await run_in_threadpool(_head, exchange)
    answer = await exchange.credit.request("POST", "/internal/outbox/rewind", params={"head": head.seq})
    answer.raise_for_status()
    rewound = msgspec.json.decode(answer.content, type=Rewound)
    if rewound.unsent:  # restored: a batch under a number given before would be taken for an old one
        await run_in_threadpool(_number_above, exchange, rewound.batch_no)


def _number_above(exchange: Exchange, number: int) -> None:
    with exchange.database.write("exchange.numbers_raised") as session:
        batches.number_above(session, number)


def _head(exchange: Exchange) -> journal.Head:
    with exchange.database.read() as session:
        return journal.head(session)


def _take_lease(exchange: Exchange, holder: str, now: datetime) -> int | None:
    with exchange.database.write("exchange.lease_taken") as session:
        return journal.take_lease(session, LEASE, holder, now, now + LEASE_FOR)


def _give_back(exchange: Exchange, holder: str) -> None:
    with exchange.database.write("exchange.lease_given_back") as session:
        journal.give_back(session, LEASE, holder, exchange.clock())
