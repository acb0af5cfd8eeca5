"""Cycles of grade decisions: opened for a population, their proposals made in the background from the indicative grade."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

import msgspec
from sqlalchemy.exc import IntegrityError

from services.credit.domain.grade import UNRATED, format_points
from services.credit.domain.grade_decision import CycleState, DecisionState, held_by_veto
from services.credit.service.cards import grade_on
from services.credit.service.context import Credit
from services.credit.service.grade_decisions import note_step
from services.credit.service.opened import opened_firms
from services.credit.service.remedies import Answer
from services.credit.service.remedy_filing import stored_response
from services.credit.service.remedy_rules import rules_on
from services.credit.service.routing import Caller
from services.credit.service.workspace import Firm
from services.credit.store import grade_decisions as store
from services.credit.store import responses
from services.credit.tables import GradeCycle, GradeDecision
from services.kernel import regions
from services.kernel.clock import shanghai_day, to_wire
from services.kernel.db import WriteSession
from services.kernel.idempotency import Key, refuse_other_body
from services.kernel.problems import Problem

CHUNK: Final = 200
_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Population:
    """Which firms a cycle is about, and through when its decisions hold."""

    title: str
    region: str
    industry: str | None
    codes: Sequence[str]
    valid_until: date


def open_cycle(credit: Credit, caller: Caller, asked: Population, key: Key) -> Answer:
    """Open a cycle; the same key with the same body gets the first answer again.

    Raises:
        Problem: `parameter_invalid` for a region outside the agency's own, or an end that is no later day.
    """
    try:
        return _open_once(credit, caller, asked, key)
    except IntegrityError:  # the key came twice at once: the second one finds the first one's answer
        return _open_once(credit, caller, asked, key)


def _open_once(credit: Credit, caller: Caller, asked: Population, key: Key) -> Answer:
    now = credit.clock()
    with credit.database.write("credit.grade_cycle_opened") as session:
        if (held := responses.find(session, caller.agency, key.route, key.value)) is not None:
            refuse_other_body(key, held.fingerprint)
            return Answer(held.body.encode(), held.case_id, held.version)
        _judge(caller, asked)
        cycle = GradeCycle(
            id=uuid4().hex, title=asked.title, agency=caller.agency, region=asked.region, industry=asked.industry,
            codes=",".join(sorted(set(asked.codes))), valid_until=asked.valid_until, state=CycleState.PROPOSING, through="",
            proposed=0, passed_over=0, opened_at=now,
        )  # fmt: skip
        session.add(cycle)
        made = Answer(_encode(shown(cycle)), cycle.id, 1)
        responses.keep(session, stored_response(key, caller, made, now), now)
        session.flush()
        return made


def _judge(caller: Caller, asked: Population) -> None:
    """An agency decides within its own region."""
    own = caller.agencies.get(caller.agency)
    faults = []
    if own is None or not regions.within(asked.region, own.region):
        faults.append(("region_not_yours", "/region", "not a region within your agency's own"))
    if asked.valid_until <= caller.today:
        faults.append(("date_too_early", "/valid_until", f"not after {caller.today}"))
    if faults:
        listed = [{"code": code, "field": field, "message": message} for code, field, message in faults]
        raise Problem("parameter_invalid", faults=listed)


def shown(cycle: GradeCycle) -> dict[str, Any]:
    """A cycle as its agency sees it."""
    return {
        "id": cycle.id, "title": cycle.title, "agency": cycle.agency, "region": cycle.region, "industry": cycle.industry,
        "codes": cycle.codes.split(",") if cycle.codes else [], "valid_until": cycle.valid_until, "state": cycle.state,
        "proposed": cycle.proposed, "passed_over": cycle.passed_over, "opened_at": to_wire(cycle.opened_at),
    }  # fmt: skip


def work(credit: Credit) -> bool:
    """Make the next proposals of a cycle, in one transaction; whether there was anything to do."""
    with credit.database.read() as reading:  # nothing is written while nothing waits
        if store.next_cycle(reading) is None:
            return False
    now = credit.clock()
    with credit.database.write("credit.grades_proposed") as session:
        cycle = store.next_cycle(session, locked=True)
        if cycle is None:
            return False
        codes = store.codes_of(
            session, regions=sorted(regions.codes_within(cycle.region)), industry=cycle.industry,
            codes=cycle.codes.split(",") if cycle.codes else [], after=cycle.through, limit=CHUNK,
        )  # fmt: skip
        if codes:
            cycle.through = codes[-1]
            with opened_firms(credit, session, codes, now, provider=cycle.agency, cause="time") as firms:
                _propose(credit, session, cycle, firms.values(), now)
        else:
            cycle.state = CycleState.PROPOSED
        session.add(cycle)
        session.flush()
    return True


def _propose(
    credit: Credit, session: WriteSession, cycle: GradeCycle, firms: Iterable[Firm], now: datetime
) -> None:
    book, today, province = credit.rulebook(session), shanghai_day(now), credit.settings.province
    listed: list[Firm] = list(firms)
    held = store.of_enterprises(session, [firm.state.uscc for firm in listed])
    for firm in listed:
        code = firm.state.uscc
        decisions = held.get(code, [])
        indicative = grade_on(code, list(firm.facts.values()), book, today, province=province)
        if indicative.letter == UNRATED or any(store.is_open(each) for each in decisions):
            cycle.passed_over += 1
            continue
        before = store.holding(decisions, today)
        decision = GradeDecision(
            id=uuid4().hex, uscc=code, cycle_id=cycle.id, agency=cycle.agency, region=firm.state.region,
            rulebook=book.id, rules=rules_on(today).id, letter=indicative.letter, score=indicative.score,
            before=before.letter if before else None, is_veto=held_by_veto(indicative),
            state=DecisionState.PROPOSED, version=0, proposed_at=now, valid_until=cycle.valid_until,
        )  # fmt: skip
        details = {"grade": indicative.letter, "score": format_points(indicative.score or 0)}
        note_step(session, firm, decision, "propose", "proposed", details, today, cycle.agency, now)
        cycle.proposed += 1
