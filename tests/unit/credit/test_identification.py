"""Who an item is about, by what it says and what is known: identifiers, names, and above all what is not certain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.holding import HoldReason, question_of, sample_of
from services.credit.domain.identification import (
    Certainty,
    Known,
    MatchReason,
    Sought,
    core_of,
    identify,
    is_number,
    likeness,
    plain_name,
    signature_of,
    spelled_name,
)
from tests.filing import code_of

A, B = code_of(1), code_of(2)
NUMBER = "430100000012345"
ZHUHAI = Known(A, "湖南竹海食品有限公司", "430102", ("长沙竹海副食品厂",), frozenset({NUMBER}))
OTHER = Known(B, "长沙顺达汽车修理有限公司", "430104")


def sought(code=None, number=None, name=None, region="430102"):
    return Sought(code, number, name, region)


@pytest.mark.parametrize(
    ("asked", "known", "certainty", "uscc"),
    [
        (sought(code=A[8:17]), [ZHUHAI, OTHER], Certainty.CERTAIN, A),
        (sought(number=NUMBER), [ZHUHAI, OTHER], Certainty.CERTAIN, A),
        (sought(number=NUMBER, name="竹海副食品厂"), [ZHUHAI], Certainty.CERTAIN, A),
        (sought(code=A[8:17], number=NUMBER), [ZHUHAI], Certainty.CERTAIN, A),
        # the name says somebody else, or the two identifiers do
        (sought(number=NUMBER, name="衡阳顺达汽车修理厂"), [ZHUHAI], Certainty.UNCERTAIN, None),
        (sought(code=B[8:17], number=NUMBER), [ZHUHAI, OTHER], Certainty.UNCERTAIN, None),
        # one number, two firms
        (sought(number=NUMBER), [ZHUHAI, OTHER._replace(numbers=frozenset({NUMBER}))], Certainty.UNCERTAIN, None),
        # a placeholder that a firm was once sent with identifies nobody
        (sought(number="/"), [ZHUHAI._replace(numbers=frozenset({"/"}))], Certainty.NONE, None),
        (sought(number="123"), [ZHUHAI._replace(numbers=frozenset({"123"}))], Certainty.NONE, None),
        # a name alone is never certain, not the whole current name of the only firm in its region
        (sought(name="湖南竹海食品有限公司"), [ZHUHAI], Certainty.UNCERTAIN, None),
        (sought(name="甲乙丙"), [ZHUHAI, OTHER], Certainty.NONE, None),
        (sought(name="竹海"), [], Certainty.NONE, None),
    ],
)  # fmt: skip
def test_only_an_exact_identifier_of_one_firm_is_certain(asked, known, certainty, uscc):
    found = identify(asked, known)
    assert (found.certainty, found.uscc) == (certainty, uscc)


def test_candidates_stand_by_score_with_their_reasons():
    twin = Known(code_of(3), "湖南竹湖食品有限公司", "430300")
    found = identify(sought(name="湖南竹海食品有限责任公司"), [twin, OTHER, ZHUHAI]).candidates
    assert [(each.uscc, each.reasons) for each in found] == [
        (A, (MatchReason.NAME_SPELLED_ALIKE, MatchReason.REGION_SAME)),
        (code_of(3), (MatchReason.NAME_SIMILAR,)),
    ]
    former = identify(sought(name="長沙竹海副食品廠", region="430100"), [ZHUHAI]).candidates[0]
    assert (former.found_as, former.reasons[0]) == ("长沙竹海副食品厂", MatchReason.FORMER_NAME_SAME)


@pytest.mark.parametrize(
    "written",
    [
        "湖南竹海食品（集团）有限公司",
        "湖南竹海食品(集团)有限公司",
        "湖南 竹海食品【集團】有限公司",
        "湖南竹海食品·集团有限公司",
    ],
)
def test_what_carries_no_meaning_in_a_name_makes_no_difference(written):
    assert plain_name(written) == "湖南竹海食品集团有限公司"


def test_the_legal_form_has_one_spelling_but_not_one_meaning():
    assert spelled_name("竹海有限责任公司") == spelled_name("竹海有限公司")
    assert spelled_name("竹海股份有限公司") != spelled_name("竹海有限公司")
    assert core_of("湖南省长沙市竹海食品有限公司") == "竹海食品"


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_a_percentage_and_the_same_both_ways(one, other):
    assert 0 <= likeness(one, other) == likeness(other, one) <= 100
    assert likeness(one, one) == 100


NAMES = st.sampled_from(
    ["湖南竹海食品有限公司", "长沙竹海副食品厂", "竹海", "长沙顺达汽车修理有限公司", None]
)
NUMBERS = st.sampled_from([NUMBER, "430100000054321", "/", None])
KNOWN = st.builds(
    Known, st.sampled_from([A, B, code_of(3)]), NAMES.map(lambda name: name or ""), st.just("430102"), st.just(()),
    st.frozensets(NUMBERS.filter(bool), max_size=2),
)  # fmt: skip


@given(
    st.builds(Sought, st.sampled_from([A[8:17], B[8:17], None]), NUMBERS, NAMES, st.just("430102")),
    st.lists(KNOWN, max_size=4, unique_by=lambda known: known.uscc),
)
def test_certain_is_only_what_every_known_identifier_says(asked, known):
    found = identify(asked, known)
    assert found == identify(asked, known[::-1])
    if found.certainty is not Certainty.CERTAIN:
        assert found.uscc is None
        return
    of_code = {each.uscc for each in known if each.uscc[8:17] == asked.organisation_code}
    of_number = {
        each.uscc
        for each in known
        if is_number(asked.registration_number or "") and asked.registration_number in each.numbers
    }
    assert of_code | of_number == {found.uscc}


def test_a_question_is_of_one_provider_and_a_name_of_one_place():
    named = sought(name="竹海食品")
    assert signature_of(named) == signature_of(sought(name="竹海　食品"))
    assert signature_of(named) != signature_of(sought(name="竹海食品", region="430300"))
    assert signature_of(sought(number=NUMBER)) == signature_of(sought(number=NUMBER, region="430300"))
    mine = question_of("a", HoldReason.SUBJECT_UNCERTAIN, signature_of(named))
    assert mine != question_of("b", HoldReason.SUBJECT_UNCERTAIN, signature_of(named))


def test_a_sample_is_told_by_its_batch_or_is_a_question_of_its_own():
    product = {"name": "酱油", "brand": None, "model": None, "batch": "05"}
    assert sample_of(A, product, {}, None) == sample_of(A, product, {"failed_items": ["铅"]}, None)
    assert sample_of(A, product, {}, None) != sample_of(A, product | {"batch": "06"}, {}, None)
    assert sample_of(A, product | {"batch": None}, {}, "公告1号") is None
    assert sample_of(A, product | {"batch": None}, {"production_date": "20260501"}, None) is not None
