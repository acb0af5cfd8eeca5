"""Golden cases of rule book 2026-01: a file, a day, what comes out."""

from datetime import date
from itertools import count

import pytest

from services.credit.domain.facts import fact_of
from services.credit.domain.grade import UNRATED, format_points, grade

FIRM = "91430100KXD0000011"
ON = date(2026, 11, 20)
_numbers = count(1)


def fact(kind, occurred_on, details, **changed):
    number = next(_numbers)
    stated = {
        "record_id": f"r{number:04}",
        "kind": kind,
        "subject_uscc": FIRM,
        "authority": "11430000000000000A",
        "document_number": f"演示〔2026〕{number}号",
        "occurred_on": date.fromisoformat(occurred_on),
        "valid_until": None,
        "assertion": "determined",
        "effect": "final",
        "parties": [("producer", FIRM, True)],
        "details": details,
    }
    return fact_of(**(stated | changed))


def penalty(occurred_on, *penalty_types, fine=None, **changed):
    details = {"penalty_types": list(penalty_types), "fine_amount": fine}
    return fact("administrative_penalty", occurred_on, details, **changed)


def check(occurred_on, result, level="municipal", **changed):
    return fact("spot_check", occurred_on, {"result": result, "level": level}, **changed)


def award(occurred_on, level="provincial", **changed):
    return fact("quality_award", occurred_on, {"name": "演示奖", "level": level}, **changed)


def accident(severity, finding, **changed):
    return fact("quality_accident", "2026-09-01", {"severity": severity, "finding": finding}, **changed)


def certificate(category, status="valid", number="1", **changed):
    details = {"category": category, "status": status, "certificate_number": f"演示证{number}"}
    return fact("certification", "2026-01-05", details, **changed)


PASS = check("2026-06-01", "pass")
GOOD = [check(f"2026-0{month}-01", "pass", "provincial") for month in (3, 4, 5, 6)] + [award("2025-09-01")]

