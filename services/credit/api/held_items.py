"""Held items: what waits for a person, whom it may be about, decisions, and their undoing. And the leads that denials leave."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field, model_validator

from services.credit.api.dependencies import Cursor, PageSize, Reading, State, read_code
from services.credit.api.enterprises import next_link
from services.credit.api.remedy_requests import (
    Closed,
    IdempotencyKey,
    IfMatch,
    Line,
    Reason,
    Words,
    key_of,
    knows,
    tag_of,
)
from services.credit.domain.holding import HeldAction, HeldState, HoldReason, LeadState
from services.credit.service.holding import Desk, Ruling, Settled, settle, show, undo
from services.credit.service.remedies import sound_day
from services.credit.service.routing import Caller
from services.credit.store import held_items
from services.credit.tables import CounterfeitLead, HeldItem
from services.kernel import paging
from services.kernel.access import AgencyOrStaff, StaffPrincipal
from services.kernel.clock import shanghai_day, to_wire
from services.kernel.kinds import KINDS
from services.kernel.policy import Reach
from services.kernel.problems import Problem

ROUTE: Final = "/v1/held-items"
LEADS: Final = "/v1/counterfeit-leads"
router = APIRouter(prefix=ROUTE, tags=["held items"])
leads = APIRouter(prefix=LEADS, tags=["held items"])
_SCANNED: Final = 200
_MEDIA_TYPE: Final = "application/json"
_EARLIEST: Final = date(2000, 1, 1)


def _desk(state: State, principal: AgencyOrStaff) -> Desk:
    policy, today = state.policy(), shanghai_day(state.credit.clock())
    reach = Reach(policy.grants_of(principal.agency, "pull", today), KINDS)
    coordinator = state.credit.settings.coordinator
    caller = Caller(principal.agency, reach, policy.agency, coordinator, today, policy.succession)
    if isinstance(principal, StaffPrincipal):
        return Desk(caller, principal.username, principal.role, policy)
    return Desk(caller, principal.client_id, None, policy)


AtDesk = Annotated[Desk, Depends(_desk)]


class HeldDecisionBody(Closed):
    """What is decided. `assign` names the enterprise; what a producer said needs the document in which it says so."""

    action: HeldAction
    uscc: Annotated[
        str | None, Field(max_length=40, description="Whose file it goes to; with `assign` only.")
    ] = None
    reason: Words
    document_number: Annotated[
        Line | None, Field(description="Needed to `confirm` and to `deny`: the producer's written word.")
    ] = None
    decided_on: Annotated[date | None, Field(description="The day of the document; today if left out.")] = (
        None
    )

    @model_validator(mode="after")
    def _fits(self) -> "HeldDecisionBody":
        if (self.action is HeldAction.ASSIGN) != (self.uscc is not None):
            raise ValueError("uscc is given with assign, and with nothing else")
        if self.action in (HeldAction.CONFIRM, HeldAction.DENY) and self.document_number is None:
            raise ValueError("a producer's word needs its document_number")
        return self


class Candidate(BaseModel):
    """An enterprise that the item may be about: 0 to 100 points, and what speaks for it or against it."""

    uscc: str
    name: str
    found_as: str = Field(description="The name, current or former, that was found.")
    region: str
    score: int
    reasons: list[str]


class HeldDecisionShown(BaseModel):
    """The decision that settled an item."""

    id: str
    action: HeldAction
    uscc: str | None
    reason: str
    document_number: str | None
    decided_on: str
    agency: str
    decided_at: str


class HeldItemLine(BaseModel):
    """One item that waits, or waited (待定条目)."""

    id: str = Field(description="The id of its record.")
    reason: HoldReason
    state: HeldState
    provider: str
    kind: str
    region: str
    source_record_id: str
    since: str
    subject: dict[str, str | None] = Field(description="As the agency sent it.")
    uscc: str | None = Field(description="Whom it is about, as far as that is decided or was sent.")
    decision: HeldDecisionShown | None
    version: int = Field(description="Also its `ETag`, for `If-Match`.")


class HeldItemShown(HeldItemLine):
    """One item in full."""

    record: dict[str, Any] = Field(description="What was sent, its public members.")
    candidates: list[Candidate] = Field(
        description="By what is known now, the likeliest first; only while it waits."
    )
    waiting: int = Field(description="How many items wait with the same question, this one included.")


class HeldItemSettled(HeldItemLine):
    """An item after a decision or an undoing; `settled` items moved with it, itself included."""

    settled: int


class HeldItemPage(BaseModel):
    """A page of held items, the one that has waited longest first."""

    items: list[HeldItemLine]
    next: str | None


class LeadShown(BaseModel):
    """A counterfeit lead (假冒线索): goods under a firm's name that the firm says are not its own."""

    id: str
    state: LeadState
    record_id: str
    uscc: str = Field(description="The firm whose name was used; it is charged with nothing.")
    kind: str
    region: str
    provider: str
    agency: str = Field(description="Through which agency the firm denied.")
    document_number: str
    opened_at: str
    goods: dict[str, Any] = Field(description="What is known of the goods and of where they were sampled.")


class LeadPage(BaseModel):
    """A page of leads, the latest first."""

    items: list[LeadShown]
    next: str | None


