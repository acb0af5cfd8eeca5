"""Grade decisions at work: each step one transaction with an event of the firm's, as the remedies' are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec

from services.credit.domain.grade import Grade, format_points
from services.credit.domain.grade_decision import (
    GRADE_DECISION,
    DecisionState,
    Proposal,
    held_by_veto,
    is_adverse,
    may_be_public,
    rank_of,
    refusal,
)
from services.credit.domain.remedy import Move, Refused, Standing, advance
from services.credit.domain.rules import RuleBook
from services.credit.service.cards import USE, grade_on
from services.credit.service.context import Credit
from services.credit.service.opened import opened_firms
from services.credit.service.remedies import Answer, refused, sound_day
from services.credit.service.remedy_rules import LegalTerm, released
from services.credit.service.routing import Caller
from services.credit.service.workspace import Firm
from services.credit.store import grade_decisions as store
from services.credit.store import remedies
from services.credit.tables import GradeDecision, RemedyStep
from services.kernel.calendar import Deadline, deadline
from services.kernel.clock import shanghai_day, to_wire
from services.kernel.db import AnySession, WriteSession
from services.kernel.problems import Problem

_encode: Final = msgspec.json.Encoder().encode
_SIGNS: Final = {"notify": ("notice", "质信评告"), "decide": ("decision", "质信评定")}
"""The type of document that a step makes, and the sign before its year and number."""
_OPEN_TO_ALL: Final = frozenset({"grade", "score", "document_number"})
"""The details of a step that are no party's words."""


@dataclass(frozen=True)
class DecisionAct:
    """A step that an agency takes; `on` is the day of its document, today where it has none. `letter` may give the firm
    a better grade than was proposed."""

    action: str
    details: Mapping[str, Any]
    on: date | None = None
    letter: str | None = None


def may_see(decision: GradeDecision, caller: Caller) -> bool:
    """The agency whose decision it is sees it at once, others once it is decided."""
    return _is_own(decision, caller) or decision.valid_from is not None


def _is_own(decision: GradeDecision, caller: Caller) -> bool:
    return caller.handler_of(decision.agency) == caller.agency


def take_decision_step(
    credit: Credit, caller: Caller, decision_id: str, act: DecisionAct, is_current: Callable[[int], bool]
) -> Answer:
    """Take a step; `is_current` says whether the caller knows the version at which the decision stands.

    Raises:
        Problem: `not_found` for one that the caller may not see, `precondition_failed`, or why the step is refused.
    """
    now = credit.clock()
    with credit.database.write("credit.grade_decision_advanced") as session:
        decision = store.find(session, decision_id)
        if decision is None or not may_see(decision, caller):
            raise Problem("not_found")
        with opened_firms(
            credit, session, [decision.uscc], now, provider=caller.agency, cause="time"
        ) as firms:
            session.refresh(decision)
            if not is_current(decision.version):
                raise Problem("precondition_failed")
            move = advance(
                GRADE_DECISION,
                Standing(decision.state),
                act.action,
                ["handler"] if _is_own(decision, caller) else [],
            )
            if isinstance(move, Refused):
                raise refused(move)
            on = sound_day(act.on, _earliest(decision), caller.today, "/on")
            firm = firms[decision.uscc]
            if move.action == "decide":
                _judge(credit, session, decision, firm, act, caller.today)
            details = dict(act.details) | _apply(credit, session, decision, move, act, on)
            note_step(session, firm, decision, act.action, move.event, details, on, caller.agency, now)
            return answer(credit, session, decision, caller)


def _earliest(decision: GradeDecision) -> date:
    return max(
        shanghai_day(decision.proposed_at), decision.since or date.min, decision.valid_from or date.min
    )


def _judge(
    credit: Credit, session: AnySession, decision: GradeDecision, firm: Firm, act: DecisionAct, today: date
) -> None:
    """Refuse a letter that the firm's file does not support now, and one that comes before the firm could respond."""
    book = credit.rulebook_named(session, decision.rulebook)
    letter = act.letter or decision.letter
    if rank_of(book, letter) > rank_of(book, decision.letter):
        message = f"one of the scale, not worse than {decision.letter}"
        raise Problem(
            "parameter_invalid",
            faults=[{"code": "grade_not_proposed", "field": "/grade", "message": message}],
        )
    indicative = _indicative(credit, firm, book, today)
    due = deadline_of(credit, decision)
    is_veto = decision.is_veto and letter == indicative.letter and held_by_veto(indicative)
    why = refusal(
        book, Proposal(letter, decision.before, is_veto), decision.state, due_on=due.due_on if due else None,
        today=today, supported=indicative.letter,
    )  # fmt: skip
    if why is not None:
        raise refused(why)


def _indicative(credit: Credit, firm: Firm, book: RuleBook, today: date) -> Grade:
    return grade_on(
        firm.state.uscc, list(firm.facts.values()), book, today, province=credit.settings.province
    )


def _apply(
    credit: Credit, session: WriteSession, decision: GradeDecision, move: Move, act: DecisionAct, on: date
) -> dict[str, Any]:
    """Change a decision by a step; answers what the step tells besides its words."""
    decision.state = move.target
    decision.term, decision.since = (move.term.id, on) if move.term else (None, None)
    told: dict[str, Any] = {}
    if move.action in _SIGNS:
        type_, sign = _SIGNS[move.action]
        number = f"{sign}〔{on.year}〕{store.take_number(session, decision.agency, type_, on.year)}号"
        told["document_number"] = number
        if type_ == "notice":
            decision.notice_number = number
        else:
            decision.decision_number = number
    if move.action == "decide":
        decision.letter, decision.valid_from = act.letter or decision.letter, on
        if decision.valid_until < on:
            raise refused(Refused("step_out_of_order"))
        decision.shown = _encode(_published(credit, session, decision)).decode()
    if move.action == "annul":
        decision.annulled_on = on
    return told


