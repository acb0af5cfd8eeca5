"""What goes over with a part of a reform, who stands in an agency's place, and which plans are refused."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.exchange.domain.succession import Held, Part, Reform, faults, is_given_up, passed_on
from services.exchange.service.administration import AdministrationRefused
from services.exchange.service.reform_plan import read_plan
from services.kernel import regions
from services.kernel.kinds import KINDS
from services.kernel.policy import AgencyFact, Policy
from services.kernel.succession import SuccessionFact, Successions
from services.launch.province.agencies import agencies
from tests.reform import PLAN

DAY = date(2026, 11, 23)
PLACES = ("430000", "430100", "430102", "430111", "430400", "430405")
SOME_KINDS = ("spot_check", "recall", "complaint", "grade")
KIND_OR_ALL = st.sampled_from(("*", *SOME_KINDS))
PLACES_SET = st.lists(st.sampled_from(PLACES), min_size=1, max_size=3, unique=True).map(tuple)


def held(direction="push", kind="*", within=("430000",), until=None):
    return Held(direction, kind, tuple(within), ("public",), "演示", "演示", date(2020, 1, 1), until)


def part(predecessor="a", successor="b", kinds=("*",), within=("430000",), main=False):
    return Part(predecessor, successor, "演示", tuple(kinds), tuple(within), main, False)


def covered(grants):
    return {
        (kind, place)
        for grant in grants
        for kind in (SOME_KINDS if grant.kind == "*" else (grant.kind,))
        for place in PLACES
        if any(regions.within(place, root) for root in grant.regions)
    }


@settings(max_examples=80)
@given(KIND_OR_ALL, PLACES_SET, st.lists(KIND_OR_ALL, max_size=3, unique=True), PLACES_SET)
def test_a_successor_gets_just_what_lies_in_both(kind, within, kinds, taken):
    grant, function = held("pull", kind, within), part(kinds=kinds, within=taken)
    given_over = passed_on(grant, function, on=DAY, within=regions.within)
    whole = covered([grant])
    named = covered([held(kind=kind, within=taken) for kind in kinds])
    assert covered(given_over) == whole & named
    assert all(
        (new.groups, new.purpose, new.valid_until) == (grant.groups, grant.purpose, grant.valid_until)
        for new in given_over
    )


def test_what_is_over_is_not_passed_on_and_grades_are_never_pushed():
    assert passed_on(held(until=date(2026, 11, 22)), part(), on=DAY, within=regions.within) == []
    assert passed_on(held(), part(kinds=("grade",)), on=DAY, within=regions.within) == []
    [last] = passed_on(held(until=DAY), part(), on=DAY, within=regions.within)
    assert (last.valid_from, last.valid_until) == (DAY, DAY)


def test_who_lives_on_gives_up_what_went_over_whole():
    spot = [part(kinds=("spot_check",), within=("430100",))]
    assert is_given_up(held(kind="spot_check", within=("430102",)), spot, regions.within)
    assert not is_given_up(held(kind="spot_check"), spot, regions.within)
    assert not is_given_up(held("pull", "spot_check", ("430102",)), spot, regions.within)
    assert not is_given_up(held(within=("430102",)), spot, regions.within)


LINE = [
    SuccessionFact("old", "main", ("*",), "430000", date(2018, 11, 1), is_main=True),
    SuccessionFact("old", "drugs", ("recall",), "430000", date(2018, 11, 1)),
    SuccessionFact("old", "city", ("recall",), "430100", date(2018, 11, 1)),
    SuccessionFact("main", "later", ("*",), "430000", date(2024, 1, 1), is_main=True),
    SuccessionFact("living", "drugs", ("complaint",), "430000", date(2018, 11, 1)),
]


@pytest.mark.parametrize(
    ("agency", "kind", "region", "on", "heir"),
    [
        ("old", "spot_check", "430102", date(2018, 10, 31), "old"),
        ("old", "spot_check", "430102", date(2018, 11, 1), "main"),
        ("old", "recall", "430400", date(2018, 11, 1), "drugs"),
        ("old", "recall", "430102", date(2018, 11, 1), "city"),
        ("old", "spot_check", "430102", date(2024, 1, 1), "later"),
        ("living", "complaint", "430100", DAY, "drugs"),
        ("living", "spot_check", "430100", DAY, "living"),
        ("nobody", "recall", "430100", DAY, "nobody"),
    ],
)
def test_the_most_exact_part_says_who_stands_in_an_agencys_place(agency, kind, region, on, heir):
    line = Successions(LINE, lambda agency, _: agency not in ("old", "main"))
    assert line.heir(agency, kind, region, on) == heir


def test_what_no_part_names_falls_to_the_main_successor_once_the_agency_is_over():
    facts = [SuccessionFact("old", "main", ("recall",), "430000", DAY, is_main=True)]
    for is_over, heir in ((True, "main"), (False, "old")):
        line = Successions(facts, lambda *_, over=is_over: not over)
        assert line.heir("old", "complaint", "430000", DAY) == heir


def test_agencies_that_succeed_each_other_in_a_ring_end_somewhere():
    ring = [SuccessionFact(one, two, ("*",), "430000", DAY, is_main=True) for one, two in ("ab", "bc", "ca")]
    line = Successions(ring, lambda *_: False)
    assert line.heir("a", "recall", "430000", DAY) in "abc"
    assert sorted(line.predecessors("a", DAY)) == ["b", "c"]
    assert set(line.successors("a", DAY)) <= {"b", "c"}


def test_an_agency_that_is_over_is_shown_with_its_present_successors():
    ends = {"old": date(2018, 11, 30), "main": date(2023, 12, 31)}
    known = [
        AgencyFact(
            name, "x", name.upper(), "province", "430000", None, "0" * 18, date(2010, 1, 1), ends.get(name)
        )
        for name in ("old", "main", "drugs", "city", "later", "living")
    ]
    policy = Policy(1, {}, known, [], [], [], successions=LINE)
    assert policy.shown_name("old", date(2018, 11, 30)) == "OLD"
    assert policy.shown_name("old", date(2018, 12, 1)) == "原OLD（现MAIN、CITY、DRUGS）"
    assert policy.shown_name("old", DAY) == "原OLD（现CITY、DRUGS、LATER）"
    assert policy.shown_name("main", DAY) == "原MAIN（现LATER）"
    assert policy.shown_name("living", DAY) == "LIVING"
    assert policy.shown_name("unheard-of", DAY) == "unheard-of"


def faults_of(reform, today=DAY):
    places = {"a": "430000", "b": "430000", "c": "430100"}
    return faults(
        reform, places=places, kinds=KINDS, known_region=regions.known, within=regions.within, today=today
    )


@pytest.mark.parametrize(
    ("parts", "changed", "told"),
    [
        ((), {}, "names no succession"),
        ((part(main=True),), {"document": " "}, "names its document"),
        ((part(main=True),), {"effective_on": date(2026, 11, 24)}, "has not come"),
        ((part(main=True),), {"overlap_days": 367}, "overlap_days"),
        ((part(main=True),), {"ends": ("a", "c")}, "c ends and nobody succeeds it"),
        ((part(successor="z"),), {}, "'z' is unknown"),
        ((part(successor="a"),), {}, "does not succeed itself"),
        ((part(kinds=("nonsense",)),), {}, "kind 'nonsense' is unknown"),
        ((part(within=("999999",)),), {}, "region '999999' is unknown"),
        ((part("c", "a"),), {}, "does not lie in the predecessor's"),
        ((part(), part(successor="c")), {"ends": ("a",)}, "mark the main one"),
        ((part(main=True), part(successor="c", kinds=(), main=True)), {}, "several main successors"),
        ((part(main=True), part(successor="c")), {}, "* in 430000 goes to b and to c"),
        ((part(), part(kinds=("recall",))), {}, "twice"),
    ],
)
def test_a_plan_that_would_leave_something_open_is_refused(parts, changed, told):
    reform = Reform(
        **{"document": "演示", "effective_on": DAY, "overlap_days": 7, "parts": parts, "ends": ()} | changed
    )
    assert any(told in fault for fault in faults_of(reform)), faults_of(reform)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("document =", "no TOML"),
        (PLAN.replace("document", "dokument"), "dokument is unknown"),
        (PLAN.replace("overlap_days = 7", "overlap_days = true"), "overlap_days is no int"),
        (
            PLAN.replace('region = "430000"\nname = "演示·省市', 'name = "演示·省市'),
            "agency 1: region is missing",
        ),
        (PLAN.replace('kinds = ["quality_award"]', "kinds = [1]"), "succession 4: kinds is a list of texts"),
        ('document = ""\neffective_on = 2018-11-01\nsuccession = [1]', "written as tables"),
    ],
)
def test_a_file_that_is_no_plan_is_refused_with_its_place(written, told):
    with pytest.raises(AdministrationRefused, match=told):
        read_plan(written)


def test_the_plan_of_2018_fits_the_demos_province():
    plan = read_plan(Path("docs/reform-2018.toml").read_text(encoding="utf-8"))
    places = {agency.id: agency.region for agency in (*agencies(), *plan.agencies)}
    assert faults(
        plan.reform, places=places, kinds=KINDS, known_region=regions.known, within=regions.within, today=DAY
    ) == []  # fmt: skip
    assert len({agency.uscc for agency in (*agencies(), *plan.agencies)}) == len(places)
