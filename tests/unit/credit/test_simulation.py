"""The comparison of two books over a population, and the two officers of an activation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.activation import (
    ActivationRefused,
    ActivationState,
    ActivationStep,
    Standing,
    next_step,
    officer_of,
)
from services.credit.domain.simulation import LARGEST_MOVERS, Simulation

letters = st.sampled_from(["AA", "A", "B", "C"])
grades = st.one_of(st.just(("unrated", None)), st.tuples(letters, st.integers(0, 10_000)))


@given(st.lists(st.tuples(grades, grades), max_size=200))
def test_a_simulation_is_what_a_sort_of_everything_says(population):
    found = Simulation()
    for number, (before, after) in enumerate(population):
        found.take(f"{number:018}", before, after)

    moved = [
        (-abs((before[1] or 0) - (after[1] or 0)), f"{number:018}")
        for number, (before, after) in enumerate(population)
        if (before[1] or 0) != (after[1] or 0) or before[0] != after[0]
    ]
    assert [(-mover.size, mover.uscc) for mover in found.movers()] == sorted(moved)[:LARGEST_MOVERS]
    assert sum(found.matrix.values()) == found.firms == len(population)
    assert found.changed == sum(before[0] != after[0] for before, after in population)


def test_a_simulation_is_told_in_letters_and_points():
    found = Simulation()
    found.take("91", ("A", 7700), ("B", 6850))
    assert found.told() == {
        "firms": 1,
        "changed": 1,
        "matrix": [{"from": "A", "to": "B", "firms": 1}],
        "largest_movers": [
            {"uscc": "91", "from": {"grade": "A", "score": "77.00"}, "to": {"grade": "B", "score": "68.50"}}
        ],
    }


PROPOSED = Standing(ActivationState.PROPOSED, "d", "演示 甲", None)
BUILDING = Standing(ActivationState.BUILDING, "d", "演示 甲", "演示乙")


def test_the_first_word_proposes_and_another_officers_confirms():
    assert next_step(None, officer="甲", digest="d", is_active=False) is ActivationStep.PROPOSE
    assert next_step(PROPOSED, officer="乙", digest="d", is_active=False) is ActivationStep.CONFIRM


@pytest.mark.parametrize("officer", ["演示 甲", "演示\u3000甲", " 演示  甲 "])
def test_the_same_officer_in_another_spelling_is_the_same(officer):
    with pytest.raises(ActivationRefused, match="same_officer"):
        next_step(PROPOSED, officer=officer, digest="d", is_active=False)


def test_a_name_is_the_same_in_any_width_and_case():
    assert officer_of("Ｗang ＬI") == officer_of("wang li")


@pytest.mark.parametrize("officer", ["演示甲", "演示乙"])
def test_either_officer_resumes(officer):
    standing = BUILDING._replace(proposed_by="演示甲")
    assert next_step(standing, officer=officer, digest="d", is_active=False) is ActivationStep.RESUME
