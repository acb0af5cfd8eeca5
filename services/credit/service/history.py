"""How an enterprise's grade came to be, and what lies ahead of it, as an agency may see it."""

from itertools import islice
from typing import Any, Final

from services.credit.domain.grade import format_points
from services.credit.domain.history import Activation, Change, Difference, changes_of, steps_ahead
from services.credit.domain.past import STATED, PastFile
from services.credit.domain.running_grade import Level, RunningGrade
from services.credit.service.cards import is_outside
from services.credit.service.context import Credit
from services.credit.service.lookup import WITHHELD
from services.credit.service.past import books_by_instant, events_of
from services.credit.service.stored_facts import read_facts
from services.credit.store import enterprises, records
from services.kernel.clock import shanghai_day, to_wire
from services.kernel.db import AnySession
from services.kernel.policy import Reach

STEPS_AHEAD: Final = 100
"""How many steps an outlook tells at most; a firm with that many records in use has more."""


def history(
    credit: Credit, session: AnySession, uscc: str, reach: Reach, unshared: frozenset[str] = frozenset()
) -> list[dict[str, Any]] | None:
    """Every change of letter or score of an enterprise, the latest first; None for an unknown one. Records that are shared
    no longer lose their identity."""
    events = events_of(session, uscc)
    if not events:
        return None
    activations = [Activation(since, book) for since, book in books_by_instant(credit, session)]
    visible = {
        event.record_id
        for event in events
        if event.type in STATED and reach.covers(str(event.data["kind"]), event.region or "")
    } - unshared
    changes = changes_of(
        PastFile(uscc), events, activations, shanghai_day(credit.clock()),
        is_graded=not is_outside(uscc, credit.settings.province), day_of=shanghai_day,
    )  # fmt: skip
    return [_change(change, visible) for change in changes][::-1]


def outlook(credit: Credit, session: AnySession, uscc: str, reach: Reach) -> dict[str, Any] | None:
    """What time alone will do to an enterprise's grade, step by step; None for an unknown one."""
    state = enterprises.read(session, [uscc]).get(uscc)
    if state is None:
        return None
    facts, book, today = read_facts(state.facts), credit.rulebook(session), shanghai_day(credit.clock())
    is_graded = not is_outside(uscc, credit.settings.province)
    running = RunningGrade(book, today, facts if is_graded else ())
    now = running.level
    regions = records.regions_in_force(session, uscc)
    visible = {fact.record_id for fact in facts if reach.covers(fact.kind, regions.get(fact.record_id, ""))}
    steps = list(islice(steps_ahead(running), STEPS_AHEAD + 1))
    shown = [
        {"on": day, **_letter(level), "differences": [_difference(each, visible) for each in found]}
        for day, level, found in steps[:STEPS_AHEAD]
    ]
    return {
        "uscc": uscc, "on": today, "rulebook": book.id, **_letter(now),
        "steps": shown, "complete": len(steps) <= STEPS_AHEAD, "enterprise_version": state.version,
    }  # fmt: skip


def _change(change: Change, visible: set[str | None]) -> dict[str, Any]:
    return {
        "on": change.on,
        "recorded_at": to_wire(change.recorded_at) if change.recorded_at else None,
        "enterprise_version": change.enterprise_version,
        "cause": change.cause,
        "rulebook": change.rulebook,
        "from": _letter(change.before) if change.before else None,
        "to": _letter(change.after),
        "differences": [_difference(each, visible) for each in change.differences],
    }


def _letter(level: Level) -> dict[str, Any]:
    return {"grade": level.letter, "score": _points(level.score), "provisional": level.provisional}


def _points(hundredths: int | None) -> str | None:
    return None if hundredths is None else format_points(hundredths)


def _difference(found: Difference, visible: set[str | None] | set[str]) -> dict[str, Any]:
    shown = found.record_id in visible
    return {
        "record_id": found.record_id if shown else None,
        "turn": found.turn,
        "pillar": found.pillar,
        "points_before": _points(found.before),
        "points_after": _points(found.after),
        "rule": found.rule if shown else WITHHELD,
        "basis": found.basis if shown else "",
    }
