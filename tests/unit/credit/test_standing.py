"""The percentile of a score among others."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.standing import FEWEST_PEERS, percentile

scores = st.lists(st.integers(0, 10_000), min_size=FEWEST_PEERS, max_size=60)


@given(scores, st.data())
def test_it_is_the_share_below_and_half_of_the_equal(population, data):
    own = data.draw(st.sampled_from(population))
    exact = Fraction(2 * sum(each < own for each in population) + population.count(own), 2 * len(population))
    assert abs(Fraction(percentile(own, population), 10_000) - exact) <= Fraction(1, 20_000)


@given(scores)
def test_the_order_of_places_is_the_order_of_scores(population):
    places = [percentile(score, population) for score in sorted(population)]
    assert places == sorted(places)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=FEWEST_PEERS - 1))
def test_among_few_there_is_none(population):
    assert percentile(population[0], population) is None
