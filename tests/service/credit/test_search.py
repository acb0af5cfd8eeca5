"""Search by any part of a name: what is found and in which order equals a plain scan, on both databases."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.credit.store.names import search
from tests.filing import check, code_of, make_empty, registration, take


def folded(text):
    return "".join(
        character for character in unicodedata.normalize("NFKC", text) if not character.isspace()
    ).casefold()


def reference(histories, part):
    """What a scan of every name finds; `histories` lists each firm's names, the current one last."""
    sought, hits = folded(part), []
    for number, names in enumerate(histories, 1):
        matches = []
        for age, name in enumerate(reversed(names)):
            form = folded(name)
            if sought in form:
                rank = 0 if form == sought else 1 if form.startswith(sought) else 2
                matches.append((rank, len(form), age, name))
        if matches:
            rank, length, _, name = min(matches)
            hits.append((rank, length, code_of(number), names[-1], name))
    return sorted(hits)


def found(credit, part, *, after=None, limit=1_000):
    with credit.database.read() as session:
        hits = search(session, part, after=after, limit=limit)
    return [(hit.rank, hit.length, hit.uscc, hit.name, hit.found_as) for hit in hits]


def file_names(credit, histories):
    for number, names in enumerate(histories, 1):
        for name in names:
            take(credit, registration(number, name=name))


def codes(hits):
    return [hit[2] for hit in hits]


CHARACTERS = "演示湘潭长沙酒业有限公司（）()ＡａA Ｂ１1·㈱ßŒ\ue000\ue123𠮷䶮"
names = st.text(CHARACTERS, min_size=1, max_size=8).filter(lambda name: len(folded(name)) > 0)
histories_of_names = st.lists(st.lists(names, min_size=1, max_size=3), min_size=1, max_size=5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories_of_names)
def test_any_two_neighbours_find_what_a_scan_finds(credit, histories):
    make_empty(credit.database)
    file_names(credit, histories)
    kept = [
        [name for place, name in enumerate(each) if place == 0 or name != each[place - 1]]
        for each in histories
    ]
    parts = {name[place : place + 2] for each in histories for name in each for place in range(len(name) - 1)}
    for part in sorted(parts):
        if len(folded(part)) >= 2:
            assert found(credit, part) == reference(kept, part)


@pytest.fixture
def province(credit):
    """A few firms with names that are hard to tell apart."""
    take(
        credit,
        registration(1, name="演示湘潭酒业有限公司"),
        registration(2, name="湘潭酒业"),
        registration(3, name="长沙湘潭酒业有限公司"),
        registration(4, name="演示（长沙）机械有限公司"),
        registration(5, name="演示ＡＢ电子有限公司"),
        registration(6, name="演示\ue123\ue124有限公司"),
        registration(7, name="演示甲乙丙"),
    )
    take(credit, registration(7, name="演示丁戊己"))
    return credit


def test_the_whole_name_comes_first_then_beginnings_then_the_rest(province):
    assert codes(found(province, "湘潭酒业")) == [code_of(2), code_of(1), code_of(3)]


def test_a_beginning_comes_before_a_part(province):
    assert codes(found(province, "演示湘潭")) == [code_of(1)]
    assert codes(found(province, "长沙"))[0] == code_of(3)


@pytest.mark.parametrize("part", ["（长沙）", "(长沙)", "（长沙)", "(长"])
def test_parentheses_of_either_width_are_the_same(province, part):
    assert codes(found(province, part)) == [code_of(4)]


@pytest.mark.parametrize("part", ["AB", "ab", "ＡＢ", "ａｂ电", "b 电"])
def test_width_case_and_blanks_do_not_matter(province, part):
    assert codes(found(province, part)) == [code_of(5)]


def test_private_use_characters_are_found(province):
    assert codes(found(province, "\ue123\ue124")) == [code_of(6)]


def test_a_former_name_finds_the_firm_under_its_present_name(province):
    assert [hit[3:] for hit in found(province, "甲乙")] == [("演示丁戊己", "演示甲乙丙")]


def test_the_present_name_is_told_when_both_match(province):
    assert [hit[3:] for hit in found(province, "演示") if hit[2] == code_of(7)] == [
        ("演示丁戊己", "演示丁戊己")
    ]


def test_characters_in_another_order_find_nothing(province):
    assert found(province, "业酒") == []


def test_both_pairs_of_a_word_apart_are_no_match(credit):
    take(credit, registration(1, name="长沙甲沙县"))
    assert found(credit, "长沙县") == []


@pytest.mark.parametrize("part", ["%%", "__", "' OR", '"演示"', "演示*", "a AND b", "\\\\"])
def test_signs_of_query_languages_are_plain_text(province, part):
    assert found(province, part) == []


def test_a_name_that_grows_when_it_is_folded_is_taken_and_found(credit):
    name = "\ufdfa" * 200
    (line,) = take(credit, registration(1, name=name))
    assert line["verdict"] == "accepted"
    assert codes(found(credit, "\ufdfa\ufdfa")) == [code_of(1)]


@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_pages_walk_all_results_of_a_common_word_once(credit, size):
    take(credit, *(registration(number, name=f"演示有限公司{number % 4 * '甲'}") for number in range(1, 31)))
    walked, after = [], None
    while page := found(credit, "有限公司", after=after, limit=size):
        walked += page
        after = page[-1][:3]
    assert walked == found(credit, "有限公司")
    assert len(walked) == 30


def test_a_firm_known_from_another_source_is_found_by_its_name(credit):
    take(credit, check(1))
    assert codes(found(credit, "制造")) == [code_of(1)]
