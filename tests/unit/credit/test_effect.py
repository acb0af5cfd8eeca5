"""Which effect a decision may come to have."""

from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.effect import FOLLOWING, may_follow
from services.kernel.kinds.kind import Effect

EFFECTS = [str(effect) for effect in Effect]


def test_every_effect_has_its_place():
    assert set(FOLLOWING) == set(EFFECTS) >= set().union(*FOLLOWING.values())


@given(st.lists(st.sampled_from(EFFECTS), min_size=2, max_size=8))
def test_what_fell_stays_fallen_and_what_was_final_is_never_pending_again(path):
    current = path[0]
    for effect in path[1:]:
        following = effect if may_follow(current, effect) else current
        assert current not in {"revoked", "unlawful"} or following == current
        assert current == "not_final" or following != "not_final"
        current = following
