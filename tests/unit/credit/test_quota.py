"""A tally of the firms that a credential asked about."""

from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.quota import Tally

CODES = st.lists(st.sampled_from([f"firm {number}" for number in range(30)]), max_size=8)


@given(st.lists(CODES, max_size=30), st.integers(1, 20))
def test_a_tally_never_lets_more_pass_than_its_limit(requests, limit):
    tally, passed = Tally(), set()
    for codes in requests:
        fits = len(passed | set(codes)) <= limit
        taken = tally.take(codes, limit)
        assert taken is (fits or set(codes) <= passed)
        if taken:
            passed |= set(codes)
    assert len(passed) <= limit
    assert tally.seen == passed


def test_what_others_stored_counts_as_well():
    tally = Tally()
    assert tally.take(["a", "b"], 5)
    tally.note_stored(["a", "b"], stored=4)
    assert tally.fresh == set()
    assert tally.left(5) == 1
    assert tally.take(["c"], 5)
    assert not tally.take(["d"], 5)
    assert tally.take(["a", "c"], 5)
