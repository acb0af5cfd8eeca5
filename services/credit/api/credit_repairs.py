"""Credit repairs: applied for on behalf of a firm, or recorded from 信用中国 or SAMR; decided by who determined."""

from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, model_validator

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
from services.credit.domain.credit_repair import (
    CREDIT_REPAIR,
    FIRST_TERM,
    Application,
    CreditRepairState,
    refusal,
)
from services.credit.domain.remedy import Refused
from services.credit.service.context import Credit
from services.credit.service.record_days import earliest_repair, fact_of_record, is_unfavourable, rule_of
from services.credit.service.remedies import Act, Ends, sound_day, take_step
from services.credit.service.remedy_filing import Filing, Found, Opening, file_case

ROUTE: Final = "/v1/credit-repairs"
router = APIRouter(prefix=ROUTE, tags=["credit repairs"])
Channel = Literal["direct", "credit_china", "samr"]
_DAY: Final = timedelta(days=1)


class RepairEnds(Closed):
    """The first days on which the record is no longer published, shared and used; null lets the interval run on."""

    published: date | None = None
    shared: date | None = None
    used: date | None = None


class External(Closed):
    """Where a decision came from, and its number there (信用中国, 市场监管总局)."""

    channel: Literal["credit_china", "samr"]
    number: Line


class RepairDecision(Closed):
    """A decision. Granted without `ends`, publication, sharing and use all end on its day."""

    outcome: Literal["granted", "refused"]
    reason: Words
    document_number: Line | None = None
    decided_on: DecidedOn = None
    ends: RepairEnds | None = None
    external: External | None = None

    @model_validator(mode="after")
    def _ends_belong_to_a_grant(self) -> Self:
        if self.ends is not None and self.outcome != "granted":
            raise ValueError("only a granted repair ends something")
        if self.ends is not None and self.ends == RepairEnds():
            raise ValueError("a granted repair ends something")
        return self


class RepairFiling(Closed):
    """An application, or with `decision` the record of one that was made elsewhere and binds at once."""

    record_id: RecordId
    channel: Channel = "direct"
    external_number: Line | None = None
    obligation_fulfilled_on: Annotated[date, Field(description="The day on which the duty was fulfilled.")]
    commitment: Annotated[
        Literal[True], Field(description="The firm has given its public promise (信用承诺).")
    ]
    statement: Words
    evidence: Evidences = Field(default_factory=list)
    received_on: ReceivedOn = None
    decision: Annotated[
        RepairDecision | None, Field(description="By the record's provider, with the channel's number.")
    ] = None

    @model_validator(mode="after")
    def _channels_have_numbers(self) -> Self:
        if (self.channel == "direct") != (self.external_number is None):
            raise ValueError("external_number belongs to the channels credit_china and samr")
        if self.decision is not None and (self.channel == "direct" or self.decision.external is not None):
            raise ValueError("decision belongs to the channels credit_china and samr, and bears their number")
        return self


class CreditRepair(RemedyShown):
    """A credit repair (信用修复)."""

    state: CreditRepairState
    channel: Channel
    external_number: str | None
    obligation_fulfilled_on: date


class CreditRepairPage(BaseModel):
    """A page of credit repairs, the latest first."""

    items: list[CreditRepair]
    next: str | None


@router.post("", response_model=CreditRepair, status_code=201)
def file_credit_repair(
    state: State, caller: RemedyCaller, request: Request, body: RepairFiling, _: IdempotencyKey = None
) -> Response:
    """Apply for the repair of a record on behalf of a firm. A decision that 信用中国 or SAMR made is recorded by the
    record's provider with `decision`, and binds at once."""
    sound_day(body.obligation_fulfilled_on, date.min, caller.today, "/obligation_fulfilled_on")
    details = body.model_dump(mode="json", exclude={"record_id", "received_on", "decision"})
    if body.decision is not None:
        details |= body.decision.model_dump(mode="json", exclude={"external"})

    def plan(found: Found) -> Opening | Refused:
        return _plan(state.credit, found, body)

    filing = Filing(CREDIT_REPAIR, body.record_id, body.received_on, details, plan)
    return created(file_case(state.credit, caller, filing, key_of(request, ROUTE, body)), ROUTE)


