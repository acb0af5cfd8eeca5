"""The first promise of all: a real register is pushed, pushed again, found, pulled, and proven, on both databases.

The register is that of Hunan, 1998 to 2004. It stays outside the project and is read from beside it.
"""

import csv
import json
import random
import unicodedata
from functools import cache
from itertools import pairwise
from types import SimpleNamespace

import pytest

from tests.acceptance.conftest import LAYOUTS
from tests.acceptance.deployment import SHARED

REGISTER = SHARED / "data" / "hunan_register.csv"
DIRTY = SHARED / "data" / "hunan_register_dirty.csv"
ROWS = 17_795
RARE = 100
pytestmark = [
    pytest.mark.skipif(
        not REGISTER.exists(), reason="no ../shared/data beside the project: the register is not here"
    ),
    pytest.mark.timeout(900),
]


@cache
def firms() -> list[tuple[str, str]]:
    """Code and name of every firm of the register."""
    with REGISTER.open(encoding="utf-8-sig", newline="") as file:
        return [(row["统一社会信用代码"], row["企业名称"]) for row in csv.DictReader(file)]


def pairs_of(name) -> list[str]:
    folded = "".join(unicodedata.normalize("NFKC", name).split())
    return [first + second for first, second in pairwise(folded)]


@cache
def firms_with(pair) -> set[str]:
    return {code for code, name in firms() if pair.casefold() in "".join(pairs_of(name)).casefold()}


def sample(count) -> list[tuple[str, str]]:
    return random.Random(2017).sample(firms(), count)


@pytest.fixture(scope="module", params=LAYOUTS)
def register(request, deploy):
    """A deployment to which the market bureau has pushed the register once; two other agencies stand by."""
    deployment = deploy(*request.param, migrated=False)
    deployment.zhixin("migrate")
    deployment.start()
    market = deployment.enrol("industry_commerce", "push *", "pull *", "pull grade")
    consumer = deployment.enrol("development_reform", "pull *", "pull grade")
    stranger = deployment.enrol("agriculture", "pull spot_check")
    for agency in (market, consumer, stranger):
        agency.login()
    folder = deployment.folder
    pushed = market.ask(
        "push", REGISTER, "--idempotency-key", "register-1", "--receipt", folder / "first.jws",
        "--verdicts", folder / "verdicts.ndjson", timeout=240,
    )  # fmt: skip
    consumer.await_head(ROWS)
    return SimpleNamespace(
        deployment=deployment,
        market=market,
        consumer=consumer,
        stranger=stranger,
        folder=folder,
        pushed=pushed,
    )


def test_every_row_is_accepted(register):
    assert register.pushed["counts"] == {
        "total": ROWS, "accepted": ROWS, "unchanged": 0, "held": 0, "rejected": 0,
    }  # fmt: skip


def test_the_receipt_is_verified_offline_with_body_and_verdicts(register):
    first, verdicts = register.folder / "first.jws", register.folder / "verdicts.ndjson"
    register.deployment.stop()
    try:
        proven = register.market.ask("verify", first, "--body", REGISTER, "--verdicts", verdicts)
    finally:
        register.deployment.start()
    assert proven["valid"]
    assert proven["checked"] == ["signature", "body", "verdicts"]
    assert proven["claims"]["sub"] == register.market.id


def test_a_receipt_of_other_verdicts_is_refused(register):
    verdicts = register.folder / "verdicts.ndjson"
    forged = register.folder / "forged.ndjson"
    forged.write_bytes(verdicts.read_bytes().replace(b'"accepted"', b'"rejected"', 1))
    register.market.zhixin("verify", register.folder / "first.jws", "--verdicts", forged, expect=1)


def test_the_same_key_gets_the_stored_receipt_byte_for_byte(register):
    again = register.folder / "again.jws"
    repeated = register.market.ask("push", REGISTER, "--idempotency-key", "register-1", "--receipt", again)
    assert repeated["batch"] == register.pushed["batch"]
    assert again.read_bytes() == (register.folder / "first.jws").read_bytes()


