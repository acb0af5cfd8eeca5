"""Supply quality, kept as it happens: never a scan of the verdicts.

What was accepted comes from the journal, which a worker counts in chunks when it is quiet, so that a large push does not
pay for it. What was refused, held or brought nothing new has no event; a page that has such items is counted in the
transaction that keeps its verdicts, once.
"""

import asyncio
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool

from services.exchange.context import Exchange
from services.exchange.domain.supply import UNKNOWN, Figures, Tally, figures_of, is_overdue
from services.exchange.service.verdicts import verdict_lines
from services.exchange.store import journal, supply
from services.kernel.calendar import Period, deadline, shipped
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession
from services.kernel.kinds import KINDS
from services.kernel.policy import EVERY, Policy

CHUNK: Final = 2_000
_IDLE_SECONDS: Final = 2.0
_BUSY: Final = 2_000
"""So many new events since the last look say that a push is under way; counting waits for its end, but not for ever."""
_LOOKS_PUT_OFF: Final = 15
_PAUSE_SECONDS: Final = 0.1
_HOUR: Final = len("2026-11-23T08")
_PLAIN: Final = '"verdict":"accepted"'


@dataclass(frozen=True, slots=True)
class Rhythm:
    """In which rhythm a kind is supplied: the longest time between pushes, and from the act to its record."""

    every: Period
    within: Period
    basis: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Sharing:
    """How a field group is shared: `unconditional`, `conditional` or `none`, with its basis."""

    share_class: str
    basis: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What the catalogue says of a kind beside its columns."""

    source: dict[str, str]
    rhythm: Rhythm
    sharing: dict[str, Sharing]


@cache
def terms_of(kind: str) -> Terms:
    """The terms of a kind; data of the release."""
    seed = tomllib.loads(files("services.exchange").joinpath("seed/catalogue.toml").read_text("utf-8"))
    own: dict[str, Any] = seed["kinds"].get(kind, {})
    rhythm = own.get("rhythm", seed["rhythm"])
    sharing = seed["sharing"] | own.get("sharing", {})
    return Terms(
        source=seed["source"][KINDS[kind].assertion],
        rhythm=Rhythm(
            Period(**rhythm["every"]), Period(**rhythm["within"]), rhythm["basis"], bool(rhythm["confirmed"])
        ),
        sharing={
            group: Sharing(said["class"], said["basis"], bool(said["confirmed"]))
            for group, said in sharing.items()
        },
    )


# --- counting


class _Statement(msgspec.Struct, gc=False):
    occurred_on: date | None = None
    details: dict[str, msgspec.Raw] = {}


class _Event(msgspec.Struct, gc=False):
    type: str
    recorded_at: str
    data: _Statement
    provider: str | None = None
    kind: str | None = None
    record_version: int | None = None


class _Item(msgspec.Struct):
    kind: Any = None


class _Verdict(msgspec.Struct):
    verdict: str


_read_events = msgspec.json.Decoder(_Event).decode_lines
_read_counts = msgspec.json.Decoder(dict[str, int]).decode
_read_item = msgspec.json.Decoder(_Item).decode
_read_verdict = msgspec.json.Decoder(_Verdict).decode
_COUNT_OF: Final = {
    "record_upserted": "accepted", "record_corrected": "corrected", "record_withdrawn": "withdrawn",
}  # fmt: skip
_NULL: Final = msgspec.Raw(b"null")


async def measure_supply(exchange: Exchange) -> None:
    """Count the journal's events for ever, a chunk at a time: it waits while a push is under way, and when it has waited
    long enough, goes on beside it with pauses."""
    seen, put_off = 0, 0
    while True:
        head = await run_in_threadpool(_head, exchange)
        is_busy, seen = head - seen > _BUSY, head
        if is_busy and put_off < _LOOKS_PUT_OFF:
            put_off += 1
            await asyncio.sleep(_IDLE_SECONDS)
            continue
        if await run_in_threadpool(count_events, exchange) == CHUNK:
            await asyncio.sleep(_PAUSE_SECONDS if put_off else 0)
        else:
            put_off = 0
            await asyncio.sleep(_IDLE_SECONDS)


def _head(exchange: Exchange) -> int:
    with exchange.database.read() as session:
        return journal.head(session).seq


def count_events(exchange: Exchange) -> int:
    """Count one chunk of events; answers how many it had. Each event is counted once, however many processes count."""
    with exchange.database.read() as session:
        before = supply.position(session)
        events = _read_events(supply.events_after(session, before, CHUNK))
    if not events:
        return 0
    tallies, last = _tally_events(events)
    with exchange.database.write("exchange.supply_counted") as session:
        if supply.move(session, before, before + len(events)) and last is not None:
            supply.add(session, tallies, datetime.fromisoformat(last))
    return len(events)


def _tally_events(events: Sequence[_Event]) -> tuple[dict[supply.Key, Tally], str | None]:
    """The counts of what was accepted, and when the last of it was recorded."""
    tallies, last = dict[supply.Key, Tally](), None
    for event in events:
        name = _COUNT_OF.get(event.type)
        if name is None or not event.provider or event.kind not in KINDS:
            continue
        last = event.recorded_at
        day = _day_of(last[:_HOUR])
        _count(tallies.setdefault((event.provider, event.kind, day), Tally()), name, event, day)
    return tallies, last


def _count(tally: Tally, name: str, event: _Event, day: date) -> None:
    setattr(tally, name, getattr(tally, name) + 1)
    if name == "withdrawn":
        return
    kind, statement = event.kind or "", event.data
    values = list(statement.details.values())
    tally.fillable += len(KINDS[kind].members)
    tally.filled += len(values) - values.count(_NULL)
    if event.record_version == 1 and statement.occurred_on is not None:
        tally.measured += 1
        tally.lag_days += max((day - statement.occurred_on).days, 0)
        tally.late += day > _due(kind, statement.occurred_on)


@lru_cache(maxsize=256)
def _day_of(hour: str) -> date:
    """The day in China of an hour in UTC: whole hours lie between the two."""
    return shanghai_day(datetime.fromisoformat(f"{hour}:00Z"))


@lru_cache(maxsize=20_000)
def _due(kind: str, occurred_on: date) -> date:
    return deadline(terms_of(kind).rhythm.within, occurred_on, shipped()).due_on


def tally_page(body: bytes, verdicts: str, counts: str, agency: str, day: date) -> dict[supply.Key, Tally]:
    """The counts of a page's items that made no event, by kind; a page of accepted items alone, as its counts tell, pays
    nothing."""
    tallies: dict[supply.Key, Tally] = {}
    told = _read_counts(counts)
    if told["accepted"] == told["total"]:
        return tallies
    for line, verdict in zip(body.split(b"\n"), verdict_lines(verdicts), strict=False):
        if _PLAIN in verdict:
            continue
        name = _read_verdict(verdict).verdict
        if name in ("unchanged", "held", "rejected"):
            tally = tallies.setdefault((agency, _kind_of(line), day), Tally())
            setattr(tally, name, getattr(tally, name) + 1)
    return tallies


def _kind_of(line: bytes) -> str:
    try:
        kind = _read_item(line).kind
    except (msgspec.DecodeError, UnicodeDecodeError):
        return UNKNOWN
    return kind if isinstance(kind, str) and kind in KINDS else UNKNOWN


# --- telling


@dataclass(frozen=True, slots=True)
class Supply:
    """One agency's supply of one kind over a period. `due_on` is the last day of its rhythm for the next push."""

    agency: str
    kind: str
    tally: Tally
    figures: Figures
    last_pushed_at: datetime | None
    due_on: date | None
    is_overdue: bool


