import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.client.coverage import Control, Coverage, Covers, EventHead
from services.exchange.client.failures import BrokenCoverageError


def page(after: int, through: int, head: int = 1000, epoch: int = 1, more: bool = True) -> Control:
    covers = Covers(after, through)
    return Control(control="end", epoch=epoch, covers=covers, head=head, grant_version=1, next="c", more=more)


def event(seq: int, name: str | None = None, epoch: int = 1) -> EventHead:
    return EventHead(id=name or f"e{seq}", seq=seq, epoch=epoch)


def covered() -> Coverage:
    coverage = Coverage()
    coverage.accept(page(0, 10), [event(2), event(9)])
    return coverage


def test_pages_that_join_prove_coverage():
    coverage = covered()
    coverage.accept(page(10, 15), [])
    assert coverage.statement() == "covered seq 1–15, 2 events, none missed"


@pytest.mark.parametrize(
    ("bad", "events", "why"),
    [
        (page(11, 20), [], "a hole"),
        (page(9, 20), [], "an overlap"),
        (page(10, 20), [event(12), event(12, "x")], "after 12"),
        (page(10, 20), [event(13), event(12)], "after 13"),
        (page(10, 20), [event(21)], "beyond"),
        (page(10, 20), [event(10)], "after 10"),
        (page(10, 20), [event(12, "e9")], "twice"),
        (page(10, 20, head=19), [], "ends at 19"),
        (page(10, 20, epoch=0), [], "epoch"),
        (page(10, 20), [event(12, epoch=2)], "epoch"),
        (page(10, 10), [], "nowhere"),
    ],
)
def test_a_page_that_does_not_join_is_refused_and_not_taken(bad: Control, events: list[EventHead], why: str):
    coverage = covered()
    with pytest.raises(BrokenCoverageError, match=why):
        coverage.accept(bad, events)
    assert (coverage.through, coverage.events) == (10, 2)


@given(st.sets(st.integers(1, 60), max_size=40), st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_any_dense_paging_of_a_journal_is_accepted_whole(numbers: set[int], sizes: list[int]):
    coverage, at = Coverage(), 0
    for size in sizes:
        inside = [event(seq) for seq in sorted(numbers) if at < seq <= at + size]
        coverage.accept(page(at, at + size), inside)
        at += size
    assert coverage.events == len([seq for seq in numbers if seq <= at])


@given(st.lists(st.integers(1, 9), min_size=2, max_size=8), st.data())
def test_any_page_left_out_is_noticed(sizes: list[int], data: st.DataObject):
    left_out = data.draw(st.integers(0, len(sizes) - 2))
    ends = list(itertools.accumulate(sizes, initial=0))
    pages = [page(after, through) for after, through in itertools.pairwise(ends)]
    coverage = Coverage(start=0, through=0)
    for whole in pages[:left_out]:
        coverage.accept(whole, [])
    with pytest.raises(BrokenCoverageError, match="hole"):
        coverage.accept(pages[left_out + 1], [])
