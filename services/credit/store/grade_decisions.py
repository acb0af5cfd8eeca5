"""Grade decisions, the cycles that propose them, and the numbers of their documents."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import msgspec
from sqlalchemy import and_, or_, text
from sqlmodel import col, select

from services.credit.domain.grade_decision import GRADE_DECISION, CycleState, DecisionState, InForce, in_force
from services.credit.store.peers import INDUSTRY
from services.credit.tables import GradeCycle, GradeDecision
from services.kernel.bulk import joined
from services.kernel.db import AnySession, WriteSession

_NUMBER: Final = text(
    "INSERT INTO document_number (agency, type, year, last) VALUES (:agency, :type, :year, 1)"
    " ON CONFLICT (agency, type, year) DO UPDATE SET last = document_number.last + 1 RETURNING last"
)


def take_number(session: WriteSession, agency: str, type_: str, year: int) -> int:
    """The next number of an agency's documents of a type in a year; numbers of what was dropped stay taken."""
    return int(
        session.connection().execute(_NUMBER, {"agency": agency, "type": type_, "year": year}).scalar_one()
    )


def find(session: AnySession, decision_id: str) -> GradeDecision | None:
    """One decision."""
    return session.get(GradeDecision, decision_id)


def find_cycle(session: AnySession, cycle_id: str) -> GradeCycle | None:
    """One cycle."""
    return session.get(GradeCycle, cycle_id)


def next_cycle(session: AnySession, *, locked: bool = False) -> GradeCycle | None:
    """The cycle whose proposals are still to be made; `locked` keeps others from working on it meanwhile."""
    query = (
        select(GradeCycle)
        .where(GradeCycle.state == CycleState.PROPOSING)
        .order_by(col(GradeCycle.opened_at), col(GradeCycle.id))
        .limit(1)
    )
    if locked and session.connection().dialect.name != "sqlite":
        query = query.with_for_update(skip_locked=True)
    return session.exec(query).first()


def codes_of(
    session: AnySession,
    *,
    regions: Sequence[str],
    industry: str | None,
    codes: Sequence[str],
    after: str,
    limit: int,
) -> list[str]:
    """The next enterprises with a file in some regions, of a division of industry and among codes where these are given."""
    name = session.connection().dialect.name
    is_sqlite = name == "sqlite"

    def listed(parameter: str) -> str:
        return (
            f"(SELECT value FROM json_each(:{parameter}))"
            if is_sqlite
            else f"(SELECT unnest(string_to_array(:{parameter}, ',')))"
        )

    def value_of(values: Sequence[str]) -> str:
        return msgspec.json.encode(list(values)).decode() if is_sqlite else joined(values)

    conditions = f"e.version > 0 AND e.uscc > :after AND e.region IN {listed('regions')}"
    values: dict[str, str | int] = {"after": after, "limit": limit, "regions": value_of(regions)}
    if codes:
        conditions += f" AND e.uscc IN {listed('codes')}"
        values["codes"] = value_of(codes)
    if industry is not None:
        conditions += (
            " AND EXISTS (SELECT 1 FROM record r JOIN record_version v"
            " ON v.record_id = r.record_id AND v.version = r.current_version"
            f" WHERE r.uscc = e.uscc AND v.kind = 'enterprise_registration' AND {INDUSTRY[name]} = :industry)"
        )
        values["industry"] = industry
    rows = session.connection().execute(
        text(f"SELECT e.uscc FROM enterprise e WHERE {conditions} ORDER BY e.uscc LIMIT :limit"), values
    )
    return [uscc for (uscc,) in rows]


def of_enterprises(session: AnySession, codes: Sequence[str]) -> dict[str, list[GradeDecision]]:
    """The decisions of enterprises, the first first."""
    found: dict[str, list[GradeDecision]] = {}
    query = select(GradeDecision).where(col(GradeDecision.uscc).in_(codes))
    for decision in session.exec(query.order_by(col(GradeDecision.proposed_at), col(GradeDecision.id))):
        found.setdefault(decision.uscc, []).append(decision)
    return found


def holding(decisions: Sequence[GradeDecision], on: date) -> GradeDecision | None:
    """The one of an enterprise's decisions that holds on a day."""
    days = [
        InForce(each.id, each.valid_from, each.valid_until, each.annulled_on, number)
        for number, each in enumerate(decisions)
        if each.valid_from is not None and each.state in {DecisionState.DECIDED, DecisionState.ANNULLED}
    ]
    held = in_force(days, on)
    return next((each for each in decisions if each.id == held), None)


def is_open(decision: GradeDecision) -> bool:
    """Whether a decision is still under way."""
    return decision.state in GRADE_DECISION.open


def page_of(
    session: AnySession,
    *,
    agency: str,
    uscc: str | None,
    cycle_id: str | None,
    state: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[GradeDecision]:
    """Decisions, the latest first: an agency's own; of a firm also those of others that were decided."""
    query = select(GradeDecision)
    own = col(GradeDecision.agency) == agency
    settled = col(GradeDecision.state).in_([DecisionState.DECIDED, DecisionState.ANNULLED])
    query = query.where(or_(own, settled) if uscc is not None else own)
    if uscc is not None:
        query = query.where(GradeDecision.uscc == uscc)
    if cycle_id is not None:
        query = query.where(GradeDecision.cycle_id == cycle_id)
    if state is not None:
        query = query.where(GradeDecision.state == state)
    if before is not None:
        instant, decision_id = before
        at = col(GradeDecision.proposed_at)
        query = query.where(or_(at < instant, and_(at == instant, col(GradeDecision.id) < decision_id)))
    order = (col(GradeDecision.proposed_at).desc(), col(GradeDecision.id).desc())
    return session.exec(query.order_by(*order).limit(limit)).all()