def providers(policy: Policy, today: date) -> Iterator[tuple[str, str]]:
    """Who may push which kind today: each pair of agency and kind with a live grant."""
    pairs = {
        (grant.agency, kind)
        for grant in policy.grants
        if grant.direction == "push" and grant.in_force(today)
        for kind in (KINDS if grant.kind == EVERY else (grant.kind,))
    }
    yield from sorted(pair for pair in pairs if pair[1] in KINDS)


def supplies(
    session: AnySession,
    pairs: Collection[tuple[str, str]],
    *,
    agencies: Collection[str] | None,
    since: date,
    until: date,
    today: date,
) -> list[Supply]:
    """The supply of the pairs of agency and kind, and of all that came besides, in order."""
    counted = supply.sums(session, agencies=agencies, since=since, until=until)
    last = supply.last_pushes(session, agencies)
    wanted = {pair for pair in pairs if agencies is None or pair[0] in agencies} | counted.keys()
    return [_supply(agency, kind, counted, last, today) for agency, kind in sorted(wanted)]


def _supply(
    agency: str,
    kind: str,
    counted: dict[tuple[str, str], Tally],
    last: dict[tuple[str, str], datetime],
    today: date,
) -> Supply:
    tally, at = counted.get((agency, kind), Tally()), last.get((agency, kind))
    due_on = None
    if at is not None and kind in KINDS:
        due_on = deadline(terms_of(kind).rhythm.every, shanghai_day(at), shipped()).due_on
    return Supply(agency, kind, tally, figures_of(tally), at, due_on, is_overdue(due_on, today))
