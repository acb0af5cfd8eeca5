"""Grade decisions (等级评定): cycles that propose them from the indicative grades, and each one's way into force."""

from datetime import date, datetime
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.credit.api.dependencies import Cursor, PageSize, Reading, State
from services.credit.api.enterprises import next_link
from services.credit.api.remedy_models import RemedyDeadline, RemedyStepShown
from services.credit.api.remedy_requests import (
    Closed,
    DecidedOn,
    IdempotencyKey,
    IfMatch,
    Line,
    Reason,
    RemedyCaller,
    Words,
    created,
    key_of,
    knows,
    stepped,
)
from services.credit.domain.grade_decision import CycleState, DecisionState
from services.credit.service import grade_cycles, grade_decisions
from services.credit.service.grade_decisions import DecisionAct, may_see, take_decision_step
from services.credit.store import grade_decisions as store
from services.kernel import paging
from services.kernel.problems import Problem

ROUTE: Final = "/v1/grade-decisions"
CYCLES: Final = f"{ROUTE}/cycles"
router = APIRouter(prefix=ROUTE, tags=["grade decisions"])


class CycleOpening(Closed):
    """For whom decisions are proposed: the firms of a region, of one division of industry, or of some codes in it."""

    title: Line
    region: Annotated[str, Field(pattern="^[0-9]{6}$", description="Your agency's region, or one within it.")]
    industry: Annotated[str | None, Field(pattern="^[0-9]{2}$", description="A division of GB/T 4754.")] = (
        None
    )
    codes: Annotated[list[Annotated[str, Field(pattern="^[0-9A-Z]{18}$")]], Field(max_length=1000)] = Field(
        default_factory=list, description="Only these firms, as for a veto between two cycles."
    )
    valid_until: Annotated[date, Field(description="The last day on which the decisions hold.")]


class Cycle(BaseModel):
    """A round of decisions (评定周期). `passed_over`: firms without a rating, or with a decision already under way."""

    id: str
    title: str
    agency: str
    region: str
    industry: str | None
    codes: list[str]
    valid_until: str
    state: CycleState
    proposed: int
    passed_over: int
    opened_at: str


class FirmResponse(Reason):
    """What the firm says to the notice; `heard`: it was heard in person (听证)."""

    reason: Annotated[Words, Field(description="What the firm says.")]
    heard: bool = False


class Decision(Reason):
    """The decision. `grade`: a better one than was proposed, after the firm was heard."""

    grade: Annotated[str | None, Field(max_length=10)] = None
    on: DecidedOn = None


class Dated(Reason):
    """What the firm is told of the reasons, why a proposal is dropped, or a decision annulled; and from which day."""

    on: DecidedOn = None


class GradeDecision(BaseModel):
    """A grade decision. In force from `valid_from` through `valid_until`, unless annulled or followed by a later one: a
    matter of dates alone. `public`: the letter may be shown to the public; a low one only with a legal basis."""

    id: str
    uscc: str
    cycle: str
    agency: str
    region: str
    rulebook: str
    grade: str
    score: str | None
    before: str | None = Field(description="The grade in force when this one was proposed.")
    adverse: bool
    veto: bool
    state: DecisionState
    in_force: bool
    proposed_at: str
    deadline: RemedyDeadline | None
    notice_number: str | None
    document_number: str | None
    valid_from: str | None
    valid_until: str
    annulled_on: str | None
    superseded_by: str | None
    public: bool
    public_basis: str | None
    use: str
    version: int
    steps: list[RemedyStepShown] | None = None


class GradeDecisionPage(BaseModel):
    """A page of decisions, the latest first."""

    items: list[GradeDecision]
    next: str | None


@router.post("/cycles", response_model=Cycle, status_code=201)
def open_grade_cycle(
    state: State, caller: RemedyCaller, request: Request, body: CycleOpening, _: IdempotencyKey = None
) -> Response:
    """Open a cycle within your agency's region: a decision is proposed for each rated firm, in the background."""
    asked = grade_cycles.Population(body.title, body.region, body.industry, body.codes, body.valid_until)
    return created(
        grade_cycles.open_cycle(state.credit, caller, asked, key_of(request, CYCLES, body)), CYCLES
    )


@router.get("/cycles/{cycle_id}", response_model=Cycle)
def read_grade_cycle(session: Reading, caller: RemedyCaller, cycle_id: str) -> Response:
    """How far a cycle of your agency has come."""
    cycle = store.find_cycle(session, cycle_id)
    if cycle is None or caller.handler_of(cycle.agency) != caller.agency:
        raise Problem("not_found")
    return Response(msgspec.json.encode(grade_cycles.shown(cycle)), media_type="application/json")


