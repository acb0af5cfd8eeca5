"""Grounds of lists and supervision classes: the released text is sound, and a ground is met only by what charges."""

from datetime import date

import pytest

from services.credit.domain.facts import fact_of
from services.credit.domain.rulebook import parse_rulebook
from services.credit.domain.supervision import grounds_met
from services.credit.rulebook import released_text
from services.credit.service.supervision_rules import RISK_OF, released, rules_on
from services.kernel.kinds import KINDS

ON = date(2026, 11, 23)


def met(kind="administrative_penalty", on=ON, **changes):
    details = {"penalty_types": ["责令关闭"], "fine_amount": "1000000.00"} | changes.pop("details", {})
    stated = {
        "record_id": "1", "kind": kind, "subject_uscc": "A", "authority": "B", "document_number": "1", "valid_until": None,
        "occurred_on": date(2026, 3, 2), "assertion": "determined", "effect": "final", "parties": [], "details": details,
    } | changes  # fmt: skip
    return [ground.id for ground in grounds_met(rules_on(on).grounds, fact_of(**stated), details, [], on)]


def test_every_ground_asks_what_its_kind_can_answer():
    for rules in released():
        for ground in rules.grounds:
            asked = [(ground.kind, test) for test in ground.when]
            asked += [(ground.after.kind, test) for test in ground.after.when] if ground.after else []
            for kind, test in asked:
                [member] = [member for member in KINDS[kind].members if member.name == test.field]
                assert not member.choices or set(test.values) <= set(member.choices)
                assert test.values or test.at_least


def test_every_letter_has_a_class_with_a_share_for_every_risk():
    letters = {band.letter for band in parse_rulebook(released_text("2026-01")).scale} | {"unrated"}
    for rules in released():
        assert set(rules.classes) == letters
        assert {frozenset(found.shares) for found in rules.classes.values()} == {frozenset(RISK_OF.values())}


def test_what_says_that_it_is_confirmed_names_no_doubt():
    for ground in released()[-1].grounds:
        assert not (ground.is_confirmed and "待确认" in ground.basis)


def test_a_heavier_penalty_meets_its_grounds():
    assert met() == ["heavier_penalty_restriction", "heavier_fine"]
    assert met(details={"fine_amount": "999999.99"}) == ["heavier_penalty_restriction"]
    assert met(details={"penalty_types": ["罚款"], "fine_amount": None}) == []


@pytest.mark.parametrize(
    "change", [{"effect": "suspended"}, {"assertion": "third_party"}, {"disputed": True}], ids=str
)
def test_what_does_not_charge_the_firm_meets_none(change):
    assert met(**change) == []


def test_a_ground_of_its_time_is_met_in_its_time_only():
    old = met(on=date(2020, 1, 1), details={"penalty_types": ["吊销许可证件"]})
    assert old == ["serious_quality_dishonesty_2015"]
    assert "serious_quality_dishonesty_2015" not in met(details={"penalty_types": ["吊销许可证件"]})
