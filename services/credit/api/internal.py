"""What the exchange alone may call: pages of batches in, events out."""

import asyncio
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from services.credit.api.dependencies import Reading, State
from services.credit.service.intake import Page, apply_page, is_done, read_page
from services.credit.store import access_entries, outbox
from services.kernel.access import CallingService
from services.kernel.access_log import AccessAcknowledgement, AccessEntries
from services.kernel.outbox import Acknowledgements, wire_line
from services.kernel.problems import Problem

router = APIRouter(prefix="/internal", include_in_schema=False)
COUNTS_HEADER = "Zhixin-Counts"
NDJSON = "application/x-ndjson"
TURN_SECONDS = 10.0
TURN_STEP = 0.02


@router.post("/batches/{batch_id}/pages/{number}")
async def take(
    state: State,
    caller: CallingService,
    request: Request,
    batch_id: str,
    number: int,
    batch_no: Annotated[int, Query()],
    first_index: Annotated[int, Query()],
    language: Annotated[Literal["zh", "en"], Query()] = "zh",
    dry_run: Annotated[bool, Query()] = False,
) -> Response:
    """Take one page of a batch on behalf of the agency that the token names; answers its verdicts."""
    policy = state.policy()
    provider = policy.agency.get(caller.actor or "")
    if provider is None:
        raise Problem("not_found")
    page = Page(batch_id, batch_no, number, first_index, await request.body(), language, dry_run)
    read = await run_in_threadpool(read_page, state.credit, page, provider, policy)
    await _await_turn(state, page)
    result = await run_in_threadpool(apply_page, state.credit, read)
    return Response(result.verdicts.encode(), media_type=NDJSON, headers={COUNTS_HEADER: result.counts})


async def _await_turn(state: State, page: Page) -> None:
    """Pages of a batch apply in order. The exchange sends the next one early, so that it is read meanwhile."""
    waited = 0.0
    while page.number and not page.dry_run:
        if await run_in_threadpool(is_done, state.credit, page.batch_id, page.number - 1):
            return
        if waited > TURN_SECONDS:
            raise Problem("service_unavailable", headers={"Retry-After": "1"})
        await asyncio.sleep(TURN_STEP)
        waited += TURN_STEP


@router.get("/outbox")
def unsent_events(session: Reading, limit: Annotated[int, Query(ge=1, le=10_000)] = 5_000) -> Response:
    """Events that the journal is not known to hold, in order."""
    lines = [wire_line(no, event.encode()) for no, event in outbox.unsent(session, limit)]
    return Response(b"".join(lines), media_type=NDJSON)


@router.post("/outbox/acknowledgements")
async def acknowledge(state: State, request: Request) -> dict[str, int]:
    """Note which events the journal holds, and where."""
    try:
        held = msgspec.json.decode(await request.body(), type=Acknowledgements)
    except msgspec.DecodeError:
        raise Problem("json_malformed", position=0) from None
    return {"marked": await run_in_threadpool(_mark, state, held)}


def _mark(state: State, held: Acknowledgements) -> int:
    with state.credit.database.write("credit.events_acknowledged") as session:
        outbox.mark_sent(session, held.epoch, [(event.no, event.seq) for event in held.events])
    return len(held.events)


@router.post("/outbox/rewind")
def rewind(state: State, head: Annotated[int, Query(ge=0)]) -> dict[str, int]:
    """The journal was restored to a head: events above it are to be sent again."""
    with state.credit.database.write("credit.outbox_rewound") as session:
        return {"unsent": outbox.forget_above(session, head)}


@router.get("/access-entries")
def unsent_access_entries(
    session: Reading, limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000
) -> Response:
    """Restricted reads that the access log is not known to hold, in order."""
    entries = AccessEntries(access_entries.unsent(session, limit))
    return Response(msgspec.json.encode(entries), media_type="application/json")


@router.post("/access-entries/acknowledgements")
async def acknowledge_access_entries(state: State, request: Request) -> dict[str, int]:
    """Note which restricted reads the access log holds."""
    try:
        held = msgspec.json.decode(await request.body(), type=AccessAcknowledgement)
    except msgspec.DecodeError:
        raise Problem("json_malformed", position=0) from None
    return {"marked": await run_in_threadpool(_mark_access_entries, state, held)}


def _mark_access_entries(state: State, held: AccessAcknowledgement) -> int:
    with state.credit.database.write("credit.access_entries_acknowledged") as session:
        access_entries.mark_sent(session, held.numbers, state.credit.clock())
    return len(held.numbers)