CASES = [
    # story, facts, letter, score
    ("nothing at all", [], UNRATED, None),
    ("a registration only", [fact("enterprise_registration", "2020-01-01", {})], UNRATED, None),
    ("one pass makes a firm rated", [PASS], "A", "77.00"),
    ("a national pass counts more", [check("2026-06-01", "pass", "national")], "A", "79.00"),
    ("a pass fades after a year", [check("2025-06-01", "pass")], "A", "75.50"),
    ("a pass of two years ago is out", [check("2024-11-19", "pass")], UNRATED, None),
    ("one award makes a firm rated", [award("2026-01-01")], "A", "79.00"),
    ("a good record reaches AA", GOOD, "AA", "93.00"),
    ("praise has a limit", GOOD + [check("2026-07-01", "pass") for _ in range(20)], "AA", "93.00"),
    ("a failure is not paid for by many passes", [*GOOD, check("2026-08-01", "fail")], "A", "84.00"),
    ("a failure fades after six months", [*GOOD, check("2026-04-01", "fail")], "AA", "86.25"),
    ("a warning", [penalty("2026-11-01", "警告")], "B", "69.00"),
    ("a warning is out after three months", [penalty("2026-08-01", "警告")], UNRATED, None),
    ("a small fine is minor", [PASS, penalty("2026-11-01", "罚款", fine="3000.00")], "A", "72.00"),
    ("a fine is general: a letter lower", [PASS, penalty("2026-09-01", "罚款", fine="3000.01")], "B", "65.00"),
    ("a fine drops AA by a letter", [*GOOD, penalty("2026-09-01", "罚款", fine="50000.00")], "A", "81.00"),
    ("a fine fades after six months", [PASS, penalty("2026-03-01", "罚款", fine="50000.00")], "B", "68.00"),
    ("a fine is out after a year", [PASS, penalty("2025-11-19", "罚款", fine="50000.00")], "A", "77.00"),
    ("confiscation is general", [PASS, penalty("2026-09-01", "没收违法所得")], "B", "65.00"),
    ("a huge fine", [*GOOD, penalty("2026-09-01", "罚款", fine="1000000.00")], "B", "69.00"),
    ("a huge fine holds a good firm at B", [*GOOD, penalty("2024-10-01", "罚款", fine="1000000.00")], "B", "81.00"),
    ("the licence revoked", [*GOOD, penalty("2026-09-01", "罚款", "吊销许可证件", fine="1.00")], "C", "63.00"),
    ("revoked nearly three years ago", [*GOOD, penalty("2023-11-20", "吊销许可证、执照")], "C", "75.00"),
    ("revoked three years ago", [*GOOD, penalty("2023-11-19", "吊销许可证、执照")], "AA", "93.00"),
    ("one failure", [check("2026-08-01", "fail")], "B", "65.00"),
    ("a provincial failure", [check("2026-08-01", "fail", "provincial")], "B", "63.00"),
    ("two failures", [check("2026-07-01", "fail"), check("2026-08-01", "fail")], "B", "56.00"),
    ("three failures: all that quality can lose", [check(f"2026-0{month}-01", "fail") for month in (7, 8, 9)], "C", "53.00"),
    ("a failure and a fine", [check("2026-08-01", "fail"), penalty("2026-09-01", "罚款", fine="9000.00")], "C", "53.00"),
    ("two fines", [penalty(f"2026-0{month}-01", "罚款", fine="9000.00") for month in (8, 9)], "C", "50.00"),
    ("a refused check holds at B", [*GOOD, check("2026-08-01", "refused")], "B", "78.00"),
    ("an unconfirmed producer", [PASS, check("2026-08-01", "fail", parties=[("producer", FIRM, False)])], "A", "77.00"),
    ("a penalty not yet final", [PASS, penalty("2026-09-01", "责令关闭", effect="not_final")], "A", "77.00"),
    ("a penalty revoked", [PASS, penalty("2026-09-01", "责令关闭", effect="revoked")], "A", "77.00"),
    ("a penalty changed stays in force", [PASS, penalty("2026-09-01", "没收违法所得", effect="changed")], "B", "65.00"),
    ("an award that a firm gives itself", [award("2026-01-01", assertion="self_declared")], UNRATED, None),
    ("an award reported by others", [award("2026-01-01", assertion="third_party")], UNRATED, None),
    ("an award of tomorrow", [PASS, award("2026-11-21")], "A", "77.00"),
    ("an award of today", [PASS, award("2026-11-20")], "A", "82.00"),
    ("an award that ended yesterday", [PASS, award("2026-01-01", valid_until=date(2026, 11, 19))], "A", "77.00"),
    ("an award that ends today", [PASS, award("2026-01-01", valid_until=date(2026, 11, 20))], "A", "82.00"),
    ("a complaint scores nothing", [PASS, fact("complaint", "2026-09-01", {})], "A", "77.00"),
    ("a report scores nothing", [PASS, fact("violation_report", "2026-09-01", {})], "A", "77.00"),
    ("a licence scores nothing", [PASS, fact("administrative_licence", "2026-09-01", {})], "A", "77.00"),
    ("a risk sample scores nothing", [PASS, fact("spot_check", "2026-08-01", {"result": "fail", "level": "provincial", "sampling": "risk_monitoring"})], "A", "77.00"),
    ("a recall of one's own", [PASS, fact("recall", "2026-09-01", {"initiation": "voluntary"})], "A", "77.00"),
    ("an ordered recall", [PASS, fact("recall", "2026-09-01", {"initiation": "ordered"})], "B", "68.00"),
    ("an ordered recall fades", [PASS, fact("recall", "2026-03-01", {"initiation": "ordered"})], "A", "70.25"),
    ("an accident under inquiry", [PASS, accident("larger", "under_inquiry")], "A", "77.00"),
    ("an accident without a finding", [PASS, accident("larger", None)], "A", "77.00"),
    ("an accident", [PASS, accident("general", "responsible")], "B", "66.00"),
    ("a larger accident", [*GOOD, accident("larger", "responsible")], "C", "73.00"),
    ("an accident of another", [PASS, accident("larger", "responsible", parties=[])], "A", "77.00"),
    ("an inspection passed", [PASS, fact("random_inspection", "2026-09-01", {"result": "no_problem"})], "A", "77.00"),
    ("an inspection obstructed", [PASS, fact("random_inspection", "2026-09-01", {"result": "obstructed"})], "B", "67.00"),
    ("a system certificate", [PASS, certificate("management_system")], "A", "79.00"),
    ("a compulsory certificate", [PASS, certificate("compulsory")], "A", "77.00"),
    ("a suspended certificate", [PASS, certificate("product", status="suspended")], "A", "77.00"),
    ("one certificate told twice", [PASS, certificate("organic"), certificate("organic", authority="other")], "A", "79.00"),
    ("certificates have a limit", [PASS, *(certificate("product", number=n) for n in "12345")], "A", "83.00"),
    ("a declared standard", [PASS, fact("standard_declaration", "2026-09-01", {})], "A", "77.00"),
    ("a forerunner", [PASS, fact("standard_forerunner", "2026-09-01", {})], "A", "80.00"),
    ("a forerunner of two years ago", [PASS, fact("standard_forerunner", "2025-09-01", {})], "A", "78.50"),
    ("a commitment kept, as found", [PASS, fact("quality_commitment", "2026-09-01", {"fulfilment": "kept"})], "A", "80.00"),
    ("a commitment kept, as one says", [PASS, fact("quality_commitment", "2026-09-01", {"fulfilment": "kept"}, assertion="self_declared")], "A", "77.00"),
    ("a commitment not yet due", [PASS, fact("quality_commitment", "2026-09-01", {"fulfilment": "pending"})], "A", "77.00"),
    ("a commitment broken", [PASS, fact("quality_commitment", "2026-09-01", {"fulfilment": "broken"})], "A", "71.00"),
]  # fmt: skip


def shown(result):
    return result.letter, None if result.score is None else format_points(result.score)