@router.get("", response_model=GradeDecisionPage)
def list_grade_decisions(
    state: State,
    session: Reading,
    caller: RemedyCaller,
    request: Request,
    uscc: Annotated[str | None, Query(max_length=18, description="Of this enterprise.")] = None,
    cycle: Annotated[str | None, Query(max_length=32, description="Only of this cycle.")] = None,
    decision_state: Annotated[
        DecisionState | None, Query(alias="state", description="Only in this state.")
    ] = None,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> Response:
    """Your agency's decisions, the latest first; with `uscc` also those that others made about the firm."""
    binding = f"grade_decisions:{caller.agency}:{uscc}:{cycle}:{decision_state}"
    before = None
    if cursor is not None:
        instant, decision_id = paging.decode(state.cursor_key, cursor, binding=binding)
        before = (datetime.fromisoformat(str(instant)), str(decision_id))
    found = store.page_of(
        session,
        agency=caller.agency,
        uscc=uscc,
        cycle_id=cycle,
        state=decision_state,
        before=before,
        limit=limit + 1,
    )
    listed, following = found[:limit], None
    if len(found) > limit:
        last = listed[-1]
        following = paging.encode(state.cursor_key, [last.proposed_at.isoformat(), last.id], binding=binding)
    items = [grade_decisions.show(state.credit, session, each, caller) for each in listed]
    headers = {"Link": next_link(request, following)} if following else None
    body = msgspec.json.encode({"items": items, "next": following})
    return Response(body, media_type="application/json", headers=headers)


@router.get("/{decision_id}", response_model=GradeDecision)
def read_grade_decision(state: State, session: Reading, caller: RemedyCaller, decision_id: str) -> Response:
    """One decision with its steps; one that is not decided yet for its own agency alone."""
    decision = store.find(session, decision_id)
    if decision is None or not may_see(decision, caller):
        raise Problem("not_found")
    return stepped(grade_decisions.answer(state.credit, session, decision, caller))


def _step(
    state: State, caller: RemedyCaller, request: Request, decision_id: str, act: DecisionAct
) -> Response:
    return stepped(take_decision_step(state.credit, caller, decision_id, act, knows(request)))


@router.post("/{decision_id}/notice", response_model=GradeDecision)
def notify_firm(
    state: State, caller: RemedyCaller, request: Request, decision_id: str, body: Dated, _: IfMatch = None
) -> Response:
    """Tell the firm what is proposed and why, by a numbered notice; its period to respond runs from then on."""
    return _step(state, caller, request, decision_id, DecisionAct("notify", {"reason": body.reason}, body.on))


@router.post("/{decision_id}/response", response_model=GradeDecision)
def note_response(
    state: State,
    caller: RemedyCaller,
    request: Request,
    decision_id: str,
    body: FirmResponse,
    _: IfMatch = None,
) -> Response:
    """Note what the firm says to the notice."""
    return _step(state, caller, request, decision_id, DecisionAct("respond", body.model_dump()))


@router.post("/{decision_id}/decision", response_model=GradeDecision)
def decide_grade(
    state: State, caller: RemedyCaller, request: Request, decision_id: str, body: Decision, _: IfMatch = None
) -> Response:
    """Decide, by a numbered document. A worse grade than before waits for the firm's response, or for the end of its
    period; a veto takes effect at once. No letter is decided that the firm's file does not support any more."""
    details: dict[str, Any] = {"reason": body.reason} | ({"grade": body.grade} if body.grade else {})
    return _step(state, caller, request, decision_id, DecisionAct("decide", details, body.on, body.grade))


@router.post("/{decision_id}/withdrawal", response_model=GradeDecision)
def drop_proposal(
    state: State, caller: RemedyCaller, request: Request, decision_id: str, body: Dated, _: IfMatch = None
) -> Response:
    """Drop what was proposed; the number of its notice stays taken."""
    return _step(state, caller, request, decision_id, DecisionAct("drop", {"reason": body.reason}, body.on))


@router.post("/{decision_id}/annulment", response_model=GradeDecision)
def annul_grade(
    state: State, caller: RemedyCaller, request: Request, decision_id: str, body: Dated, _: IfMatch = None
) -> Response:
    """Annul a decision from a day on; the one before it holds again while its own days last."""
    return _step(state, caller, request, decision_id, DecisionAct("annul", {"reason": body.reason}, body.on))
