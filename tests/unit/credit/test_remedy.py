"""The courses of remedies: every walk by anybody in any order keeps to them, and what is closed stays closed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.credit_repair import CREDIT_REPAIR, Application, CreditRepairState
from services.credit.domain.credit_repair import refusal as refusal_of_repair
from services.credit.domain.data_query import DATA_QUERY, DataQueryState
from services.credit.domain.objection import OBJECTION, ObjectionState, refusal
from services.credit.domain.remedy import Move, Refused, Standing, advance

COURSES = [OBJECTION, CREDIT_REPAIR, DATA_QUERY]
STATES = {
    OBJECTION.type: ObjectionState,
    CREDIT_REPAIR.type: CreditRepairState,
    DATA_QUERY.type: DataQueryState,
}
EVERY = pytest.mark.parametrize("course", COURSES, ids=lambda course: course.type)
ROLES = st.sets(st.sampled_from(["filer", "handler"]))


def standings(course):
    return st.builds(
        Standing, st.sampled_from(sorted(course.states)), st.booleans(), st.booleans(), st.booleans()
    )


def actions(course):
    return st.sampled_from(sorted(course.actions))


@EVERY
def test_a_state_is_open_in_effect_or_closed(course):
    assert course.open | course.in_effect | course.closed == course.states == set(STATES[course.type])
    assert len(course.open) + len(course.in_effect) + len(course.closed) == len(course.states)


@EVERY
@given(data=st.data())
def test_no_step_leads_out_of_a_closed_state(course, data):
    standing = data.draw(standings(course).filter(lambda each: each.state in course.closed))
    assert isinstance(advance(course, standing, data.draw(actions(course)), data.draw(ROLES)), Refused)


@EVERY
@given(data=st.data())
def test_a_step_is_only_for_whom_it_belongs_to(course, data):
    standing, action, roles = data.draw(standings(course)), data.draw(actions(course)), data.draw(ROLES)
    taken = advance(course, standing, action, roles)
    if isinstance(taken, Move):
        assert taken.by in roles
        assert standing.state in taken.sources
    if not roles:
        assert taken == Refused("step_not_yours")


@EVERY
@given(data=st.data())
def test_every_open_case_can_be_closed_by_its_parties(course, data):
    state = data.draw(st.sampled_from(sorted(course.open)))
    steps = 0
    while state in course.open:
        standing = Standing(state, is_extended=True, is_overdue=True, has_record_changed=True)
        possible = [
            moved.target
            for action in sorted(course.actions)
            if isinstance(moved := advance(course, standing, action, {"filer", "handler"}), Move)
        ]
        state = data.draw(st.sampled_from(possible))
        steps += 1
        assert steps <= len(course.states)


@EVERY
@given(data=st.data())
def test_an_open_state_has_a_period_and_no_other_has_one(course, data):
    standing, action = data.draw(standings(course)), data.draw(actions(course))
    taken = advance(course, standing, action, {"filer", "handler"})
    if isinstance(taken, Move):
        assert (taken.term is None) == (taken.target not in course.open)


@EVERY
@given(data=st.data())
def test_a_period_is_extended_once_and_in_time(course, data):
    standing = data.draw(standings(course))
    taken = advance(course, standing, "extend", {"handler"})
    if standing.is_extended or standing.is_overdue:
        assert isinstance(taken, Refused)


@EVERY
def test_the_events_of_a_course_are_told_apart(course):
    by_event = {}
    for move in course.moves:
        by_event.setdefault(move.event, set()).add((move.action, move.target))
    assert all(len(meanings) == 1 for meanings in by_event.values())


@given(st.lists(st.tuples(st.just("objection"), st.sampled_from(sorted(ObjectionState)))))
def test_a_second_objection_waits_for_the_first(states):
    is_open = any(state in OBJECTION.open for _, state in states)
    assert refusal(states) == (Refused("remedy_open_already") if is_open else None)


@given(st.booleans(), st.dates(), st.one_of(st.none(), st.dates()))
def test_a_repair_waits_for_its_day_to_the_day(is_unfavourable, received_on, earliest_on):
    refused = refusal_of_repair([], Application(is_unfavourable, received_on, earliest_on))
    if not is_unfavourable:
        assert refused == Refused("record_not_repairable")
    elif earliest_on is not None and received_on < earliest_on:
        assert refused == Refused("repair_too_early", earliest_on)
    else:
        assert refused is None