def test_a_new_key_finds_everything_unchanged_and_makes_no_event(register):
    before = register.consumer.head()
    repeated = register.market.ask("push", REGISTER, "--idempotency-key", "register-2", timeout=240)
    assert (repeated["counts"]["unchanged"], repeated["counts"]["accepted"]) == (ROWS, 0)
    assert register.consumer.head() == before


def test_each_firm_is_found_by_its_code_and_by_its_full_name(register):
    with register.consumer.http() as http:
        for code, name in sample(25):
            by_code = http.get("/v1/enterprises", params={"q": code}).json()["items"]
            assert [hit["uscc"] for hit in by_code] == [code]
            by_name = http.get("/v1/enterprises", params={"q": name, "limit": 100}).json()["items"]
            assert code in [hit["uscc"] for hit in by_name]


def test_each_firm_is_found_by_any_two_consecutive_characters_of_its_name(register):
    asked = {pair for _, name in sample(15) for pair in pairs_of(name)}
    rare = [pair for pair in asked if len(firms_with(pair)) <= RARE]
    common = sorted(asked.difference(rare), key=lambda pair: len(firms_with(pair)))
    with register.consumer.http() as http:
        for pair in [*rare, *common[:5]]:
            assert found_by(http, pair) == firms_with(pair), pair


def found_by(http, part) -> set[str]:
    """Every firm that a search lists, page after page."""
    found, parameters = set(), {"q": part, "limit": 100}
    while True:
        page = http.get("/v1/enterprises", params=parameters).json()
        found |= {hit["uscc"] for hit in page["items"]}
        if page["next"] is None:
            return found
        parameters["cursor"] = page["next"]


def test_firms_that_are_only_registered_are_unrated(register):
    codes = [code for code, _ in firms()]
    items = []
    with register.consumer.http() as http:
        for start in range(0, ROWS, 1_000):
            asked = {"codes": codes[start : start + 1_000]}
            items += http.post("/v1/grades/lookup", json=asked).json()["items"]
    assert [item["uscc"] for item in items] == codes
    assert {(item["found"], item["grade"]["grade"], item["grade"]["score"]) for item in items} == {
        (True, "unrated", None)
    }


def test_another_agency_pulls_every_change_once_in_order_and_proves_it(register):
    output = register.folder / "changes.ndjson"
    proof = register.consumer.ask("pull", "--output", output)
    events = [json.loads(line) for line in output.read_bytes().splitlines()]
    assert [event["seq"] for event in events] == list(range(1, ROWS + 1))
    assert len({event["id"] for event in events}) == ROWS
    assert {event["uscc"] for event in events} == {code for code, _ in firms()}
    assert proof == {
        "covered": {"after": 0, "through": ROWS}, "events": ROWS, "epoch": events[0]["epoch"], "complete": True,
    }  # fmt: skip


def test_an_agency_without_the_grant_gets_no_event_and_pages_that_cover_the_range(register):
    output = register.folder / "nothing.ndjson"
    proof = register.stranger.ask("pull", "--output", output)
    assert output.read_bytes() == b""
    assert (proof["covered"], proof["events"]) == ({"after": 0, "through": ROWS}, 0)


def test_the_databases_hold_what_must_always_be_true(register):
    assert "all holds" in register.deployment.zhixin("check").stdout


@pytest.mark.parametrize("layout", LAYOUTS)
def test_of_a_dirty_file_the_good_rows_are_accepted_and_each_bad_one_gets_a_reason(layout, deploy):
    deployment = deploy(*layout)
    market = deployment.enrol("industry_commerce", "push *")
    market.login()
    pushed = market.ask("push", DIRTY)
    assert (pushed["counts"]["accepted"], pushed["counts"]["rejected"]) == (169, 31)
    assert len(pushed["rejected"]) == 31
    assert all(row["faults"] and row["faults"][0]["message"] for row in pushed["rejected"])
