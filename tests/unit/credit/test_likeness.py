"""Which statements a person is asked about, because no number tells whether they are of one act."""

import pytest

from services.credit.domain.facts import fact_of_content
from services.credit.domain.likeness import NEIGHBOURS, candidates, pairs_to_read

FIRM, AUTHORITY, OTHER = "91430100KXD000018X", "11430000KXB0000017", "11430000KXB0000025"


def said(record_id, number="演示罚1号", **changed):
    stated = {
        "record_id": record_id, "kind": "administrative_penalty", "subject": {"uscc": FIRM}, "provider": "one",
        "authority": {"uscc": AUTHORITY, "name": None}, "document_number": number, "occurred_on": "2026-03-02",
        "valid_until": None, "assertion": "determined", "effect": "final", "parties": [], "product": None,
        "details": {"violation": "演示违法行为", "penalty_types": ["罚款"], "fine_amount": "60000.00"},
    }  # fmt: skip
    return stated | changed


def other_details(**changed):
    return {"details": said("")["details"] | changed}


def found(*contents, decided=()):
    facts = [fact_of_content(content, content["record_id"]) for content in contents]
    told = {content["record_id"]: content for content in contents}
    return [
        (each.first, each.second, each.grounds)
        for each in candidates(pairs_to_read(facts), told, set(decided))
    ]


@pytest.mark.parametrize(
    ("changed", "grounds"),
    [
        ({}, ("same_day", "same_offence")),
        ({"occurred_on": "2026-05-02"}, ("same_offence",)),
        (other_details(fine_amount="1.00"), ("same_day",)),
        ({"provider": "two"}, ("same_day", "same_offence")),
        ({"authority": {"uscc": OTHER}}, ("same_day", "same_offence")),
        ({"provider": "two", "authority": {"uscc": OTHER}, "document_number": "演示罚（1）号"}, None),
        (
            {"provider": "two", "authority": {"name": "某局"}, "document_number": "演示罚 第1号"},
            ("same_number",),
        ),
        ({"occurred_on": "2026-05-02"} | other_details(violation="另一违法行为"), None),
        ({"occurred_on": "2023-05-02"}, None),
        ({"effect": "revoked"}, None),
        ({"assertion": "third_party"}, None),
    ],
)
def test_what_looks_alike_waits_with_its_grounds(changed, grounds):
    pair = said("a"), said("b", "演示罚2号") | changed

    assert found(*pair) == found(*pair[::-1]) == ([("a", "b", grounds)] if grounds else [])


def test_one_number_of_one_authority_needs_nobody():
    assert found(said("a"), said("b", "演示罚 第１號")) == []


def test_other_products_are_other_samples():
    check = {"kind": "spot_check", "number": None, "details": {"result": "pass"}}
    bed, sofa = {"product": {"name": "床垫", "batch": "1"}}, {"product": {"name": "沙发"}}

    assert found(said("a", **check | bed), said("b", **check | sofa)) == []
    assert found(said("a", **check | bed), said("b", **check | bed)) == [("a", "b", ("same_day",))]
    assert (
        found(said("a", **check | bed), said("b", **check | {"product": {"name": "床垫", "batch": "2"}}))
        == []
    )


@pytest.mark.parametrize(
    "changed", [{"occurred_on": "2023-05-02"}, {"kind": "spot_check", "details": {"result": "fail"}}]
)
def test_what_can_have_no_ground_is_not_even_read(changed):
    first = said("a") if "details" not in changed else said("a", **changed | {"details": {"result": "pass"}})
    facts = [fact_of_content(each, each["record_id"]) for each in (first, said("b", "演示罚2号") | changed)]

    assert pairs_to_read(facts) == []


def test_what_was_decided_waits_no_more():
    assert found(said("a"), said("b", "演示罚2号"), decided=[frozenset("ab")]) == []


def test_a_firm_told_of_in_hundreds_is_not_compared_pair_by_pair():
    facts = [fact_of_content(said(f"{place:03}", f"演示罚{place}号"), f"{place:03}") for place in range(300)]

    assert len(pairs_to_read(facts)) <= 300 * NEIGHBOURS
