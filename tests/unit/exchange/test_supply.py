"""The figures of supply quality follow from counts, and from nothing else."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.exchange.domain.supply import COUNTS, Tally, figures_of, is_overdue
from services.exchange.service.supply import tally_page, terms_of
from services.kernel.kinds import KINDS
from services.kernel.kinds.envelope import ENVELOPE

COUNTED = '{"total":5,"accepted":1}'
TALLIES = st.builds(Tally, **dict.fromkeys(COUNTS, st.integers(0, 1_000)))


@given(TALLIES, TALLIES)
def test_counts_of_two_parts_are_the_counts_of_the_whole(one, other):
    whole = Tally(*(getattr(one, name) + getattr(other, name) for name in COUNTS))
    one.add(other)
    assert one == whole
    assert one.received == sum(getattr(one, name) for name in COUNTS[:6])


def test_shares_are_told_with_four_digits_and_not_at_all_of_nothing():
    said = figures_of(Tally(accepted=2, rejected=1, measured=3, late=1, lag_days=7, filled=1, fillable=8))
    assert (said.rejected_rate, said.completeness) == ("0.3333", "0.1250")
    assert (said.on_time, said.mean_lag_days) == ("0.6667", "2.3333")
    nothing = figures_of(Tally())
    assert {nothing.rejected_rate, nothing.completeness, nothing.on_time, nothing.mean_lag_days} == {None}


def test_a_push_is_overdue_once_its_last_day_is_over():
    due = date(2026, 11, 23)
    assert [is_overdue(due, due), is_overdue(due, date(2026, 11, 24)), is_overdue(None, due)] == [
        False,
        True,
        False,
    ]


def test_a_page_counts_what_made_no_event_by_kind():
    body = b'{"kind":"recall"}\n{"kind":"spot_check"}\nnot json\n{"kind":7}\n{"kind":"recall"}\n'
    verdicts = "".join(
        f'{{"index":{at},"verdict":"{verdict}"}}\n'
        for at, verdict in enumerate(("accepted", "held", "rejected", "rejected", "unchanged"))
    )
    day = date(2026, 11, 23)
    assert tally_page(body, verdicts, COUNTED, "a", day) == {
        ("a", "spot_check", day): Tally(held=1),
        ("a", "unknown", day): Tally(rejected=2),
        ("a", "recall", day): Tally(unchanged=1),
    }


def test_every_kind_has_a_source_a_rhythm_and_a_class_for_each_of_its_groups():
    for kind in KINDS.values():
        terms = terms_of(kind.code)
        groups = {member.group for member in kind.members} | {member.group for member in ENVELOPE}
        assert groups <= terms.sharing.keys()
        assert {said.share_class for said in terms.sharing.values()} <= {
            "unconditional",
            "conditional",
            "none",
        }
        assert all(said.basis for said in terms.sharing.values())
        assert terms.source["zh"]
        assert terms.rhythm.every.n
