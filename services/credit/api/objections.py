"""Objections: filed on behalf of a firm, decided and corrected by the provider of the record."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.credit.api.dependencies import Cursor, PageSize, Reading, State
from services.credit.api.remedy_models import RemedyShown
from services.credit.api.remedy_requests import (
    Closed,
    DecidedOn,
    Evidences,
    IdempotencyKey,
    IfMatch,
    Line,
    ListRole,
    Reason,
    ReceivedOn,
    RecordId,
    RemedyCaller,
    Selection,
    Words,
    created,
    key_of,
    knows,
    list_cases,
    read_case,
    stepped,
)  # fmt: skip
from services.credit.domain.objection import OBJECTION, ObjectionState, first_term, refusal
from services.credit.domain.remedy import Refused
from services.credit.service.remedies import Act, take_step
from services.credit.service.remedy_filing import Filing, Found, Opening, file_case

ROUTE: Final = "/v1/objections"
router = APIRouter(prefix=ROUTE, tags=["objections"])
Ground = Literal["content_wrong", "not_the_subject", "act_fell", "expired", "other"]
Outcome = Literal["upheld", "partly_upheld", "rejected"]
_ACTION_OF: Final[dict[str, str]] = {
    "upheld": "uphold",
    "partly_upheld": "uphold_partly",
    "rejected": "reject",
}


class ObjectionFiling(Closed):
    """What a firm says is wrong with a record, handed in at an agency."""

    record_id: RecordId
    ground: Ground
    statement: Words
    evidence: Evidences = Field(default_factory=list)
    received_on: ReceivedOn = None


class ObjectionDecision(Closed):
    """The provider's decision. Upheld, the provider corrects or withdraws the record by a push, then confirms that."""

    outcome: Outcome
    reason: Words
    document_number: Line | None = None
    decided_on: DecidedOn = None


class Objection(RemedyShown):
    """An objection (异议)."""

    state: ObjectionState
    ground: Ground


class ObjectionPage(BaseModel):
    """A page of objections, the latest first."""

    items: list[Objection]
    next: str | None


@router.post("", response_model=Objection, status_code=201)
def file_objection(
    state: State, caller: RemedyCaller, request: Request, body: ObjectionFiling, _: IdempotencyKey = None
) -> Response:
    """File a firm's objection to a record that the caller may read, or has provided. The record is disputed at once."""
    details = body.model_dump(mode="json", include={"ground", "statement", "evidence"})
    filing = Filing(OBJECTION, body.record_id, body.received_on, details, _plan)
    return created(file_case(state.credit, caller, filing, key_of(request, ROUTE, body)), ROUTE)


def _plan(found: Found) -> Opening | Refused:
    """The period begins when the provider can know: on receipt at its own counter, on the filing elsewhere."""
    since = found.received_on if found.is_own else found.today
    return refusal(found.states) or Opening(
        OBJECTION.first, "filed", first_term(is_own_record=found.is_own), since
    )


@router.get("", response_model=ObjectionPage)
def list_objections(
    state: State,
    session: Reading,
    caller: RemedyCaller,
    request: Request,
    role: Annotated[
        ListRole | None, Query(description="Only those filed, decided, or had as overdue.")
    ] = None,
    uscc: Annotated[str | None, Query(max_length=18, description="Only about this enterprise.")] = None,
    record_id: Annotated[str | None, Query(max_length=32, description="Only about this record.")] = None,
    case_state: Annotated[
        ObjectionState | None, Query(alias="state", description="Only in this state.")
    ] = None,
    overdue: Annotated[bool | None, Query(description="Only overdue ones, or only others.")] = None,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> Response:
    """Objections, the latest first: the caller's own, or with `uscc` or `record_id` all that it may see."""
    selection = Selection(role, uscc, record_id, case_state, overdue)
    return list_cases(state, session, caller, OBJECTION, selection, request, limit=limit, cursor=cursor)


@router.get("/{objection_id}", response_model=Objection)
def read_objection(state: State, session: Reading, caller: RemedyCaller, objection_id: str) -> Response:
    """One objection with its steps."""
    return read_case(state, session, caller, OBJECTION, objection_id)


def _step(state: State, caller: RemedyCaller, request: Request, objection_id: str, act: Act) -> Response:
    return stepped(take_step(state.credit, caller, OBJECTION, objection_id, act, knows(request)))


@router.post("/{objection_id}/extension", response_model=Objection)
def extend_objection(
    state: State, caller: RemedyCaller, request: Request, objection_id: str, body: Reason, _: IfMatch = None
) -> Response:
    """Extend the period for the decision, once, before it has ended."""
    return _step(state, caller, request, objection_id, Act("extend", body.model_dump()))


@router.post("/{objection_id}/decision", response_model=Objection)
def decide_objection(
    state: State,
    caller: RemedyCaller,
    request: Request,
    objection_id: str,
    body: ObjectionDecision,
    _: IfMatch = None,
) -> Response:
    """Decide. Rejected, the record counts again; upheld, it stays disputed until it is corrected."""
    details: dict[str, Any] = body.model_dump(mode="json", exclude={"decided_on"})
    return _step(
        state, caller, request, objection_id, Act(_ACTION_OF[body.outcome], details, body.decided_on)
    )


@router.post("/{objection_id}/correction", response_model=Objection)
def confirm_correction(
    state: State, caller: RemedyCaller, request: Request, objection_id: str, body: Reason, _: IfMatch = None
) -> Response:
    """Confirm that the record was corrected or withdrawn by a push since the filing: the case is closed."""
    return _step(state, caller, request, objection_id, Act("correct", body.model_dump()))


@router.post("/{objection_id}/retraction", response_model=Objection)
def retract_objection(
    state: State, caller: RemedyCaller, request: Request, objection_id: str, body: Reason, _: IfMatch = None
) -> Response:
    """Take the objection back on behalf of the firm, before it is decided."""
    return _step(state, caller, request, objection_id, Act("retract", body.model_dump()))
