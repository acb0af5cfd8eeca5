"""Invariant I5 by field group: route × caller × group, generated from grants. No restricted value leaves by any way.

Every firm here has one penalty and one failed check whose restricted member holds a text that occurs nowhere else. A
caller is a set of grants; what it may see follows from them, and everything that comes back is searched for the texts.
"""

import itertools
import json

import pytest

from services.exchange.service.administration import add_grant
from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import PERSONAL, PUBLIC
from tests.door import NDJSON, until
from tests.factories import FROM, make_agency, make_credential
from tests.filing import check, code_of, penalty

pytestmark = pytest.mark.anyio
RESTRICTED = "restricted"
SECRET = {"administrative_penalty": "仅限机关甲", "spot_check": "仅限机关乙"}
STATED = {"Zhixin-Purpose": "case_handling", "Zhixin-Case-Number": "GA-2026-17"}
BOTH, OPEN = (PUBLIC, RESTRICTED), (PUBLIC,)
CALLERS = {
    "nothing restricted": [("*", "430000", OPEN)],
    "everything": [("*", "430000", BOTH)],
    "penalties whole, the rest open": [("*", "430000", OPEN), ("administrative_penalty", "430000", BOTH)],
    "checks whole, the rest open": [("*", "430000", OPEN), ("spot_check", "430000", BOTH)],
    "whole in Changsha, open elsewhere": [("*", "430000", OPEN), ("*", "430100", BOTH)],
    "checks alone, open": [("spot_check", "430000", OPEN)],
    "penalties alone, whole": [("administrative_penalty", "430000", BOTH)],
    "grades alone": [("grade", "430000", OPEN)],
}
FIRMS = {1: "430100", 2: "430200"}
DEPARTMENTS = (
    "economy_information", "agriculture", "housing_construction", "quality_supervision", "food_drug",
)  # fmt: skip
PLACES = [(department, region) for region in ("430100", "430200") for department in DEPARTMENTS]


def sees(grants, kind, region, stated):
    """Whether these grants show a kind's restricted member of a region, and whether they show its records at all."""
    covering = [g for g in grants if g[0] in ("*", kind) and (g[1] == "430000" or g[1] == region)]
    return bool(covering), stated and any(RESTRICTED in groups for _, _, groups in covering)


def withheld(kind, *, is_whole):
    """The groups that a record names as withheld; nobody here holds a grant for persons' data."""
    of_persons = [PERSONAL] if any(member.group == PERSONAL for member in KINDS[kind].members) else []
    return of_persons + ([] if is_whole else [RESTRICTED])


@pytest.fixture
async def callers(door, exchange_settings):
    database = door.exchange.database
    for (name, grants), (department, region) in zip(CALLERS.items(), PLACES, strict=False):
        agency = make_agency(database, department, region, grants=())
        with database.write("test_grants") as session:
            for kind, within, groups in grants:
                add_grant(
                    session, agency=agency, direction="pull", kind=kind, within=[within], groups=groups, purpose="测试",
                    basis="测试依据", valid_from=FROM,
                )  # fmt: skip
        door.agencies[name] = agency
        door.credentials[name] = make_credential(database, exchange_settings, agency, door.clock())
    for number, region in FIRMS.items():
        fine = penalty(number, f"p-{number}", region=region)
        fine["details"]["remarks"] = SECRET["administrative_penalty"]
        failed = check(number, f"c-{number}", region=region, result="fail", confirmed=True)
        failed["details"]["remarks"] = SECRET["spot_check"]
        answer = await door.push(fine, failed)
        assert [item["verdict"] for item in answer.json()["items"]] == ["accepted"] * 2, answer.text
    await door.relayed()
    door.clock.advance(seconds=1)

    async def is_known():
        policy = door.both.credit.state.credit.policy()
        return all(door.agencies[name] in policy.agency for name in CALLERS) and all(
            door.credentials[name].client_id in policy.credential for name in CALLERS
        )

    await until(is_known)
    return door


