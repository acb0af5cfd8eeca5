"""Previews: what a record that is not pushed yet would do."""

import json
from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from services.credit.api.dependencies import PullReach, State, spend
from services.credit.api.preview_models import Preview
from services.credit.service.previews import codes_in, preview
from services.kernel.access import CallingAgency, Scope
from services.kernel.problems import Problem
from services.kernel.texts import choose

ROUTE: Final = "/v1/previews"
router = APIRouter(prefix=ROUTE, tags=["previews"])
_BODY: Final = {
    "requestBody": {
        "required": True,
        "description": "One record in the shape of a push.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@router.post("", response_model=Preview, openapi_extra=_BODY)
async def preview_record(
    state: State, principal: CallingAgency, reach: PullReach, request: Request
) -> Response:
    """What the push of one record, such as a penalty or the result of a spot check, would do now: its verdict and
    faults, the record as it would be stored, its tier and periods, the grounds of lists that it meets, and the grade
    before and after. Nothing is kept. It needs the right to push the record and, as it shows a file, the scope
    `enterprises:read`; grades are shown with `grades:read`, explained as far as the caller's grants cover the records."""
    body = await request.body()
    _check(body)
    if Scope.ENTERPRISES_READ not in principal.scopes:
        if Scope.ENTERPRISES_READ in principal.claimed:
            raise Problem("grant_missing")
        raise Problem("scope_missing", scope=Scope.ENTERPRISES_READ)
    policy = state.policy()
    provider = policy.agency.get(principal.agency)
    if provider is None:
        raise Problem("not_found")
    told = await run_in_threadpool(
        preview, state.credit, body, provider, policy, choose(request.headers.get("accept-language")),
        reach=reach if Scope.GRADES_READ in principal.scopes else None,
    )  # fmt: skip
    spend(state, request, principal.client_id, codes_in(told))
    headers = {"Cache-Control": "no-store", "Vary": "Authorization, Accept-Language"}
    return Response(msgspec.json.encode(told), media_type="application/json", headers=headers)


def _check(body: bytes) -> None:
    """Refuse what is no JSON in UTF-8; what is wrong with the record itself is told by its faults.

    Raises:
        Problem: `encoding_invalid`, `json_malformed`.
    """
    try:
        json.loads(body.decode())
    except UnicodeDecodeError as error:
        raise Problem("encoding_invalid", position=error.start) from None
    except json.JSONDecodeError as error:
        raise Problem("json_malformed", position=error.pos) from None
    except (ValueError, RecursionError):  # numbers of thousands of digits, brackets without end
        raise Problem("json_malformed", position=0) from None
