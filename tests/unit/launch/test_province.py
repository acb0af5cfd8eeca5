"""The synthetic province: sound, complete, labelled, and the same each time."""

import json
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.kernel import regions, uscc
from services.kernel.kinds import KINDS
from services.launch.province import agencies, kinds_pushed, province, stories

ROOT = Path(__file__).resolve().parents[3]
ON = date(2026, 11, 20)
SEED = 49

TOLD = {
    "enterprise_registration", "administrative_penalty", "spot_check", "quality_award", "administrative_licence",
    "certification", "complaint", "violation_report", "recall", "standard_declaration", "standard_forerunner",
    "quality_commitment", "random_inspection",
}  # fmt: skip

Batches = list[tuple[str, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def batches() -> Batches:
    """The whole default province: its promises are about its size."""
    return list(province(SEED, ON))


@pytest.fixture(scope="module")
def records(batches: Batches) -> list[dict[str, Any]]:
    """All that name their firm by its code."""
    return [record for _, batch in batches for record in batch if "uscc" in record["subject"]]


def checks(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in records if record["kind"] == "spot_check"]


def subjects_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [record["subject"], *(party["subject"] for party in record.get("parties", []))]


def test_equal_arguments_give_equal_bytes_whatever_the_hash_seed() -> None:
    program = (
        "import hashlib, json; from datetime import date; from services.launch.province import province; "
        "made = json.dumps(list(province(7, date(2026, 11, 20), 200))); "
        "print(hashlib.sha256(made.encode()).hexdigest())"
    )
    digests = set()
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONUTF8": "1"},
        )
        digests.add(done.stdout)
    assert len(digests) == 1


def test_another_seed_gives_another_province() -> None:
    assert list(province(1, ON, 50)) != list(province(2, ON, 50))


def test_one_penalty_knows_its_firm_by_a_former_name_alone(batches: Batches) -> None:
    nameless = [r for _, batch in batches for r in batch if "uscc" not in r["subject"]]
    assert [(r["kind"], r["subject"]) for r in nameless] == [
        ("administrative_penalty", {"name": "常德演示津河布厂"})
    ]


def test_size(records: list[dict[str, Any]]) -> None:
    assert len({record["subject"]["uscc"] for record in records}) == 6000
    assert len(records) >= 60_000


def test_known_kinds_occur_and_spot_checks_most(records: list[dict[str, Any]]) -> None:
    counts = Counter(record["kind"] for record in records)
    assert TOLD <= set(counts) <= set(KINDS)
    assert counts.most_common(1)[0][0] == "spot_check"


def test_each_firm_is_registered_once(records: list[dict[str, Any]]) -> None:
    registered = {r["subject"]["uscc"] for r in records if r["kind"] == "enterprise_registration"}
    assert registered == {record["subject"]["uscc"] for record in records}


def test_a_batch_is_answered_in_the_request(batches: Batches) -> None:
    assert max(len(batch) for _, batch in batches) <= 1000
    sizes = [len(json.dumps({"records": batch}, ensure_ascii=False).encode()) for _, batch in batches]
    assert max(sizes) <= 1024 * 1024


def test_every_code_is_sound(records: list[dict[str, Any]]) -> None:
    codes = {subject["uscc"] for record in records for subject in subjects_of(record)}
    codes |= {record["authority"]["uscc"] for record in records}
    assert [code for code in sorted(codes) if uscc.faults(code)] == []


def test_one_firm_has_one_code(records: list[dict[str, Any]]) -> None:
    names = Counter(name for _, name in {(r["subject"]["uscc"], r["subject"]["name"]) for r in records})
    assert max(names.values()) == 1


def test_every_region_is_a_county_of_hunan_in_force(records: list[dict[str, Any]]) -> None:
    found = {record["region"] for record in records}
    assert all(regions.within(code, "430000") and regions.level_of(code) == "county" for code in found)


def test_all_prefectures_have_firms(records: list[dict[str, Any]]) -> None:
    assert {regions.prefecture_of(record["region"]) for record in records} == set(
        regions.children_of("430000")
    )


def test_every_name_is_labelled(records: list[dict[str, Any]]) -> None:
    names = {subject["name"] for record in records for subject in subjects_of(record)}
    names |= {record["authority"]["name"] for record in records} | {agency.name for agency in agencies()}
    assert [name for name in sorted(names) if "演示" not in name] == []


def test_no_day_lies_ahead(records: list[dict[str, Any]]) -> None:
    members = ("occurred_on", "published_on", "served_on", "obligation_fulfilled_on")
    days = {record[member] for record in records for member in members if record.get(member)}
    days |= {record["details"].get("registered_on", "") for record in records}
    assert max(days) <= ON.isoformat()


def test_six_years(records: list[dict[str, Any]]) -> None:
    years = {record["occurred_on"][:4] for record in records}
    assert years == {"2020", "2021", "2022", "2023", "2024", "2025", "2026"}


def test_a_source_record_id_repeats_only_where_a_record_is_told_again(batches: Batches) -> None:
    told = Counter((agency, r["kind"], r["source_record_id"]) for agency, batch in batches for r in batch)
    again = [key for key, times in told.items() if times > 1]
    assert len(again) == 4  # a correction, a withdrawal, a new name, a confirmed producer
    assert all(told[key] == 2 for key in again)


def test_document_numbers_are_unique(records: list[dict[str, Any]]) -> None:
    numbers: dict[str, set[str]] = {}
    for record in records:
        if "document_number" in record:
            key = f"{record['authority']['uscc']} {record['kind']} {record['source_record_id']}"
            numbers.setdefault(record["document_number"], set()).add(key)
    assert max(len(keys) for keys in numbers.values()) == 1


def test_agencies_push_their_own_kinds_within_their_regions(batches: Batches) -> None:
    known = {agency.id: agency for agency in agencies()}
    for agency_id, batch in batches:
        agency = known[agency_id]
        for record in batch:
            assert record["kind"] in kinds_pushed(agency)
            assert record["authority"]["uscc"] == agency.uscc
            assert regions.within(record["region"], agency.region)


def test_details_are_those_of_the_catalogue(records: list[dict[str, Any]]) -> None:
    for record in records:
        kind = KINDS[record["kind"]]
        members = {member.name: member for member in kind.members}
        assert record["details"].keys() <= members.keys()
        assert {name for name, member in members.items() if member.required} <= record["details"].keys()
        for name, value in record["details"].items():
            if members[name].choices:
                values = value if isinstance(value, list) else [value]
                assert set(values) <= members[name].choices.keys()
        assert not kind.document_number_required or record["document_number"]


def test_a_tenth_of_the_samples_fails(records: list[dict[str, Any]]) -> None:
    results = Counter(record["details"]["result"] for record in checks(records))
    assert 0.08 <= results["fail"] / results.total() <= 0.10
    assert 0 < results["refused"] < 0.01 * results.total()


def test_few_failures_await_their_producer(records: list[dict[str, Any]]) -> None:
    failures = [record for record in checks(records) if record["details"]["result"] == "fail"]
    held = [record for record in failures if not record["parties"][0]["confirmed"]]
    assert 0 < len(held) < 0.03 * len(failures)


def test_failures_repeat_with_the_same_firms(records: list[dict[str, Any]]) -> None:
    failures = Counter(
        record["subject"]["uscc"] for record in checks(records) if record["details"]["result"] == "fail"
    )
    tenth = sum(times for _, times in failures.most_common(600))
    assert tenth > 0.4 * failures.total()  # a tenth of the firms, two fifths of the failures


def test_stories_are_told(records: list[dict[str, Any]]) -> None:
    told = stories(SEED, ON)
    latest = {record["subject"]["uscc"]: record["subject"]["name"] for record in records}
    assert len(told) >= 8
    assert all(zh and en and name in latest.values() for _, name, zh, en in told)
    assert {code for code, *_ in told} <= latest.keys()


def test_the_seven_provincial_agencies() -> None:
    provincial = [agency for agency in agencies() if agency.level == "province"]
    assert len(provincial) == 7
    assert {(agency.region, agency.superior) for agency in provincial} == {("430000", None)}


def test_agency_ids_and_codes_are_unique_and_superiors_exist() -> None:
    ids = {agency.id for agency in agencies()}
    assert len(ids) == len({agency.uscc for agency in agencies()}) == len(agencies())
    assert {agency.superior for agency in agencies()} - {None} <= ids


def test_agencies_that_number_documents_have_briefs_of_their_own() -> None:
    numbering = [agency for agency in agencies() if kinds_pushed(agency)]
    assert len({agency.brief for agency in numbering}) == len(numbering)


def test_every_market_department_has_an_agency_in_each_prefecture() -> None:
    found = Counter(agency.department for agency in agencies() if agency.level == "prefecture")
    assert found == {"industry_commerce": 14, "quality_supervision": 14, "food_drug": 14}


def test_who_vouches_is_as_the_kind_says_unless_an_authority_found_it(records: list[dict[str, Any]]) -> None:
    for record in records:
        usual = KINDS[record["kind"]].assertion
        found = record["kind"] == "quality_commitment" and record["details"]["fulfilment"] != "pending"
        assert record["assertion"] == ("determined" if found else usual)
