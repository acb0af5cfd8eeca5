"""What makes a product, how its batches are counted, and what a rate is worth."""

from datetime import date
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.pass_rate import pass_rate
from services.credit.domain.product import identity_of, key_of
from services.credit.domain.product_file import Entry, batches_of, checks_of, indicators_of, rate_of, recent

ON = date(2026, 11, 23)


def identity(kind="recall", stage=None, parties=(), result=None, **product):
    stated = {"name": "米粉", "brand": None, "model": None} | product
    return identity_of(kind, "A", stage, parties, result=result, **stated)


def producer_of(*how, **more):
    found = identity(*how, **more)
    return found.producer if found else None


# --- identity


def test_what_carries_no_meaning_does_not_part_two_products():
    written = [
        {"name": "米粉", "brand": "湘味", "model": "500g×10"},
        {"name": " 米 粉", "brand": "湘味®", "model": "５００Ｇ*10"},
        {"name": "米粉", "brand": "湘味 ", "model": "500gX10"},
    ]
    assert len({identity(**each) for each in written}) == 1


def test_what_differs_or_is_left_out_makes_another_product():
    written = [
        {},
        {"brand": "湘味"},
        {"brand": "湘味牌"},
        {"model": "500g"},
        {"model": "50g"},
        {"name": "米粉(干)"},
        {"brand": "湘", "model": "味"},
    ]
    assert len({identity(**each).id for each in written}) == len(written)


@pytest.mark.parametrize("nothing", ["/", "--", " 无 ", "N/A", "空", "—"])
def test_placeholders_are_nothing(nothing):
    assert identity(brand=nothing, model=nothing) == identity()
    assert identity(name=nothing) is None


@given(st.text(max_size=20))
def test_a_key_written_again_is_itself(text):
    assert key_of(key_of(text)) == key_of(text)


# --- producer


def test_a_failure_is_nobodys_product_until_its_producer_is_confirmed():
    for result in ("fail", "refused"):
        assert producer_of("spot_check", parties=[("producer", "B", False)], result=result) is None
        assert producer_of("spot_check", result=result) is None
        assert producer_of("spot_check", parties=[("producer", "B", True)], result=result) == "B"
    assert producer_of("spot_check", parties=[("producer", "B", False)], result="pass") == "B"
    assert producer_of("spot_check", result="pass") == "A"


def test_of_two_named_producers_it_is_neithers():
    both = [("producer", "B", True), ("producer", "C", True)]
    assert producer_of("recall", parties=both) is None
    assert producer_of("recall", parties=[*both[:1], ("seller", "C", True)]) == "B"
    assert producer_of("recall", parties=[("producer", "", True)]) is None


def test_the_subject_is_the_producer_only_where_form_or_stage_say_so():
    assert producer_of("administrative_penalty") is None
    assert producer_of("administrative_penalty", "circulation") is None
    assert producer_of("administrative_penalty", "production") == "A"
    assert producer_of("recall") == "A"


# --- rate


@given(st.integers(0, 10**6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_the_bounds_are_wilsons(checked_passed):
    checked, passed = checked_passed
    rate = pass_rate(checked, passed)
    if not checked:
        assert rate == (0, 0, None, None, None)
        return
    z, p = 1.96, passed / checked
    middle, spread = p + z * z / 2 / checked, z * sqrt(p * (1 - p) / checked + z * z / 4 / checked**2)
    assert rate.low == pytest.approx(max(0, (middle - spread) / (1 + z * z / checked)) * 10_000, abs=2)
    assert rate.high == pytest.approx(min(1, (middle + spread) / (1 + z * z / checked)) * 10_000, abs=2)
    assert rate.low <= rate.share <= rate.high


def test_three_of_four_is_worth_less_than_three_hundred_of_four_hundred():
    few, many = pass_rate(4, 3), pass_rate(400, 300)
    assert few.share == many.share == 7_500
    assert (few.low, few.high) == (3_006, 9_545)
    assert (many.low, many.high) == (7_053, 7_900)


# --- counting


def check(record_id, result="pass", occurred_on="2026-06-01", batch=None, number=None, **changed):
    record = {
        "record_id": record_id, "kind": "spot_check", "subject": {"uscc": "A"}, "occurred_on": occurred_on, "valid_until": None,
        "assertion": "determined", "effect": "final", "document_number": number, "authority": {"uscc": "G", "name": None},
        "parties": [{"role": "producer", "subject": {"uscc": "A"}, "confirmed": True}],
        "product": {"name": "米粉", "batch": batch},
        "details": {"result": result, "level": "municipal", "failed_items": []},
    }  # fmt: skip
    return Entry(
        record | changed.pop("record", {}), changed.get("disputed", False), changed.get("used_until")
    )


def rate(*entries):
    counted = rate_of(checks_of(entries, "A", ON))
    return counted.passed, counted.checked


def test_a_batch_told_twice_counts_once_and_a_pass_hides_no_failure():
    assert rate(check("1", batch="1", number="9"), check("2", batch="1", number="9")) == (1, 1)
    assert rate(check("1", batch="1", number="9"), check("2", batch="2", number="9")) == (2, 2)
    assert rate(check("1", batch="1", number="9"), check("2", "fail", batch="1", number="9")) == (1, 2)
    assert rate(check("1", number="9"), check("2", number="9")) == (2, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"disputed": True},
        {"used_until": date(2026, 11, 22)},
        {"record": {"effect": "suspended"}},
        {"record": {"assertion": "third_party"}},
        {"record": {"valid_until": "2026-11-22"}},
        {
            "record": {
                "parties": [{"role": "producer", "subject": {"uscc": "A"}, "confirmed": False}],
                "details": {"result": "fail"},
            }
        },
        {"record": {"details": {"result": "fail", "sampling": "comparison"}}},
    ],
    ids=str,
)
def test_what_charges_nobody_is_not_counted(change):
    assert rate(check("1"), check("2", "fail", **change)) == (1, 1)


def test_a_refusal_is_no_sample():
    assert rate(check("1"), check("2", "refused")) == (1, 1)


def test_recent_ends_with_the_day_that_corresponds():
    checks = checks_of([check("1", occurred_on="2025-11-23"), check("2", occurred_on="2025-11-22")], "A", ON)
    assert len(recent(checks, 12, ON)) == 1


def test_batches_gather_what_names_them():
    recall = check("3", batch=" 2026 0601", record={"kind": "recall", "details": {"initiation": "ordered"}})
    [batch] = batches_of([check("1", batch="20260601"), recall], "A", ON)
    assert (batch.records, batch.checked, batch.passed, batch.recalled) == (2, 1, 1, True)


def test_a_declaration_stands_beside_the_failures_that_it_speaks_of():
    declared = Entry(
        {
            "record_id": "d", "kind": "standard_declaration", "occurred_on": "2026-01-01",
            "details": {"indicators": ["甲醛释放量：≤0.05mg/m³", "含水率：8%"]},
        },
        False,
        None,
    )  # fmt: skip
    items = {"result": "fail", "failed_items": ["甲醛释放量", "漆膜"], "measured_values": ["0.12"]}
    failures = [
        check("1", record={"details": items}),
        check("2", occurred_on="2025-12-31", record={"details": items}),
    ]
    first, second = indicators_of([declared], failures, "A", ON)
    assert [(found.record_id, found.item, found.measured) for found in first.findings] == [
        ("1", "甲醛释放量", "0.12")
    ]
    assert second.findings == ()