def paths(number):
    at = f"/v1/enterprises/{code_of(number)}"
    return [at, f"{at}/records", f"{at}/records?kind=spot_check", f"{at}/grade", f"{at}/grade?explain=true"]


@pytest.mark.parametrize("stated", [False, True], ids=["without a purpose", "with a purpose"])
@pytest.mark.parametrize("caller", CALLERS)
async def test_no_route_of_credit_shows_more_than_the_grants_give(callers, caller, stated):
    headers = STATED if stated else {}
    for number, region in FIRMS.items():
        for path in paths(number):
            answer = await callers.client.get(path, headers=callers.headers(caller) | headers)
            whole = answer.text + json.dumps(dict(answer.headers))
            for kind, secret in SECRET.items():
                is_covered, is_whole = sees(CALLERS[caller], kind, region, stated)
                shows_records = answer.status_code == 200 and "grade" not in path
                is_asked = "kind=" not in path or kind in path
                expected = bool(is_covered and is_whole and shows_records and is_asked)
                assert (secret in whole) is expected, (path, kind, whole)
                if shows_records and is_asked:
                    records = [
                        r
                        for r in answer.json().get("records", answer.json().get("items"))
                        if r["kind"] == kind
                    ]
                    assert bool(records) is is_covered
                    assert all(r.get("withheld", []) == withheld(kind, is_whole=is_whole) for r in records)


@pytest.mark.parametrize("form", ["JSON", "NDJSON", "a few lines"])
@pytest.mark.parametrize("caller", [name for name in CALLERS if name != "grades alone"])
async def test_no_event_shows_more_than_the_grants_give(callers, caller, form):
    params = {"limit": 1_000} if form == "a few lines" else {}
    headers = {} if form == "JSON" else {"Accept": NDJSON}
    answer = await callers.client.get("/v1/changes", params=params, headers=callers.headers(caller) | headers)
    if form == "JSON":
        events = answer.json()["events"]
    else:
        events = [json.loads(line) for line in answer.text.splitlines()][:-1]
    for number, kind in itertools.product(FIRMS, SECRET):
        region = FIRMS[number]
        # a subscription rests on the grant's own purpose
        is_covered, is_whole = sees(CALLERS[caller], kind, region, True)
        found = [e for e in events if e["kind"] == kind and e["uscc"] == code_of(number)]
        assert len(found) == is_covered
        for event in found:
            assert event["withheld"] == withheld(kind, is_whole=is_whole)
            assert (event["data"]["details"].get("remarks") == SECRET[kind]) is is_whole
            assert (SECRET[kind] in json.dumps(event, ensure_ascii=False)) is is_whole


async def test_each_projection_has_a_tag_of_its_own_that_opens_no_other(callers):
    path = paths(1)[0]
    whole = await callers.client.get(path, headers=callers.headers("everything") | STATED)
    bare = await callers.client.get(path, headers=callers.headers("everything"))
    other = await callers.client.get(path, headers=callers.headers("nothing restricted") | STATED)
    assert whole.headers["etag"] != bare.headers["etag"] == other.headers["etag"]
    again = await callers.client.get(
        path, headers=callers.headers("nothing restricted") | {"If-None-Match": whole.headers["etag"]}
    )
    assert again.status_code == 200
    assert "Zhixin-Purpose" in whole.headers["vary"]


async def test_an_error_shows_nothing(callers):
    for path in (f"/v1/enterprises/{code_of(9)}", "/v1/enterprises/x", f"{paths(1)[1]}?limit=0"):
        answer = await callers.client.get(path, headers=callers.headers("everything") | STATED)
        assert answer.status_code >= 400
        assert not any(secret in answer.text for secret in SECRET.values())


async def test_a_purpose_opens_nothing_that_is_not_granted(callers):
    path = paths(1)[1]
    bare = await callers.client.get(path, headers=callers.headers("nothing restricted"))
    stated = await callers.client.get(path, headers=callers.headers("nothing restricted") | STATED)
    assert stated.content == bare.content
