"""What the exchange alone may call: pages of batches in, events out."""

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from services.credit.api.dependencies import Reading, State
from services.credit.service.intake import Page, take_page
from services.credit.store import access_entries, outbox, records
from services.kernel.access import CallingService
from services.kernel.access_log import AccessAcknowledgement, AccessEntries
from services.kernel.memory import LARGE_BYTES, after_large_page
from services.kernel.outbox import Acknowledgements, Rewound, render_runs
from services.kernel.problems import Problem

router = APIRouter(prefix="/internal", include_in_schema=False)
COUNTS_HEADER = "Zhixin-Counts"
NDJSON = "application/x-ndjson"
_read_places = msgspec.json.Decoder(list[int]).decode


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
    arranged: Annotated[bool, Query()] = False,
    dry_run: Annotated[bool, Query()] = False,
) -> Response:
    """Take one page of a batch on behalf of the agency that the token names; answers its verdicts.

    The first line of an arranged page lists the indexes of its items; others follow each other from `first_index`.
    """
    policy = state.policy()
    provider = policy.agency.get(caller.actor or "")
    if provider is None:
        raise Problem("not_found")
    body, places = await request.body(), None
    if arranged:
        head, _, body = body.partition(b"\n")
        places = _read_places(head)
    page = Page(batch_id, batch_no, number, first_index, body, language, dry_run, places)
    result = await run_in_threadpool(take_page, state.credit, page, provider, policy)
    if len(body) > LARGE_BYTES:
        after_large_page()
    return Response(result.verdicts.encode(), media_type=NDJSON, headers={COUNTS_HEADER: result.counts})


@router.get("/outbox")
def unsent_events(state: State, limit: Annotated[int, Query(ge=1, le=10_000)] = 5_000) -> Response:
    """Events that the journal is not known to hold, in order."""
    # a session of this thread's own: one that the request holds is closed under it when the relay goes away
    with state.credit.database.read() as session:
        runs, lines = outbox.unsent(session, limit)
    return Response(render_runs([(run.first, run.events) for run in runs], lines), media_type=NDJSON)


@router.post("/outbox/acknowledgements")
async def acknowledge(state: State, request: Request) -> dict[str, int]:
    """Note which runs of events the journal holds, and where."""
    try:
        held = msgspec.json.decode(await request.body(), type=Acknowledgements)
    except msgspec.DecodeError:
        raise Problem("json_malformed", position=0) from None
    return {"marked": await run_in_threadpool(_mark, state, held)}


def _mark(state: State, held: Acknowledgements) -> int:
    with state.credit.database.write("credit.events_acknowledged") as session:
        outbox.mark_sent(session, held.epoch, [(run.no, run.seq) for run in held.runs])
    return len(held.runs)


@router.post("/outbox/rewind")
def rewind(state: State, head: Annotated[int, Query(ge=0)]) -> Response:
    """The journal was restored to a head: events above it are to be sent again. Where there are any, the answer tells the
    highest number of a batch too, which only a look at every record can say."""
    with state.credit.database.write("credit.outbox_rewound") as session:
        unsent = outbox.forget_above(session, head)
        answer = Rewound(unsent, records.highest_batch_no(session) if unsent else 0)
    return Response(msgspec.json.encode(answer), media_type="application/json")


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
