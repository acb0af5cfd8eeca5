"""Requests for access: an agency asks for a catalogue entry, the providing agency answers, an approval makes the grant."""

import hashlib
from datetime import date, datetime
from typing import Annotated, Final, Literal

import msgspec
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.exchange.api.idempotency import Once
from services.exchange.api.reach import actor, agencies_in_reach, reaches
from services.exchange.api.sessions import Reading, ThisExchange, writing
from services.exchange.context import Exchange
from services.exchange.domain.access_request import Office, RequestStatus
from services.exchange.service import access_requests as service
from services.exchange.store import access_requests as store
from services.exchange.tables import AccessRequest
from services.kernel import paging
from services.kernel.access import (
    AgencyOrStaff,
    AgencyPrincipal,
    CallingAgency,
    CallingStaff,
    Role,
    StaffPrincipal,
)
from services.kernel.clock import shanghai_day
from services.kernel.db import WriteSession
from services.kernel.problems import Problem
from services.kernel.purpose import Purpose

router: Final = APIRouter(prefix="/v1/access-requests", tags=["access requests"])
Making = Annotated[WriteSession, writing("exchange.access_requested")]
Answering = Annotated[WriteSession, writing("exchange.access_answered")]
Code = Annotated[str, Field(max_length=40)]


class NewAccessRequest(BaseModel):
    """What is asked for: a kind of a provider, where, which field groups, what for, on which legal basis, until when."""

    model_config = ConfigDict(extra="forbid")
    provider: str = Field(max_length=64, examples=["quality_supervision-430000"])
    kind: str = Field(max_length=40, examples=["spot_check"])
    regions: list[Code] = Field(min_length=1, max_length=200)
    groups: list[Code] = Field(min_length=1, max_length=20)
    purpose: Purpose
    basis: str = Field(min_length=1, max_length=1_000, pattern=r"^[^\x00]*$")
    explanation: str = Field(default="", max_length=2_000, pattern=r"^[^\x00]*$")
    valid_until: date = Field(description="The last day of the grant that is asked for")


class AccessDecision(BaseModel):
    """The answer of the provider; a refusal states its reasons."""

    model_config = ConfigDict(extra="forbid")
    decision: Literal["approved", "refused"]
    reason: str = Field(default="", max_length=2_000, pattern=r"^[^\x00]*$")


class AccessRequestItem(BaseModel):
    """One request. `escalated`: the provider's days are over without an answer, and the coordinator may answer too."""

    id: str
    agency: str
    provider: str
    kind: str
    regions: list[str]
    groups: list[str]
    purpose: str
    basis: str
    explanation: str
    valid_until: date
    status: RequestStatus
    requested_at: datetime
    due_on: date = Field(description="The last day on which the provider answers in time")
    due_estimated: bool = Field(description="The year's calendar of working days is not known yet")
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    grant_id: str | None


class AccessRequestList(BaseModel):
    """A page of requests, the latest first."""

    items: list[AccessRequestItem]
    next: str | None


@router.post("", status_code=201, response_model=AccessRequestItem)
def request_access(
    exchange: ThisExchange,
    session: Making,
    caller: CallingAgency,
    once: Once,
    body: NewAccessRequest,
) -> Response:
    """Ask for access to what another agency provides. The same key with the same body is answered the same again."""
    asked = service.Asked(
        body.provider, body.kind, tuple(dict.fromkeys(body.regions)), tuple(dict.fromkeys(body.groups)), body.purpose,
        body.basis, body.explanation, body.valid_until,
    )  # fmt: skip
    rendered = service.request_access(
        session, asked, agency=caller.agency, client_id=caller.client_id, key=once.key,
        fingerprint=hashlib.sha256(body.model_dump_json().encode()).hexdigest(), now=exchange.clock(),
        render=lambda row: _item(row, exchange).model_dump_json().encode(),
    )  # fmt: skip
    location = f"{router.prefix}/{msgspec.json.decode(rendered)['id']}"
    return Response(rendered, 201, {"Location": location}, "application/json")


@router.get("")
def list_access_requests(
    exchange: ThisExchange,
    session: Reading,
    caller: AgencyOrStaff,
    response: Response,
    status: Annotated[RequestStatus | None, Query(description="Only requests that stand there.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(description="The `next` of the previous page.")] = None,
) -> AccessRequestList:
    """The requests that the caller's agency made and those that were made to it; of staff, by all agencies in reach."""
    binding, key = f"access-requests:{_name(caller)}:{status}", exchange.key("cursors")
    before = str(paging.decode(key, cursor, binding=binding)[0]) if cursor else None
    found = store.page_of(
        session, _agencies(exchange, caller), status=status, today=shanghai_day(exchange.clock()), before=before,
        limit=limit + 1,
    )  # fmt: skip
    following = None
    if len(found) > limit:
        following = paging.encode(key, [found[limit - 1].id], binding=binding)
        same = f"&status={status}" if status else ""
        response.headers["Link"] = f'<{router.prefix}?cursor={following}{same}>; rel="next"'
    return AccessRequestList(items=[_item(row, exchange) for row in found[:limit]], next=following)


@router.get("/{request_id}")
def read_access_request(
    exchange: ThisExchange, session: Reading, caller: AgencyOrStaff, request_id: str
) -> AccessRequestItem:
    """One request that the caller's agency made or received."""
    row = store.find(session, request_id)
    agencies = _agencies(exchange, caller)
    if row is None or (agencies is not None and not {row.agency, row.provider} & set(agencies)):
        raise Problem("not_found")
    return _item(row, exchange)


@router.post("/{request_id}/decision")
def decide_access_request(
    exchange: ThisExchange, session: Answering, caller: CallingStaff, request_id: str, body: AccessDecision
) -> AccessRequestItem:
    """Answer a request: the provider's administrator, and the coordinator once it is escalated. An approval gives the
    grant at once, in the same transaction."""
    row = service.answer_request(
        session, request_id, body.decision, body.reason, office=lambda row: _office(exchange, caller, row),
        actor=actor(caller), now=exchange.clock(),
    )  # fmt: skip
    return _item(row, exchange)


def _office(exchange: Exchange, caller: StaffPrincipal, row: AccessRequest) -> Office:
    """The caller's office; out of whose reach both agencies lie, for that one there is no such request."""
    if caller.role is Role.COORDINATOR:
        return "coordinator"
    if reaches(exchange, caller, row.provider):
        return "provider"
    if not reaches(exchange, caller, row.agency):
        raise Problem("not_found")
    return "other"


def _agencies(exchange: Exchange, caller: AgencyPrincipal | StaffPrincipal) -> tuple[str, ...] | None:
    if isinstance(caller, AgencyPrincipal):
        return (caller.agency,)
    reached = agencies_in_reach(exchange, caller)
    return None if reached is None else tuple(reached)


def _name(caller: AgencyPrincipal | StaffPrincipal) -> str:
    return caller.agency if isinstance(caller, AgencyPrincipal) else f"staff:{caller.username}"


def _item(row: AccessRequest, exchange: Exchange) -> AccessRequestItem:
    return AccessRequestItem(
        id=row.id, agency=row.agency, provider=row.provider, kind=row.kind, regions=row.regions, groups=row.groups,
        purpose=row.purpose, basis=row.basis, explanation=row.explanation, valid_until=row.valid_until,
        status=service.standing(row, shanghai_day(exchange.clock())), requested_at=row.requested_at, due_on=row.due_on,
        due_estimated=row.is_due_estimated, decided_at=row.decided_at, decided_by=row.decided_by, reason=row.reason,
        grant_id=row.grant_id,
    )  # fmt: skip
