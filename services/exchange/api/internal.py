"""What only the other service may ask: the policy, as a feed by version."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.exchange.api.sessions import ThisExchange
from services.exchange.service.handover import redeem
from services.kernel.problems import Problem
from services.kernel.staff_sessions import HandoverRequest

router: Final = APIRouter(prefix="/internal", include_in_schema=False)


@router.post("/handovers")
async def redeem_handover(exchange: ThisExchange, request: Request) -> Response:
    """Who is behind a hand-over code, which is used up."""
    try:
        asked = msgspec.json.decode(await request.body(), type=HandoverRequest)
    except msgspec.DecodeError:
        raise Problem("json_malformed", position=0) from None
    found = await run_in_threadpool(redeem, exchange, asked.code)
    if found is None:
        raise Problem("not_found")
    return Response(msgspec.json.encode(found), media_type="application/json")


@router.get("/policy")
def policy_feed(exchange: ThisExchange, known: Annotated[int | None, Query(ge=0)] = None) -> Response:
    """The policy in force; when the caller knows its version already, only that it stands."""
    policy = exchange.policy()
    if policy.version == known:
        body = msgspec.json.encode({"version": policy.version, "unchanged": True})
    else:
        body = msgspec.json.encode(policy)
    return Response(body, media_type="application/json")