def _published(credit: Credit, session: AnySession, decision: GradeDecision) -> dict[str, Any]:
    book = credit.rulebook_named(session, decision.rulebook)
    return {
        "id": decision.id, "grade": decision.letter, "rulebook": decision.rulebook, "agency": decision.agency,
        "document_number": decision.decision_number, "valid_from": decision.valid_from,
        "valid_until": decision.valid_until, "use": USE, "public": may_be_public(book, decision.letter),
        "public_basis": book.low_grades_basis,
    }  # fmt: skip


def note_step(
    session: WriteSession,
    firm: Firm,
    decision: GradeDecision,
    action: str,
    event: str,
    details: Mapping[str, Any],
    on: date,
    agency: str,
    now: datetime,
) -> None:
    """Write a step: the decision, its event, and the step with the version of the firm that it made."""
    recorded_at = firm.tick(now)
    decision.version += 1
    if decision.version == 1:
        decision.proposed_at = recorded_at
    session.add(decision)
    told: dict[str, Any] = {
        "id": decision.id,
        "state": decision.state,
        "on": on,
        "rulebook": decision.rulebook,
    }
    if decision.valid_from is not None:  # before it is decided, a letter is nobody else's business
        told |= {
            "grade": decision.letter, "before": decision.before, "veto": decision.is_veto,
            "valid_from": decision.valid_from, "valid_until": decision.valid_until,
            "document_number": decision.decision_number,
        }  # fmt: skip
    firm.emit(
        f"grade_decision_{event}", recorded_at, provider=agency, data=told, kind=None, region=firm.state.region,
        record_id=None, record_version=None,
    )  # fmt: skip
    session.add(
        RemedyStep(
            case_id=decision.id, no=decision.version, action=action, state=decision.state, agency=agency, on=on,
            recorded_at=recorded_at, enterprise_version=firm.state.version, details=_encode(details).decode(),
        )
    )  # fmt: skip
    session.flush()


def term_of(decision: GradeDecision) -> LegalTerm | None:
    """The period that runs, by the rules under which the decision was proposed."""
    return released()[decision.rules].terms[decision.term] if decision.term else None


def deadline_of(credit: Credit, decision: GradeDecision) -> Deadline | None:
    """The last day of the period that runs; None when none runs."""
    term = term_of(decision)
    if term is None or decision.since is None:
        return None
    return deadline(term.period, decision.since, credit.calendar)


def answer(credit: Credit, session: AnySession, decision: GradeDecision, caller: Caller) -> Answer:
    """A decision with its steps for a caller who may see it."""
    shown = show(credit, session, decision, caller, remedies.steps_of(session, decision.id))
    return Answer(_encode(shown), decision.id, decision.version)


def show(
    credit: Credit,
    session: AnySession,
    decision: GradeDecision,
    caller: Caller,
    steps: Sequence[RemedyStep] | None = None,
) -> dict[str, Any]:
    """A decision, with its steps where they are given; the words of the steps for its own agency alone."""
    book = credit.rulebook_named(session, decision.rulebook)
    due, term, is_own = deadline_of(credit, decision), term_of(decision), _is_own(decision, caller)
    running = None
    if due is not None and term is not None:
        running = {
            "term": decision.term, "since": decision.since, "due_on": due.due_on, "estimated": due.is_estimated,
            "overdue": due.has_passed(caller.today), "basis": term.basis,
        }  # fmt: skip
    proposal = Proposal(decision.letter, decision.before, decision.is_veto)
    holds = store.holding(store.of_enterprises(session, [decision.uscc])[decision.uscc], caller.today)
    shown: dict[str, Any] = {
        "id": decision.id, "uscc": decision.uscc, "cycle": decision.cycle_id, "agency": decision.agency,
        "region": decision.region, "rulebook": decision.rulebook, "grade": decision.letter,
        "score": None if decision.score is None else format_points(decision.score), "before": decision.before,
        "adverse": is_adverse(book, proposal), "veto": decision.is_veto, "state": decision.state,
        "in_force": holds is not None and holds.id == decision.id, "proposed_at": to_wire(decision.proposed_at),
        "deadline": running, "notice_number": decision.notice_number, "document_number": decision.decision_number,
        "valid_from": decision.valid_from, "valid_until": decision.valid_until, "annulled_on": decision.annulled_on,
        "superseded_by": _superseded_by(decision, holds), "public": may_be_public(book, decision.letter),
        "public_basis": book.low_grades_basis, "use": USE, "version": decision.version,
    }  # fmt: skip
    if steps is not None:
        shown["steps"] = [_step(step, is_own=is_own) for step in steps]
    return shown


def _superseded_by(decision: GradeDecision, holds: GradeDecision | None) -> str | None:
    is_followed = (
        decision.state == DecisionState.DECIDED and holds is not None and holds.id != decision.id
        and holds.valid_from is not None and decision.valid_from is not None and holds.valid_from >= decision.valid_from
    )  # fmt: skip
    return holds.id if holds is not None and is_followed else None


def _step(step: RemedyStep, *, is_own: bool) -> dict[str, Any]:
    details: dict[str, Any] = msgspec.json.decode(step.details)
    return {
        "no": step.no, "action": step.action, "state": step.state, "agency": step.agency, "on": step.on,
        "recorded_at": to_wire(step.recorded_at), "enterprise_version": step.enterprise_version,
    } | {name: value if is_own or name in _OPEN_TO_ALL else None for name, value in details.items()}  # fmt: skip