@router.get("", response_model=HeldItemPage)
def list_held_items(
    state: State,
    session: Reading,
    desk: AtDesk,
    request: Request,
    reason: Annotated[HoldReason | None, Query(description="Only items that wait for this.")] = None,
    kind: Annotated[str | None, Query(max_length=40, description="Only items of this kind.")] = None,
    agency: Annotated[str | None, Query(max_length=64, description="Only pushes of this agency.")] = None,
    item_state: Annotated[
        HeldState | Literal["all"], Query(alias="state", description="`waiting` if left out.")
    ] = HeldState.WAITING,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> Response:
    """The work queue. An agency's system finds what its agency pushed; inspectors and the coordinator what waits in their
    territory, as far as their agency pushed it or may read it."""
    binding = f"held:{desk.caller.agency}:{desk.role}:{reason}:{kind}:{agency}:{item_state}"
    found: list[HeldItem] = []
    after = _place(state.cursor_key, cursor, binding)
    providers = [agency] if agency else desk.caller.providers_handled() if desk.role is None else None
    while len(found) <= limit:
        page = held_items.page_of(
            session, state=None if item_state == "all" else item_state, reason=reason, kind=kind, providers=providers,
            after=after, limit=_SCANNED,
        )  # fmt: skip
        found += [item for item in page if desk.sees(item.provider, item.kind, item.region)]
        if len(page) < _SCANNED:
            break
        after = (page[-1].since, page[-1].record_id)
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = paging.encode(state.cursor_key, [last.since.isoformat(), last.record_id], binding=binding)
    return _page([show(session, item) for item in found[:limit]], following, request)


@router.get("/{item_id}", response_model=HeldItemShown)
def read_held_item(session: Reading, desk: AtDesk, item_id: str) -> Response:
    """One item with its candidates, their scores and reasons."""
    item = held_items.find(session, item_id)
    if item is None or not desk.sees(item.provider, item.kind, item.region):
        raise Problem("not_found")
    body = msgspec.json.encode(show(session, item, in_full=True))
    return Response(body, media_type=_MEDIA_TYPE, headers={"ETag": tag_of(item.step)})


@router.post("/{item_id}/decisions", response_model=HeldItemSettled, status_code=201)
def decide_held_item(
    state: State,
    desk: AtDesk,
    request: Request,
    item_id: str,
    body: HeldDecisionBody,
    _: IdempotencyKey = None,
) -> Response:
    """Decide. Every item that waits with the same question goes with it, in one transaction, each with its event; later
    pushes of the agency that ask the same are answered by it, but for `refuse`."""
    key = key_of(request, f"{ROUTE}/{item_id}/decisions", body)
    code = read_code(body.uscc, request.headers.get("accept-language")) if body.uscc else None
    on = sound_day(body.decided_on, _EARLIEST, desk.caller.today, "/decided_on")
    ruling = Ruling(body.action, code, body.reason, body.document_number, on)
    return _answered(settle(state.credit, desk, item_id, ruling, key), 201)


@router.post("/{item_id}/undo", response_model=HeldItemSettled)
def undo_held_decision(
    state: State, desk: AtDesk, request: Request, item_id: str, body: Reason, _: IfMatch = None
) -> Response:
    """Undo the decision that settled the item. All that it settled, then or by memory, leaves its file with an event and
    waits again; what its provider has since said anew stays."""
    return _answered(undo(state.credit, desk, item_id, body.reason, knows(request)), 200)


def _answered(settled: Settled, status: int) -> Response:
    headers = {"ETag": tag_of(settled.version)}
    if status == 201:
        headers["Location"] = f"{ROUTE}/{settled.record_id}"
    return Response(settled.body, status_code=status, media_type=_MEDIA_TYPE, headers=headers)


@leads.get("", response_model=LeadPage)
def list_counterfeit_leads(
    state: State,
    session: Reading,
    desk: AtDesk,
    request: Request,
    lead_state: Annotated[
        LeadState | None, Query(alias="state", description="Only leads in this state.")
    ] = None,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> Response:
    """Leads to counterfeits in the caller's territory, the latest first."""
    binding = f"leads:{desk.caller.agency}:{desk.role}:{lead_state}"
    found: list[CounterfeitLead] = []
    before = _place(state.cursor_key, cursor, binding)
    while len(found) <= limit:
        page = held_items.leads_page(session, state=lead_state, before=before, limit=_SCANNED)
        found += [lead for lead in page if desk.sees(lead.provider, lead.kind, lead.region)]
        if len(page) < _SCANNED:
            break
        before = (page[-1].opened_at, page[-1].id)
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = paging.encode(state.cursor_key, [last.opened_at.isoformat(), last.id], binding=binding)
    return _page([_lead(lead) for lead in found[:limit]], following, request)


@leads.get("/{lead_id}", response_model=LeadShown)
def read_counterfeit_lead(session: Reading, desk: AtDesk, lead_id: str) -> Response:
    """One lead."""
    lead = held_items.find_lead(session, lead_id)
    if lead is None or not desk.sees(lead.provider, lead.kind, lead.region):
        raise Problem("not_found")
    return Response(msgspec.json.encode(_lead(lead)), media_type=_MEDIA_TYPE)


def _lead(lead: CounterfeitLead) -> dict[str, Any]:
    return {
        "id": lead.id, "state": lead.state, "record_id": lead.record_id, "uscc": lead.uscc, "kind": lead.kind,
        "region": lead.region, "provider": lead.provider, "agency": lead.agency,
        "document_number": lead.document_number, "opened_at": to_wire(lead.opened_at),
        "goods": msgspec.json.decode(lead.told),
    }  # fmt: skip


def _page(items: list[dict[str, Any]], following: str | None, request: Request) -> Response:
    headers = {"Link": next_link(request, following)} if following else None
    return Response(
        msgspec.json.encode({"items": items, "next": following}), media_type=_MEDIA_TYPE, headers=headers
    )


def _place(key: bytes, cursor: str | None, binding: str) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    instant, found = paging.decode(key, cursor, binding=binding)
    return datetime.fromisoformat(str(instant)), str(found)
