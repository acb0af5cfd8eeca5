"""The declarations of kinds and their code lists: whole, sourced, and each in one place."""

import pkgutil
from pathlib import Path

import pytest

from services.kernel import kinds
from services.kernel.column_titles import title_of
from services.kernel.kinds import KINDS, codes
from services.kernel.kinds.envelope import ENVELOPE
from services.kernel.kinds.kind import PUBLIC, Assertion, Kind, MemberType

CONTRACT = {
    "enterprise_registration", "administrative_penalty", "administrative_licence", "spot_check", "recall", "complaint",
    "violation_report", "quality_accident", "certification", "standard_declaration", "standard_forerunner",
    "quality_award", "quality_commitment", "self_disclosure", "quality_credit_report", "arbitration_inspection",
    "quality_appraisal", "risk_warning", "random_inspection", "quality_insurance", "chief_quality_officer",
    "traceability_statement",
}  # fmt: skip
SELF_DECLARED = {
    "quality_commitment", "self_disclosure", "standard_declaration", "quality_credit_report", "traceability_statement",
}  # fmt: skip
THIRD_PARTY = {"complaint", "violation_report", "quality_insurance"}
LISTS = sorted(path.stem for path in Path(codes.__file__).parent.glob("*.csv"))


def members():
    return [pytest.param(k, m, id=f"{k.code}-{m.name}") for k in KINDS.values() for m in k.members]


def test_the_kinds_of_the_contract_are_there():
    assert set(KINDS) >= CONTRACT


def test_a_module_declares_the_kind_of_its_name():
    modules = {entry.name for entry in pkgutil.iter_modules(kinds.__path__)}
    assert set(KINDS) <= modules


def test_a_kind_that_is_added_is_found_without_another_change(tmp_path, monkeypatch):
    (tmp_path / "weather.py").write_text(
        "from services.kernel.kinds.kind import Assertion, Kind\n"
        "from services.kernel.texts import Text\n"
        "WEATHER = Kind('weather', Text('天气', 'Weather'), Assertion.THIRD_PARTY, ())\n"
    )
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    assert isinstance(kinds._declared()["weather"], Kind)


def test_who_vouches_unless_the_record_says_otherwise():
    found = {
        assertion: {k.code for k in KINDS.values() if k.assertion is assertion} for assertion in Assertion
    }
    assert (found[Assertion.SELF_DECLARED], found[Assertion.THIRD_PARTY]) == (SELF_DECLARED, THIRD_PARTY)


def test_what_needs_a_document_number():
    needing = {kind.code for kind in KINDS.values() if kind.document_number_required}
    assert needing == {"administrative_penalty", "administrative_licence", "quality_award"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_a_kind_names_members_once_and_columns_of_the_envelope_that_there_are(kind):
    names = [member.name for member in kind.members]
    paths = {member.path for member in ENVELOPE}
    assert len(names) == len(set(names))
    assert kind.headers.keys() <= paths
    assert kind.synonyms.keys() <= paths


@pytest.mark.parametrize(("kind", "member"), members())
def test_synonyms_mean_codes_of_the_member(kind, member):
    assert set(member.synonyms.values()) <= set(member.choices)
    assert member.synonyms.keys().isdisjoint(member.choices)
    assert bool(member.choices) or member.type is not MemberType.CHOICE


def test_what_is_required_is_public():
    assert [m.name for k in KINDS.values() for m in k.members if m.required and m.group != PUBLIC] == []


@pytest.mark.parametrize("name", LISTS)
def test_a_code_list_says_its_source_and_date_and_repeats_nothing(name):
    first = (Path(codes.__file__).parent / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    assert first[0].startswith("# ")
    assert "As of" in " ".join(line for line in first if line.startswith("#"))
    rows = codes.rows_of(name)
    assert len({row["code"] for row in rows}) == len(rows)
    assert all(row["name"] for row in rows)


def test_industries_are_those_of_the_standard():
    sections, divisions = codes.rows_of("industry_sections"), codes.rows_of("industry_divisions")
    assert (len(sections), [row["code"] for row in divisions]) == (20, [f"{n:02}" for n in range(1, 98)])
    assert {row["section"] for row in divisions} == {row["code"] for row in sections}


def test_each_product_class_has_a_level_of_risk():
    levels = codes.code_list("risk_levels")
    assert [row["risk"] in levels for row in codes.rows_of("product_classes")] == [True] * 5


@pytest.mark.parametrize(
    ("kind", "pointer", "title"),
    [
        ("administrative_penalty", "/occurred_on", "处罚决定日期"),
        ("administrative_penalty", "/details/penalty_types/0", "处罚类别"),
        ("administrative_penalty", "/details/colour", None),
        ("complaint", "/subject/name", "被投诉企业名称"),
        (None, "/subject/name", "企业名称"),
        (None, "/parties/3/subject/uscc", "当事方·统一社会信用代码"),
        (None, "/parties/3/role", "当事方·当事方角色"),
        ("weather", "/details", "信息项"),
        (None, "", None),
    ],
)
def test_the_title_of_a_place(kind, pointer, title):
    found = title_of(kind, pointer)
    assert (found and found.zh) == title
