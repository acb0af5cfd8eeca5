"""What only the other service may ask: the policy, as a feed by version."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from services.exchange.api.sessions import ThisExchange

router: Final = APIRouter(prefix="/internal", include_in_schema=False)


@router.get("/policy")
def policy_feed(exchange: ThisExchange, known: Annotated[int | None, Query(ge=0)] = None) -> Response:
    """The policy in force; when the caller knows its version already, only that it stands."""
    policy = exchange.policy()
    if policy.version == known:
        body = msgspec.json.encode({"version": policy.version, "unchanged": True})
    else:
        body = msgspec.json.encode(policy)
    return Response(body, media_type="application/json")
