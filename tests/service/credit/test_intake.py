"""Taking pages: verdicts, versions, events, names, and what two pages at once or a page sent twice leave behind."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import blake2b

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.credit.service.intake import record_id_of, take_page
from tests.filing import (
    EVERYTHING,
    OTHER,
    PROVINCIAL,
    award,
    card_of,
    check,
    code_of,
    events_of,
    facts_of,
    make_empty,
    name_of,
    page_of,
    penalty,
    registration,
    rows,
    take,
)


def types_of(events):
    return [event["type"] for event in events]


def verdicts_of(lines):
    return [line["verdict"] for line in lines]


def faults_of(line):
    return [fault["code"] for fault in line["faults"]]


def everything_in(database):
    tables = ("record", "record_version", "enterprise", "enterprise_name", "outbox", "card", "batch_page")
    return {table: rows(database, f"SELECT count(*) FROM {table}")[0][0] for table in tables}


def test_each_item_gets_a_verdict_in_its_place(credit):
    wrong = registration(3) | {"subject": {"uscc": "91430000616800612X"}}
    lines = take(credit, registration(1), registration(1), wrong, check(2, result="fail"), first_index=40)
    assert [(line["index"], line["verdict"]) for line in lines] == [
        (40, "accepted"),
        (41, "unchanged"),
        (42, "rejected"),
        (43, "held"),
    ]


def test_the_counts_are_those_of_the_verdicts(credit):
    wrong = registration(3) | {"occurred_on": "2026-02-30"}
    page = page_of([registration(1), registration(1), wrong, check(2, result="fail")])
    counts = json.loads(take_page(credit, page, PROVINCIAL, EVERYTHING).counts)
    assert counts == {"total": 4, "accepted": 1, "unchanged": 1, "held": 1, "rejected": 1}


def test_a_page_sent_again_gets_the_stored_answer(credit, clock):
    page = page_of([registration(1), penalty(1)])
    first = take_page(credit, page, PROVINCIAL, EVERYTHING)
    clock.advance(days=1)
    assert take_page(credit, page, PROVINCIAL, EVERYTHING) == first


def test_a_page_sent_again_writes_nothing(credit):
    page = page_of([registration(1), penalty(1)])
    take_page(credit, page, PROVINCIAL, EVERYTHING)
    before = everything_in(credit.database)
    take_page(credit, page, PROVINCIAL, EVERYTHING)
    assert everything_in(credit.database) == before


def test_another_body_under_a_taken_page_is_refused(credit):
    take(credit, registration(1), batch=7_000)
    with pytest.raises(ValueError, match="another body"):
        take(credit, registration(2), batch=7_000)


def test_a_refused_page_leaves_what_was_taken(credit):
    take(credit, registration(1), batch=7_001)
    before = everything_in(credit.database)
    with pytest.raises(ValueError, match="another body"):
        take(credit, registration(2), batch=7_001)
    assert everything_in(credit.database) == before


def test_the_same_records_in_a_new_batch_are_unchanged(credit):
    take(credit, registration(1), penalty(1))
    assert verdicts_of(take(credit, registration(1), penalty(1))) == ["unchanged", "unchanged"]


def test_unchanged_records_make_no_event(credit):
    take(credit, registration(1), penalty(1))
    before = events_of(credit.database)
    take(credit, registration(1), penalty(1))
    assert events_of(credit.database) == before


def test_a_record_id_is_a_digest_of_who_states_it_and_its_own_id(credit):
    (line,) = take(credit, penalty(1, "甲-1"))
    expected = blake2b(
        f"{PROVINCIAL.id}\x1fadministrative_penalty\x1f甲-1".encode(), digest_size=16
    ).hexdigest()
    assert line["record_id"] == expected == record_id_of(PROVINCIAL.id, "administrative_penalty", "甲-1")


def test_two_agencies_with_one_source_id_have_two_records(credit):
    (mine,), (theirs,) = take(credit, penalty(1)), take(credit, penalty(1), provider=OTHER)
    assert mine["record_id"] != theirs["record_id"]


def test_a_to_b_to_a_is_three_versions(credit):
    for fine in ("60000.00", "70000.00", "60000.00"):
        (line,) = take(credit, penalty(1, fine=fine))
    assert (line["verdict"], line["version"]) == ("accepted", 3)


def test_a_new_version_leaves_the_earlier_ones_as_they_were(credit):
    take(credit, penalty(1))
    first = rows(credit.database, "SELECT * FROM record_version ORDER BY version")
    take(credit, penalty(1, fine="70000.00", operation="correct"))
    take(credit, penalty(1, operation="withdraw", reason="revoked"))
    after = rows(credit.database, "SELECT * FROM record_version ORDER BY version")
    assert (after[:1], len(after)) == (first, 3)


def test_an_item_of_an_older_batch_is_superseded(credit):
    take(credit, penalty(1), batch=9_002)
    (line,) = take(credit, penalty(1, fine="70000.00"), batch=9_001)
    assert (line["verdict"], faults_of(line), line["version"]) == ("unchanged", ["superseded"], 1)


def test_an_unchanged_item_still_makes_older_batches_superseded(credit):
    take(credit, penalty(1), batch=9_010)
    take(credit, penalty(1), batch=9_012)
    (line,) = take(credit, penalty(1, fine="70000.00"), batch=9_011)
    assert faults_of(line) == ["superseded"]


def test_repeats_within_a_batch_apply_in_order(credit):
    lines = take(credit, penalty(1), penalty(1, fine="1.00"), penalty(1))
    assert [line["version"] for line in lines] == [1, 2, 3]


@pytest.mark.parametrize(
    "operation", [{"operation": "correct"}, {"operation": "withdraw", "reason": "revoked"}]
)
def test_nothing_unknown_is_corrected_or_withdrawn(credit, operation):
    (line,) = take(credit, penalty(1, **operation))
    assert (line["verdict"], faults_of(line)) == ("rejected", ["record_unknown"])


def test_a_rejected_item_makes_no_file(credit):
    take(credit, penalty(1, operation="correct"))
    assert rows(credit.database, "SELECT uscc FROM enterprise WHERE version > 0") == []


def test_enterprise_versions_count_its_events(credit):
    take(credit, registration(1), penalty(1), check(1), registration(2))
    take(credit, penalty(1, fine="70000.00"), award(2))
    for number in (1, 2):
        versions = [event["enterprise_version"] for event in events_of(credit.database, number)]
        assert versions == list(range(1, len(versions) + 1))
        held = rows(
            credit.database, "SELECT version FROM enterprise WHERE uscc = :code", code=code_of(number)
        )
        assert held == [(len(versions),)]


def test_recorded_at_rises_strictly_while_the_clock_stands_still(credit):
    for fine in ("1.00", "2.00", "3.00"):
        take(credit, penalty(1, fine=fine), check(1, fine), check(1, f"held {fine}", result="fail"))
    instants = [
        instant
        for (instant,) in rows(credit.database, "SELECT recorded_at FROM record_version ORDER BY recorded_at")
    ]
    assert len(set(instants)) == len(instants) == 9


def test_recorded_at_rises_when_the_clock_goes_back(credit, clock):
    take(credit, penalty(1))
    clock.advance(hours=-5)
    take(credit, penalty(1, fine="70000.00"))
    recorded = [datetime.fromisoformat(event["recorded_at"]) for event in events_of(credit.database, 1)]
    assert recorded == sorted(set(recorded))


def test_a_changed_letter_is_told_after_the_record(credit):
    take(credit, registration(1), check(1))
    take(credit, penalty(1, types=["责令停产停业"]))
    assert types_of(events_of(credit.database, 1))[-2:] == ["record_upserted", "grade_changed"]


def test_grade_changed_tells_both_letters(credit):
    take(credit, check(1))
    take(credit, penalty(1, types=["吊销许可证件"]))
    told = events_of(credit.database, 1)[-1]["data"]
    assert (told["from"], told["to"], told["cause"]) == ("A", "C", "records")


def test_the_card_bears_the_version_of_the_last_event(credit):
    take(credit, check(1))
    take(credit, penalty(1, types=["吊销许可证件"]))
    assert (
        card_of(credit.database, 1)["enterprise_version"]
        == events_of(credit.database, 1)[-1]["enterprise_version"]
    )


def test_a_dry_run_answers_and_leaves_nothing(credit):
    take(credit, registration(1))
    before = everything_in(credit.database)
    lines = take(credit, registration(1), penalty(1), registration(2), dry_run=True)
    assert verdicts_of(lines) == ["unchanged", "accepted", "accepted"]
    assert everything_in(credit.database) == before


def test_after_a_dry_run_the_page_is_taken(credit):
    take(credit, registration(1), batch=7_100, dry_run=True)
    assert verdicts_of(take(credit, registration(1), batch=7_100)) == ["accepted"]


def test_a_record_corrected_to_another_firm_leaves_the_first_file(credit):
    take(credit, check(1), penalty(1))
    take(credit, penalty(2, operation="correct"))
    assert [fact[1] for fact in facts_of(credit.database, 1)] == ["spot_check"]
    assert [fact[1] for fact in facts_of(credit.database, 2)] == ["administrative_penalty"]


def test_the_first_file_hears_that_the_record_left(credit):
    (taken,) = take(credit, penalty(1))
    take(credit, penalty(2, operation="correct"))
    left = [event for event in events_of(credit.database, 1) if event["type"] == "record_withdrawn"]
    assert [event["record_id"] for event in left] == [taken["record_id"]]


def test_a_held_record_may_be_released_under_another_firm(credit):
    take(credit, check(1, result="fail"))
    (line,) = take(credit, check(2, result="fail", confirmed=True))
    assert (line["verdict"], line["version"]) == ("accepted", 2)


def test_a_record_that_was_only_held_leaves_no_event_in_the_first_file(credit):
    take(credit, registration(1), check(1, result="fail"))
    take(credit, check(2, result="fail", confirmed=True))
    assert types_of(events_of(credit.database, 1)) == ["record_upserted"]


def test_a_withdrawn_record_stated_of_another_firm_is_not_withdrawn_again(credit):
    take(credit, penalty(1))
    take(credit, penalty(1, operation="withdraw", reason="revoked"))
    take(credit, penalty(2))
    assert types_of(events_of(credit.database, 1)).count("record_withdrawn") == 1


def test_a_withdrawal_that_names_another_firm_charges_it_with_nothing(credit):
    take(credit, penalty(1))
    take(credit, penalty(2, operation="withdraw", reason="revoked"))
    assert events_of(credit.database, 2) == []
    assert [fact[5] for fact in facts_of(credit.database, 1)] == ["revoked"]
    assert card_of(credit.database, 1)["grade"] == "unrated"


def test_who_was_told_of_a_record_hears_that_it_left(credit):
    take(credit, penalty(1, region="430200"))
    take(credit, penalty(2, operation="correct"))
    left = [event for event in events_of(credit.database, 1) if event["type"] == "record_withdrawn"]
    assert [event["region"] for event in left] == ["430200"]


def test_who_was_told_of_a_record_hears_that_it_went_to_another_region(credit):
    take(credit, penalty(1, region="430200"))
    take(credit, penalty(1, region="430300", operation="correct"))
    told = [(e["type"], e["region"], e["record_version"]) for e in events_of(credit.database, 1)]
    assert told[-2:] == [("record_withdrawn", "430200", 1), ("record_corrected", "430300", 2)]
    assert [fact[1] for fact in facts_of(credit.database, 1)] == ["administrative_penalty"]


def test_a_record_that_goes_from_region_to_region_within_a_page_is_told_at_each_step(credit):
    steps = [penalty(1, region=region) for region in ("430200", "430300", "430300", "430100")]
    take(credit, *steps)
    told = [(e["type"], e["region"]) for e in events_of(credit.database, 1) if e["record_id"]]
    assert told == [
        ("record_upserted", "430200"), ("record_withdrawn", "430200"), ("record_upserted", "430300"),
        ("record_withdrawn", "430300"), ("record_upserted", "430100"),
    ]  # fmt: skip


def test_who_was_told_of_a_record_hears_that_it_fell(credit):
    take(credit, penalty(1, region="430200"))
    take(credit, penalty(1, operation="withdraw", reason="revoked"))
    fell = [event for event in events_of(credit.database, 1) if event["type"] == "record_withdrawn"]
    assert [event["region"] for event in fell] == ["430200"]


def test_the_register_prevails_over_other_names(credit):
    take(credit, check(1) | {"subject": {"uscc": code_of(1), "name": "某某厂"}})
    take(credit, registration(1))
    take(credit, check(1, "c-2") | {"subject": {"uscc": code_of(1), "name": "又一个名字"}})
    assert card_of(credit.database, 1)["name"] == name_of(1)


def test_an_earlier_name_stays_as_a_former_name(credit):
    take(credit, registration(1, name="演示甲厂"))
    take(credit, registration(1, name="演示乙厂"))
    former = rows(credit.database, "SELECT name FROM enterprise_name WHERE until IS NOT NULL")
    current = rows(credit.database, "SELECT name FROM enterprise_name WHERE until IS NULL")
    assert (former, current) == ([("演示甲厂",)], [("演示乙厂",)])


def test_every_name_of_one_page_is_kept(credit):
    take(
        credit,
        registration(1, name="演示甲厂"),
        registration(1, name="演示乙厂"),
        registration(1, name="演示丙厂"),
    )
    former = rows(credit.database, "SELECT name FROM enterprise_name WHERE until IS NOT NULL ORDER BY since")
    current = rows(credit.database, "SELECT name FROM enterprise_name WHERE until IS NULL")
    assert (former, current) == ([("演示甲厂",), ("演示乙厂",)], [("演示丙厂",)])


def test_a_firm_without_a_name_is_shown_by_its_code(credit):
    take(credit, check(1) | {"subject": {"uscc": code_of(1)}})
    assert card_of(credit.database, 1)["name"] == code_of(1)


def test_a_failure_waits_for_its_producer(credit):
    (line,) = take(credit, check(1, result="fail"))
    assert (line["verdict"], faults_of(line)) == ("held", ["producer_unconfirmed"])
    assert events_of(credit.database) == []


def test_a_confirmed_failure_is_released_with_one_event_and_grades(credit):
    take(credit, check(1, result="fail"))
    take(credit, check(1, result="fail", confirmed=True))
    assert types_of(events_of(credit.database)) == ["record_upserted", "grade_changed"]


def test_the_first_letter_of_a_firm_is_told(credit):
    take(credit, registration(1))
    assert types_of(events_of(credit.database, 1)) == ["record_upserted"]
    take(credit, check(1))
    told = events_of(credit.database, 1)[-1]
    assert (told["type"], told["data"]["from"], told["data"]["to"]) == ("grade_changed", "unrated", "A")


def test_a_firm_that_is_rated_from_its_first_page_is_told_of_once(credit):
    take(credit, registration(1), check(1), award(1))
    assert types_of(events_of(credit.database, 1)) == ["record_upserted"] * 3 + ["grade_changed"]


def test_a_held_statement_does_not_displace_the_one_in_force(credit):
    take(credit, check(1))
    before = facts_of(credit.database, 1)
    take(credit, check(1, result="fail"))
    assert facts_of(credit.database, 1) == before
    assert rows(credit.database, "SELECT version, current_version FROM record") == [(2, 1)]


def test_a_held_statement_about_another_firm_leaves_the_one_in_force(credit):
    take(credit, check(1))
    take(credit, check(2, result="fail"))
    assert rows(credit.database, "SELECT uscc, current_version FROM record") == [(code_of(1), 1)]
    assert [fact[1] for fact in facts_of(credit.database, 1)] == ["spot_check"]


def test_a_held_statement_leaves_the_order_of_the_file(credit):
    take(credit, check(1, occurred_on="2026-06-01"))
    take(credit, check(1, occurred_on="2026-07-01", result="fail"))
    assert str(rows(credit.database, "SELECT occurred_on FROM record")[0][0]) == "2026-06-01"


def test_a_withdrawn_record_counts_no_more(credit):
    take(credit, check(1), penalty(1, types=["吊销许可证件"]))
    take(credit, penalty(1, types=["吊销许可证件"], operation="withdraw", reason="revoked"))
    assert [fact[5] for fact in facts_of(credit.database, 1) if fact[1] != "spot_check"] == ["revoked"]
    assert card_of(credit.database, 1)["grade"] == "A"


def test_overlapping_pages_at_once_lose_nothing(credit):
    def push(worker):
        for turn in range(6):
            order = list(range(1, 21)) if (worker + turn) % 2 else list(range(20, 0, -1))
            records = [penalty(number, f"{worker}-{turn}-{number}") for number in order]
            take(credit, *records)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(push, range(4)))
    assert rows(credit.database, "SELECT count(*) FROM record WHERE current_version = 1") == [(480,)]
    for number in range(1, 21):
        versions = [event["enterprise_version"] for event in events_of(credit.database, number)]
        assert versions == list(range(1, len(versions) + 1))
        assert len(facts_of(credit.database, number)) == 24


def test_one_page_delivered_twice_at_once_is_taken_once(credit):
    pages = [page_of([penalty(number, f"p-{number}") for number in range(1, 9)]) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for page in pages:
            answers = list(pool.map(lambda same: take_page(credit, same, PROVINCIAL, EVERYTHING), [page] * 4))
            assert len(set(answers)) == 1
    assert rows(credit.database, "SELECT count(*) FROM record_version") == [(8,)]


def test_a_record_that_moves_meanwhile_is_found(credit):
    take(credit, penalty(1))
    with ThreadPoolExecutor(3) as pool:
        moves = [penalty(number, fine=f"{number}.00") for number in (2, 3, 1, 4, 2, 5)]
        list(pool.map(lambda each: take(credit, each), moves))
    (holder,) = rows(credit.database, "SELECT uscc FROM record")[0]
    charged = [number for number in range(1, 6) if facts_of(credit.database, number)]
    assert [code_of(number) for number in charged] == [holder]


statements = st.one_of(
    st.builds(
        lambda source, day, kinds: penalty(
            1, f"p{source}", day, types=kinds, document_number=f"演示{source % 2}号"
        ),
        st.integers(0, 3),
        st.sampled_from(["2025-12-01", "2026-01-01", "2026-03-02"]),
        st.sampled_from([("罚款",), ("没收违法所得",), ("责令停产停业",), ("吊销许可证件",)]),
    ),
    st.builds(
        lambda source, result, confirmed: check(1, f"c{source}", result=result, confirmed=confirmed),
        st.integers(0, 3),
        st.sampled_from(["pass", "fail", "refused"]),
        st.booleans(),
    ),
    st.builds(
        lambda source, day: award(1, f"a{source}", day),
        st.integers(0, 1),
        st.sampled_from(["2025-09-01", "2021-11-23"]),
    ),
)
histories = st.lists(
    statements, max_size=6, unique_by=lambda each: (each["kind"], each["source_record_id"])
).flatmap(lambda history: st.tuples(st.just(history), st.permutations(history), st.integers(0, 6)))


def outcome(credit, *pages):
    make_empty(credit.database)
    for page in pages:
        take(credit, *page)
    card = card_of(credit.database, 1)
    return facts_of(credit.database, 1), card and card | {"enterprise_version": None}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories)
def test_the_order_of_arrival_of_different_records_does_not_matter(credit, history):
    stated, other_order, cut = history
    assert outcome(credit, stated) == outcome(credit, other_order[:cut], other_order[cut:])
