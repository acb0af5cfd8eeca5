"""Grades of many enterprises in one request."""

import msgspec
from fastapi import APIRouter, Request, Response

from services.credit.api import models
from services.credit.api.dependencies import State, spend
from services.credit.service import lookup
from services.kernel import uscc
from services.kernel.access import CallingAgency
from services.kernel.clock import shanghai_day

router = APIRouter(prefix="/v1", tags=["grades"])


@router.post("/grades/lookup", response_model=models.LookupAnswer)
async def look_up_grades(
    state: State, principal: CallingAgency, called: Request, request: models.LookupRequest
) -> Response:
    """The grades of up to 1,000 codes, in the order asked, repeats kept; an unknown code is `found: false`."""
    today = shanghai_day(state.credit.clock())
    codes = [uscc.normalise(code) for code in request.codes]
    sound = {code for code in codes if uscc.is_valid(code)}
    spend(state, called, principal.client_id, sound)
    found = await state.lane.cards(sorted(sound))
    grades = {code: lookup.grade_bytes(state.credit, segments, today) for code, segments in found.items()}
    items = [
        b'{"uscc":%b,"found":%b}'
        % (msgspec.json.encode(asked), b'true,"grade":' + grades[code] if code in grades else b"false")
        for asked, code in zip(request.codes, codes, strict=True)
    ]
    return Response(b'{"items":[' + b",".join(items) + b"]}", media_type="application/json")
