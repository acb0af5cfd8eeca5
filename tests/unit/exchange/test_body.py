"""Cutting a body into pages: nothing lost, nothing out of order where order matters."""

import json
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from services.exchange.domain.body import Limits, cut, put_back
from services.exchange.service.upload import Lines

LIMITS = Limits(page_items=3, page_bytes=400, window_items=12, window_bytes=2_000)
ITEMS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 5), st.integers(0, 60)).map(
        lambda drawn: {"id": drawn[0], "firm": f"F{drawn[1]}", "padding": "x" * drawn[2]}
    ),
    max_size=60,
)


def identify(line):
    if line.startswith(b"?"):
        return None
    read = json.loads(line)
    return str(read["id"]), read["firm"]


def lines_of(items):
    return [json.dumps(item).encode() + b"\n" for item in items]


def cut_lines(lines, limits=LIMITS):
    return list(cut(Lines(BytesIO(b"".join(lines))), identify, limits))


def pages_of(items, limits=LIMITS):
    return cut_lines(lines_of(items), limits)


def placed(page):
    places = page.places or range(page.first_index, page.first_index + page.items)
    return list(zip(places, map(json.loads, page.body.splitlines()), strict=True))


@given(ITEMS)
def test_every_item_stands_on_one_page_under_its_index(items):
    found = [entry for page in pages_of(items) for entry in placed(page)]
    assert sorted(found, key=lambda entry: entry[0]) == list(enumerate(items))


@given(ITEMS)
def test_repeats_of_a_record_are_taken_in_the_order_of_the_lines(items):
    taken = {}
    for page in pages_of(items):
        for index, item in placed(page):
            taken.setdefault(item["id"], []).append((page.window, page.number, index))
    for steps in taken.values():
        assert [index for *_, index in steps] == sorted(index for *_, index in steps)
        pages = {(window, number) for window, number, _ in steps}
        assert len(pages) == len({window for window, _ in pages}), (
            "two pages of a window may be taken in any order"
        )


@given(ITEMS)
def test_the_shares_of_the_verdicts_follow_each_other(items):
    first = 0
    for number, page in enumerate(pages_of(items)):
        assert (page.number, page.first_index) == (number, first)
        first += page.items
    assert first == len(items)


@given(ITEMS)
def test_verdicts_of_a_window_come_back_in_the_order_of_the_batch(items):
    windows = {}
    for page in pages_of(items):
        windows.setdefault(page.window, []).append(page)
    for pages in windows.values():
        if pages[0].places is not None:
            shares = put_back([(page.places, list(map(str, page.places))) for page in pages])
            assert [len(share) for share in shares] == [page.items for page in pages]
            first = pages[0].first_index
            assert [text for share in shares for text in share] == [
                str(place) for place in range(first, first + sum(page.items for page in pages))
            ]


@given(ITEMS)
def test_pages_stay_within_twice_their_limits(items):
    for page in pages_of(items):
        assert page.items <= 2 * LIMITS.page_items
        assert len(page.body) <= 2 * LIMITS.page_bytes + 200


def test_a_large_body_is_arranged_so_that_an_enterprise_stands_on_one_page_of_a_window():
    items = [{"id": number, "firm": f"F{number % 4}"} for number in range(12)]
    pages = pages_of(items)
    assert [page.places for page in pages] == [(0, 4, 8), (1, 5, 9), (2, 6, 10), (3, 7, 11)]
    assert {page.window for page in pages} == {0}


def test_a_body_that_fits_a_page_stays_as_it_is():
    (page,) = pages_of([{"id": 1, "firm": "F2"}, {"id": 2, "firm": "F1"}])
    assert page.places is None


def test_a_record_under_two_enterprises_keeps_the_order_of_the_lines():
    items = [{"id": 1, "firm": "F9"}, *({"id": number, "firm": "F1"} for number in range(5))]
    pages = pages_of(items)
    assert [(page.window, page.places) for page in pages] == [(0, None), (1, None)]


def test_lines_that_cannot_be_read_are_no_reason_to_keep_the_order():
    lines = [b"?\n", *lines_of([{"id": number, "firm": f"F{number % 2}"} for number in range(4)]), b"  \n"]
    pages = cut_lines(lines)
    assert [page.places for page in pages] == [(0, 1, 3), (2, 4)]