@pytest.mark.parametrize(
    ("facts", "letter", "score"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_golden_case(book, facts, letter, score):
    assert shown(grade(facts, book, ON)) == (letter, score)


def test_an_unrated_firm_has_no_numbers_at_all(book):
    result = grade([], book, ON)

    assert (result.pillars, result.contributions, result.vetoes, result.next_change_on) == ((), (), (), None)


def test_a_grade_explains_itself(book):
    fine = penalty("2026-03-01", "罚款", fine="50000.00")

    result = grade([PASS, fine], book, ON)

    assert [
        (line.record_id, line.pillar, format_points(line.points), line.rule) for line in result.contributions
    ] == [
        (fine.record_id, "compliance", "-9.00", "penalty_fine"),
        (PASS.record_id, "quality", "3.00", "spot_check_pass"),
    ]
    assert "第107号" in result.contributions[0].basis


def test_the_pillars_make_the_score(book):
    result = grade([PASS], book, ON)

    assert [(pillar.id, pillar.score, pillar.maximum) for pillar in result.pillars] == [
        ("compliance", 3500, 3500),
        ("quality", 2400, 3500),
        ("commitment", 900, 1500),
        ("capability", 900, 1500),
    ]


def test_a_veto_names_its_record_and_last_day(book):
    closed = penalty("2026-09-01", "责令关闭")

    (veto,) = grade([PASS, closed], book, ON).vetoes

    assert (veto.record_id, veto.ceiling, veto.until) == (closed.record_id, "C", date(2029, 9, 1))


def test_an_act_stated_by_two_agencies_scores_once(book):
    number = "湘市监处罚〔2026〕1号"
    first = penalty("2026-09-01", "没收违法所得", document_number=number)
    again = penalty("2026-09-03", "没收违法所得", document_number="湘市监处罚(2026)第1号")

    result = grade([again, first, PASS], book, ON)

    assert [line.record_id for line in result.contributions] == [PASS.record_id, first.record_id]


def test_records_without_a_document_number_are_acts_of_their_own(book):
    checks = [check("2026-08-01", "fail", document_number=None) for _ in range(2)]

    assert len(grade(checks, book, ON).contributions) == 2


def test_an_objection_makes_the_grade_provisional_and_takes_the_record_out(book):
    contested = penalty("2026-09-01", "没收违法所得", disputed=True)

    result = grade([PASS, contested], book, ON)

    assert (result.provisional, *shown(result)) == (True, "A", "77.00")


def test_an_objection_to_one_statement_of_an_act_holds_for_the_act(book):
    contested = penalty("2026-09-01", "没收违法所得", document_number="演示1号", disputed=True)
    again = penalty("2026-09-01", "没收违法所得", document_number="演示1号")

    result = grade([PASS, contested, again], book, ON)

    assert (result.provisional, *shown(result)) == (True, "A", "77.00")


@pytest.mark.parametrize("effect", ["revoked", "unlawful", "suspended", "under_review"])
def test_an_act_that_fell_no_longer_scores_through_a_corroboration(book, effect):
    fallen = penalty("2026-09-01", "责令关闭", document_number="演示1号", effect=effect)
    again = penalty("2026-09-01", "责令关闭", document_number="演示1号")

    assert shown(grade([PASS, fallen, again], book, ON)) == ("A", "77.00")


def test_an_objection_to_what_would_not_count_is_no_reason_to_be_provisional(book):
    old = penalty("2020-09-01", "没收违法所得", disputed=True)
    complaint = fact("complaint", "2026-09-01", {}, disputed=True)

    assert not grade([PASS, old, complaint], book, ON).provisional


@pytest.mark.parametrize(
    ("facts", "next_change_on"),
    [
        ([penalty("2026-11-01", "警告")], date(2027, 2, 2)),
        ([penalty("2026-09-01", "罚款", fine="9000.00")], date(2027, 3, 2)),
        ([PASS], date(2027, 6, 2)),
        ([check("2025-06-01", "pass")], date(2027, 6, 2)),
        ([award("2026-01-01", valid_until=date(2026, 12, 31))], date(2027, 1, 1)),
        ([award("2027-05-05")], date(2027, 5, 5)),
        ([PASS, award("2027-05-05")], date(2027, 5, 5)),
        ([penalty("2026-11-01", "警告", disputed=True)], date(2027, 2, 2)),
        ([penalty("2015-01-01", "警告")], None),
    ],
)
def test_the_next_change_is_the_day_after_a_step_or_a_period_or_the_day_of_a_coming_record(
    book, facts, next_change_on
):
    assert grade(facts, book, ON).next_change_on == next_change_on


@pytest.mark.parametrize(
    ("hundredths", "text"),
    [(0, "0.00"), (-1250, "-12.50"), (-5, "-0.05"), (8750, "87.50"), (10000, "100.00"), (7, "0.07")],
)
def test_points_are_decimal_strings(hundredths, text):
    assert format_points(hundredths) == text
