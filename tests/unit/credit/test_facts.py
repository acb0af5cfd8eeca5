"""What a record states about its subject, as grading sees it."""

from datetime import date

import pytest

from services.credit.domain.facts import FIELDS, fact_of, fen_of, normalise_document_number
from services.kernel.kinds import KINDS

FIRM, OTHER = "91430100KXD0000011", "91430100KXD0000028"


def fact(**changed):
    stated = {
        "record_id": "r1",
        "kind": "administrative_penalty",
        "subject_uscc": FIRM,
        "authority": "11430000000000000A",
        "document_number": "湘市监处罚〔2026〕1号",
        "occurred_on": date(2026, 3, 2),
        "valid_until": None,
        "assertion": "determined",
        "effect": "final",
        "parties": (),
        "details": {},
    }
    return fact_of(**(stated | changed))


def check(result, parties=(), **changed):
    return fact(
        kind="spot_check", details={"result": result, "level": "provincial"}, parties=parties, **changed
    )


def test_only_details_that_rules_look_at_are_kept():
    stated = fact(
        details={"violation": "…", "penalty_types": ["罚款"], "fine_amount": "5000.5", "content": "…"}
    )

    assert stated.attributes == {"penalty_types": ["罚款"], "fine_amount": 500050}


@pytest.mark.parametrize("details", [{"level": None}, {"level": 3}, {"level": ["national"]}, {}])
def test_a_detail_that_is_missing_or_of_another_type_is_left_out(details):
    assert fact(kind="quality_award", details=details).attributes == {}


def test_days_are_ordinals():
    stated = fact(valid_until=date(2027, 3, 1))

    assert (date.fromordinal(stated.occurred_on), date.fromordinal(stated.valid_until)) == (
        date(2026, 3, 2),
        date(2027, 3, 1),
    )


@pytest.mark.parametrize(
    ("yuan", "fen"), [("0", 0), ("3000", 300000), ("3000.1", 300010), ("0.01", 1), ("2.500", 250)]
)
def test_yuan_become_fen(yuan, fen):
    assert fen_of(yuan) == fen


@pytest.mark.parametrize("text", ["", "-1", "1e3", "1,000", "0.001", "١", " 1", "1.", "nan"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match="not an amount"):
        fen_of(text)


@pytest.mark.parametrize(
    "written",
    [
        "湘市监处罚〔2026〕1号",
        "湘市监处罚(2026)1号",
        "湘市监处罚（2026）第1号",
        "湘市监处罚 [2026] 1号",
        "湘市监处罚【２０２６】1号 ",
    ],
)
def test_ways_of_writing_one_document_number_make_one_act(written):
    assert fact(document_number=written).act == fact().act


def test_other_numbers_authorities_and_kinds_are_other_acts():
    acts = {
        fact().act,
        fact(document_number="湘市监处罚〔2026〕11号").act,
        fact(authority="11430100000000000B").act,
        fact(kind="quality_award").act,
    }

    assert len(acts) == 4


@pytest.mark.parametrize("blank", [None, "", " ", "/", "暂无", "无", "--", "null"])
def test_a_placeholder_is_no_document_number(blank):
    assert normalise_document_number(blank) is None
    assert fact(document_number=blank).act is None


def test_a_pass_and_a_failure_under_one_announcement_are_two_acts():
    assert check("pass").act != check("fail").act


def test_the_subject_of_a_penalty_is_its_responsible_party():
    assert fact(parties=[("seller", OTHER, True)]).responsible


@pytest.mark.parametrize(
    ("result", "parties", "responsible"),
    [
        ("fail", [("producer", FIRM, True)], True),
        ("fail", [("producer", FIRM, False)], False),
        ("fail", [("producer", OTHER, True)], False),
        ("fail", [("seller", FIRM, True)], False),
        ("fail", [], False),
        ("refused", [("producer", FIRM, True)], True),
        ("refused", [], False),
        ("pass", [("producer", FIRM, False)], True),
        ("pass", [("seller", FIRM, True), ("producer", FIRM, False)], True),
        ("pass", [], True),
        ("pass", [("producer", OTHER, True)], False),
        ("pass", [("seller", FIRM, True)], False),
    ],
)
def test_a_spot_check_charges_only_the_confirmed_producer(result, parties, responsible):
    assert check(result, parties).responsible is responsible


@pytest.mark.parametrize(
    ("sampling", "responsible"), [("supervision", True), ("comparison", False), ("risk_monitoring", False)]
)
def test_only_sampling_for_supervision_counts(sampling, responsible):
    details = {"result": "fail", "level": "provincial", "sampling": sampling}

    assert (
        fact(kind="spot_check", details=details, parties=[("producer", FIRM, True)]).responsible
        is responsible
    )


def test_of_other_kinds_only_a_confirmed_party_is_responsible():
    assert not fact(kind="quality_accident").responsible
    assert not fact(kind="quality_accident", parties=[("producer", FIRM, False)]).responsible
    assert fact(kind="quality_accident", parties=[("producer", FIRM, True)]).responsible


@pytest.mark.parametrize("kind", KINDS)
def test_grading_knows_every_kind_and_every_code_that_may_arrive(kind):
    declared = {member.name: set(member.choices or ()) for member in KINDS[kind].members}
    fields = FIELDS.get(kind, {})

    assert {name: set(field.values) >= declared[name] for name, field in fields.items()} == dict.fromkeys(
        fields, True
    )


def test_rules_look_at_kinds_that_there_are():
    assert FIELDS.keys() <= KINDS.keys()
