"""Changes: the journal as an agency may see it, page by page, as a stream, or awaited."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from services.exchange.api.models import ChangesPage
from services.exchange.api.sessions import ThisExchange
from services.exchange.service import changes
from services.exchange.service.disclosure import PullDisclosure, disclosure_of, note_page, note_stream
from services.exchange.service.upload import NDJSON
from services.exchange.store.journal_lane import Reader, slices_of
from services.kernel.access import AgencyPrincipal, CallingAgency
from services.kernel.clock import shanghai_day
from services.kernel.kinds import KINDS
from services.kernel.policy import GRADE, GrantFact, Reach
from services.kernel.purpose import read_purpose

router: Final = APIRouter(prefix="/v1/changes", tags=["changes"])


@router.get(
    "",
    response_model=ChangesPage,
    responses={200: {"content": {NDJSON: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def list_changes(
    exchange: ThisExchange,
    principal: CallingAgency,
    request: Request,
    after: Annotated[
        str | None, Query(description="The `next` of the page before; the start when left out.")
    ] = None,
    kind: Annotated[
        str | None, Query(description="Only events of one kind; `grade` for changed grades.")
    ] = None,
    limit: Annotated[
        int | None, Query(ge=1, le=1_000, description="1,000 for JSON; without end for NDJSON.")
    ] = None,
    wait: Annotated[int, Query(ge=0, le=25, description="Seconds to wait while there is nothing new.")] = 0,
) -> Response:
    """The events after a cursor that the agency's grants cover, in order; every page states the range it covers.
    A page with fields beyond the public is entered into the access log before it is answered, for the purpose that the
    headers state, else for the grants' own."""
    lane = exchange.journal
    head = await lane.head()
    key = exchange.key("cursors")
    policy, today = exchange.policy(), shanghai_day(exchange.clock())
    succeeded = policy.succession.predecessors(principal.agency, today)
    start = await changes.start_of(
        lane, head, after, agency=principal.agency, kind=kind, cursor_key=key, succeeded=succeeded
    )
    grants = policy.grants_of(principal.agency, "pull", today)
    reach, disclosure = Reach(grants, [*KINDS, GRADE]), _disclosure(grants, principal, request)
    question = changes.Question(
        Reader(principal.agency, today),
        kind,
        start,
        slices_of(reach, kind),
        policy.version,
        key,
        changes.narrowing(reach),
    )
    if wait:
        head = await changes.wait_for_more(lane, question, wait)
    streamed = NDJSON in request.headers.get("accept", "")
    if streamed and limit is None:
        await note_stream(exchange, disclosure, question, head)
        return StreamingResponse(changes.stream(lane, head, question), media_type=NDJSON)
    page = await changes.page(lane, head, question, limit or 1_000)
    await note_page(exchange, disclosure, question, head, page.found, page.through)
    envelope, events = question.envelope(head, page.through), [question.shown(row.body) for row in page.found]
    if streamed:
        lines = "".join(f"{event}\n" for event in events).encode()
        return Response(lines + changes.control_line(envelope), media_type=NDJSON)
    body = msgspec.json.encode(envelope)[:-1] + b',"events":[' + ",".join(events).encode() + b"]}"
    return Response(body, media_type="application/json")


def _disclosure(grants: Sequence[GrantFact], principal: AgencyPrincipal, request: Request) -> PullDisclosure:
    stated = read_purpose(request.headers)
    return disclosure_of(grants, stated, principal, request.scope.get("zhixin.request_id", ""))