def _plan(credit: Credit, found: Found, body: RepairFiling) -> Opening | Refused:
    fact = fact_of_record(found.record)
    rule = rule_of(fact, found.book)
    earliest_on = earliest_repair(date.fromordinal(fact.occurred_on), rule, found.rules, credit.calendar)
    decision = body.decision
    if decision is not None:
        if not found.is_own:
            return Refused("step_not_yours")
        earliest_on = None  # who decided has judged that
    refused = refusal(found.states, Application(is_unfavourable(rule), found.received_on, earliest_on))
    if refused is not None:
        return refused
    if decision is None:
        return Opening(CREDIT_REPAIR.first, "filed", FIRST_TERM, found.today)
    decided_on = sound_day(decision.decided_on, date.min, found.today, "/decision/decided_on")
    ends = _ends(decision, decided_on, "/decision")
    return Opening(CreditRepairState(decision.outcome), decision.outcome, None, None, ends)


def _ends(decision: RepairDecision, decided_on: date, pointer: str = "") -> Ends:
    """The last days before those on which something ends, none of them before the decision."""
    if decision.outcome != "granted":
        return Ends()
    ends = decision.ends or RepairEnds(published=decided_on, shared=decided_on, used=decided_on)
    for name in ("published", "shared", "used"):
        sound_day(getattr(ends, name) or date.max, decided_on, date.max, f"{pointer}/ends/{name}")
    return Ends(*(day - _DAY if day else None for day in (ends.published, ends.shared, ends.used)))


@router.get("", response_model=CreditRepairPage)
def list_credit_repairs(
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
        CreditRepairState | None, Query(alias="state", description="Only in this state.")
    ] = None,
    overdue: Annotated[bool | None, Query(description="Only overdue ones, or only others.")] = None,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> Response:
    """Credit repairs, the latest first: the caller's own, or with `uscc` or `record_id` all that it may see."""
    selection = Selection(role, uscc, record_id, case_state, overdue)
    return list_cases(state, session, caller, CREDIT_REPAIR, selection, request, limit=limit, cursor=cursor)


@router.get("/{repair_id}", response_model=CreditRepair)
def read_credit_repair(state: State, session: Reading, caller: RemedyCaller, repair_id: str) -> Response:
    """One credit repair with its steps and the record's intervals."""
    return read_case(state, session, caller, CREDIT_REPAIR, repair_id)


def _step(state: State, caller: RemedyCaller, request: Request, repair_id: str, act: Act) -> Response:
    return stepped(take_step(state.credit, caller, CREDIT_REPAIR, repair_id, act, knows(request)))


@router.post("/{repair_id}/acceptance", response_model=CreditRepair)
def accept_credit_repair(
    state: State, caller: RemedyCaller, request: Request, repair_id: str, body: Reason, _: IfMatch = None
) -> Response:
    """Accept the application: the period for the decision begins."""
    return _step(state, caller, request, repair_id, Act("accept", body.model_dump()))


@router.post("/{repair_id}/extension", response_model=CreditRepair)
def extend_credit_repair(
    state: State, caller: RemedyCaller, request: Request, repair_id: str, body: Reason, _: IfMatch = None
) -> Response:
    """Extend the period for the decision, once, before it has ended."""
    return _step(state, caller, request, repair_id, Act("extend", body.model_dump()))


@router.post("/{repair_id}/decision", response_model=CreditRepair)
def decide_credit_repair(
    state: State,
    caller: RemedyCaller,
    request: Request,
    repair_id: str,
    body: RepairDecision,
    _: IfMatch = None,
) -> Response:
    """Decide. Granted, the record is out of use from its day on, exactly; what it was before stays in the history."""
    decided_on = sound_day(body.decided_on, date.min, caller.today, "/decided_on")
    details: dict[str, Any] = body.model_dump(mode="json", exclude={"decided_on"})
    action = "grant" if body.outcome == "granted" else "refuse"
    return _step(state, caller, request, repair_id, Act(action, details, decided_on, _ends(body, decided_on)))


@router.post("/{repair_id}/retraction", response_model=CreditRepair)
def retract_credit_repair(
    state: State, caller: RemedyCaller, request: Request, repair_id: str, body: Reason, _: IfMatch = None
) -> Response:
    """Take the application back on behalf of the firm, before it is decided."""
    return _step(state, caller, request, repair_id, Act("retract", body.model_dump()))


@router.post("/{repair_id}/revocation", response_model=CreditRepair)
def revoke_credit_repair(
    state: State, caller: RemedyCaller, request: Request, repair_id: str, body: Reason, _: IfMatch = None
) -> Response:
    """Revoke a repair that rests on false material: the record is published, shared and used again, as the law has it."""
    return _step(state, caller, request, repair_id, Act("revoke", body.model_dump()))
