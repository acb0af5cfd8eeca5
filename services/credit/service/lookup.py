"""Answering what a grade is today: from the card where its segments reach, by grading the facts where they do not."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import text

from services.credit.domain.act import BASIS, Corroboration, corroborations
from services.credit.domain.facts import Fact
from services.credit.domain.grade import Contribution, Grade, Veto, format_points
from services.credit.domain.rules import RuleBook
from services.credit.service.cards import Holder, dated, document, grade_on, render
from services.credit.service.context import Credit
from services.credit.service.stored_facts import read_facts
from services.credit.store import enterprises, records
from services.credit.store.lane import Segments
from services.kernel.db import AnySession
from services.kernel.policy import Reach

WITHHELD: Final = "withheld"
"""The rule of a contribution or veto whose record the caller's grants do not cover."""
CORROBORATION: Final = "corroboration"
"""The rule of a statement that scores nothing because its act is counted elsewhere, or fell."""


def grade_bytes(credit: Credit, segments: Segments, on: date) -> bytes:
    """The grade of an enterprise on a day as JSON; exact even if no scheduler has run for years."""
    body = segments.on(on)
    if body is None:
        with credit.database.read() as session:
            body = _computed(credit, session, segments.uscc, on)
    return dated(body.encode(), on)


def _computed(credit: Credit, session: AnySession, uscc: str, on: date) -> str:
    state = enterprises.read(session, [uscc])[uscc]
    book = credit.rulebook(session)
    result = grade_on(uscc, read_facts(state.facts), book, on, province=credit.settings.province)
    return render(
        Holder(uscc, state.name or uscc, state.version, state.successors),
        result,
        book,
        credit.settings.province,
    ).decode()


class Explanation(msgspec.Struct):
    """One record's part in a grade. What the caller's grants do not cover keeps its points and loses its identity."""

    record_id: str | None
    pillar: str
    points: str
    rule: str
    basis: str


class Corroborating(msgspec.Struct):
    """A statement that scores nothing because its act is counted by another record, or fell, and why."""

    record_id: str | None
    pillar: str
    points: str
    rule: str
    basis: str
    counted_by: str | None
    reason: str


class ExplainedVeto(msgspec.Struct):
    """A veto with the record behind it; without, where the caller's grants do not cover the record."""

    ceiling: str
    until: date
    record_id: str | None = None
    rule: str = WITHHELD
    basis: str = ""


class Shown(NamedTuple):
    """The enterprise whose grade is shown, with what decides who may see which of its records."""

    uscc: str
    name: str
    version: int
    facts: Sequence[Fact]
    regions: Mapping[str, str]
    successors: tuple[str, ...] = ()


def graded(credit: Credit, session: AnySession, uscc: str, on: date, reach: Reach | None) -> bytes | None:
    """The grade on a day; None for an unknown enterprise. With a reach, explained: every contribution to it."""
    state = enterprises.read(session, [uscc]).get(uscc)
    if state is None:
        return None
    book, facts, province = credit.rulebook(session), read_facts(state.facts), credit.settings.province
    result = grade_on(uscc, facts, book, on, province=province)
    regions = records.regions_in_force(session, uscc) if reach is not None else {}
    shown = Shown(uscc, state.name, state.version, facts, regions, state.successors)
    return rendered(shown, result, book, on, province, reach)


def rendered(
    shown: Shown, result: Grade, book: RuleBook, on: date, province: str, reach: Reach | None
) -> bytes:
    """A grade as JSON; with a reach, explained as far as the reach covers the records."""
    holder = Holder(shown.uscc, shown.name or shown.uscc, shown.version, shown.successors)
    told = document(holder, result, book, province)
    if reach is not None:
        visible = {
            fact.record_id
            for fact in shown.facts
            if reach.covers(fact.kind, shown.regions.get(fact.record_id, ""))
        }
        told["vetoes"] = [_veto(veto, visible) for veto in result.vetoes]
        told["explanation"] = [_line(part, visible) for part in result.contributions] + [
            _corroborating(part, visible) for part in corroborations(shown.facts, book, result, on)
        ]
    return dated(msgspec.json.encode(told), on)


def _line(part: Contribution, visible: set[str]) -> Explanation:
    points = format_points(part.points)
    if part.record_id not in visible:
        return Explanation(None, part.pillar, points, WITHHELD, "")
    return Explanation(part.record_id, part.pillar, points, part.rule, part.basis)


def _corroborating(part: Corroboration, visible: set[str]) -> Corroborating:
    seen = part.record_id in visible
    return Corroborating(
        part.record_id if seen else None, part.pillar, format_points(0), CORROBORATION if seen else WITHHELD,
        BASIS[part.reason] if seen else "", part.counted if part.counted in visible else None, part.reason,
    )  # fmt: skip


def _veto(veto: Veto, visible: set[str]) -> ExplainedVeto:
    if veto.record_id not in visible:
        return ExplainedVeto(veto.ceiling, veto.until)
    return ExplainedVeto(veto.ceiling, veto.until, veto.record_id, veto.rule, veto.basis)


def exists(session: AnySession, uscc: str) -> bool:
    """Whether an enterprise has a file."""
    row = (
        session.connection()
        .execute(text("SELECT version FROM enterprise WHERE uscc = :uscc"), {"uscc": uscc})
        .one_or_none()
    )
    return row is not None and row[0] > 0
