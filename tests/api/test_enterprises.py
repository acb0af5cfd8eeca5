"""Credit's routes as agencies meet them: search, file, grade, explanation, records, lookup of many.

Both services run in one process. Three agencies read: one of the province with every kind, one with spot checks alone,
one of 长沙 with every kind there.
"""

import asyncio
import json
from urllib.parse import quote

import httpx
import pytest

from services.launch.one_process import OneProcess
from tests.conftest import address_of
from tests.factories import make_agency, make_credential
from tests.filing import (
    award,
    check,
    code_of,
    credit_settings,
    name_of,
    penalty,
    registration,
    take,
)
from tests.forgery import ISSUER, bearer, token_of

pytestmark = pytest.mark.anyio
WRONG_CODE = "91430000616800612X"
CHANGSHA, XIANGTAN = "430100", "430300"


class Desk:
    """A client with the tokens of the three readers, and the credit service to file with."""

    def __init__(self, client, credit, tokens):
        self.client, self.credit, self.tokens = client, credit, tokens

    async def get(self, path, reader="all", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=bearer(self.tokens[reader]) | named)

    async def look_up(self, codes, reader="all", **more):
        body = {"codes": codes} | more
        return await self.client.post("/v1/grades/lookup", json=body, headers=bearer(self.tokens[reader]))


@pytest.fixture
async def desk(exchange_database, exchange_settings, credit_database, service_keys, clock):
    readers = {
        "all": make_agency(exchange_database, "development_reform", grants=("pull *",)),
        "checks": make_agency(
            exchange_database, "quality_supervision", grants=("pull spot_check", "pull grade")
        ),
        "changsha": make_agency(exchange_database, "industry_commerce", CHANGSHA, grants=("pull *",)),
        "files": make_agency(exchange_database, "agriculture", grants=("pull spot_check",)),
        "nothing": make_agency(exchange_database, "food_drug", grants=()),
    }
    credentials = {
        name: make_credential(exchange_database, exchange_settings, holder, clock())
        for name, holder in readers.items()
    }
    both = OneProcess(
        credit_settings(address_of(credit_database), service_keys), exchange_settings, clock=clock
    )
    transport = httpx.ASGITransport(both)
    async with both.lifespan(), httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        for _ in range(200):  # credit asks for the policy as soon as it runs
            if (await client.get("/readyz")).status_code == 200:
                break
            await asyncio.sleep(0.02)
        tokens = {name: await token_of(client, held) for name, held in credentials.items()}
        yield Desk(client, both.credit.state.credit.credit, tokens)


@pytest.fixture
async def filed(desk):
    take(
        desk.credit,
        registration(1),
        check(1, region=CHANGSHA),
        penalty(1, region=XIANGTAN, types=["责令停产停业"]),
        award(1, region="430000"),
        registration(2, name="湘潭演示酒业"),
        registration(2, name="湘潭演示酒业有限公司"),
    )
    return desk


def grade_path(number=1):
    return f"/v1/enterprises/{code_of(number)}/grade"


def kinds_in(records):
    return sorted(record["kind"] for record in records)


# --- grade: the quick lane and the framework's route


@pytest.mark.parametrize("number", [1, 2])
async def test_lane_and_route_answer_the_same_bytes(filed, number):
    lane, route = await filed.get(grade_path(number)), await filed.get(grade_path(number) + "?explain=false")
    assert (lane.status_code, lane.content) == (200, route.content)


async def test_lane_and_route_answer_the_same_headers(filed):
    lane, route = await filed.get(grade_path()), await filed.get(grade_path() + "?explain=false")
    named = ("etag", "cache-control", "vary", "content-type", "content-length")
    assert [lane.headers[name] for name in named] == [route.headers[name] for name in named]


REFUSED = {
    "unknown": (code_of(99), {}, 404, "not_found"),
    "wrong code": (WRONG_CODE, {}, 422, "uscc_invalid"),
    "short code": ("9143", {}, 422, "uscc_invalid"),
    "no code": ("%20", {}, 422, "uscc_invalid"),
    "no token": (code_of(1), {"authorization": None}, 401, "token_missing"),
    "forged token": (code_of(1), {"authorization": "Bearer x.y.z"}, 401, "token_invalid"),
    "another scheme": (code_of(1), {"authorization": "Basic eDp5"}, 401, "token_invalid"),
}


@pytest.mark.parametrize("language", ["zh", "en;q=0.9, zh;q=0.1"])
@pytest.mark.parametrize("case", REFUSED)
async def test_lane_and_route_refuse_alike(filed, case, language):
    code, changed, status, problem = REFUSED[case]
    given = (
        bearer(filed.tokens["all"]) | {"accept-language": language, "x-request-id": "the-same-id"} | changed
    )
    headers = {name: value for name, value in given.items() if value is not None}
    if "authorization" in changed:
        headers.pop("Authorization")
    path = f"/v1/enterprises/{code}/grade"
    lane = await filed.client.get(path, headers=headers)
    route = await filed.client.get(path + "?explain=false", headers=headers)
    assert (lane.status_code, lane.json()["code"]) == (status, problem)
    assert (route.status_code, route.json()) == (status, lane.json())
    ignored = {"date"}
    assert {k: v for k, v in lane.headers.items() if k not in ignored} == dict(route.headers.items())


@pytest.mark.parametrize("suffix", ["", "?explain=false"])
async def test_a_token_without_grades_reads_no_grade(filed, suffix):
    answer = await filed.get(grade_path() + suffix, "files")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@pytest.mark.parametrize("suffix", ["", "?explain=false", "?explain=true"])
async def test_a_known_grade_costs_no_body(filed, suffix):
    first = await filed.get(grade_path() + suffix)
    again = await filed.get(grade_path() + suffix, if_none_match=first.headers["etag"])
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


async def test_a_grade_that_changed_has_another_tag(filed):
    first = await filed.get(grade_path())
    take(filed.credit, check(1, "c-2"))
    again = await filed.get(grade_path(), if_none_match=first.headers["etag"])
    assert again.status_code == 200


async def test_a_weak_tag_in_a_list_matches(filed):
    tag = (await filed.get(grade_path())).headers["etag"]
    assert (await filed.get(grade_path(), if_none_match=f'"other", W/{tag}')).status_code == 304


async def test_a_code_in_any_writing_is_understood(filed):
    answer = await filed.get(f"/v1/enterprises/{code_of(1).lower()}/grade")
    assert answer.json()["uscc"] == code_of(1)


async def test_a_grade_shows_the_whole_contract(filed):
    grade = (await filed.get(grade_path())).json()
    assert {
        name: grade[name] for name in ("uscc", "name", "grade", "on", "rulebook", "use", "provisional")
    } == {
        "uscc": code_of(1),
        "name": name_of(1),
        "grade": "B",
        "on": "2026-11-23",
        "rulebook": "2026-01",
        "use": "reference_only",
        "provisional": False,
    }


async def test_a_push_is_seen_by_the_next_read(filed):
    take(filed.credit, penalty(1, "p-9", types=["吊销许可证件"]))
    assert (await filed.get(grade_path())).json()["grade"] == "C"


# --- explanation


async def explained(desk, reader):
    return (await desk.get(grade_path() + "?explain=true", reader)).json()


async def test_an_explanation_names_each_record(filed):
    answer = await explained(filed, "all")
    held = [(line["pillar"], line["points"], line["record_id"] is not None) for line in answer["explanation"]]
    assert sorted(held) == [
        ("capability", "5.00", True),
        ("compliance", "-24.00", True),
        ("quality", "3.00", True),
    ]


async def test_an_explanation_withholds_kinds_outside_the_grants(filed):
    lines = (await explained(filed, "checks"))["explanation"]
    assert sorted(
        (line["points"], line["record_id"] is None, line["rule"] == "withheld") for line in lines
    ) == [
        ("-24.00", True, True),
        ("3.00", False, False),
        ("5.00", True, True),
    ]


async def test_an_explanation_withholds_regions_outside_the_grants(filed):
    lines = (await explained(filed, "changsha"))["explanation"]
    assert [line["points"] for line in lines if line["record_id"]] == ["3.00"]


async def test_withheld_lines_carry_no_basis(filed):
    lines = (await explained(filed, "checks"))["explanation"]
    assert {line["basis"] for line in lines if line["record_id"] is None} == {""}


async def test_a_veto_is_explained_to_whom_its_record_is_granted(filed):
    (veto,) = (await explained(filed, "all"))["vetoes"]
    assert (veto["ceiling"], veto["until"], veto["rule"]) == ("B", "2029-03-02", "penalty_restriction")


async def test_a_veto_is_withheld_from_others(filed):
    for reader in ("checks", "changsha"):
        (veto,) = (await explained(filed, reader))["vetoes"]
        assert (veto["record_id"], veto["rule"], veto["basis"]) == (None, "withheld", "")


@pytest.mark.parametrize("reader", ["all", "checks", "changsha"])
async def test_a_grade_without_explanation_is_the_same_for_all(filed, reader):
    grade = (await filed.get(grade_path(), reader)).json()
    assert grade["vetoes"] == [{"ceiling": "B", "until": "2029-03-02"}]
    assert "explanation" not in grade


# --- file and records


async def test_a_file_holds_grade_and_records(filed):
    file = (await filed.get(f"/v1/enterprises/{code_of(1)}")).json()
    grade = (await filed.get(grade_path())).json()
    assert (file["uscc"], file["name"], file["grade"]) == (code_of(1), name_of(1), grade)
    assert kinds_in(file["records"]) == [
        "administrative_penalty",
        "enterprise_registration",
        "quality_award",
        "spot_check",
    ]


async def test_a_file_lists_former_names(filed):
    file = (await filed.get(f"/v1/enterprises/{code_of(2)}")).json()
    assert (file["name"], file["former_names"]) == ("湘潭演示酒业有限公司", ["湘潭演示酒业"])


SHOWN = {
    "all": ["administrative_penalty", "enterprise_registration", "quality_award", "spot_check"],
    "checks": ["spot_check"],
    "files": ["spot_check"],
    "changsha": ["enterprise_registration", "spot_check"],
}


@pytest.mark.parametrize("reader", ["all", "checks", "changsha"])
async def test_a_file_shows_what_the_grants_cover(filed, reader):
    file = (await filed.get(f"/v1/enterprises/{code_of(1)}", reader)).json()
    assert kinds_in(file["records"]) == SHOWN[reader]


@pytest.mark.parametrize("reader", SHOWN)
async def test_records_show_what_the_grants_cover(filed, reader):
    page = (await filed.get(f"/v1/enterprises/{code_of(1)}/records", reader)).json()
    assert kinds_in(page["items"]) == SHOWN[reader]


async def test_a_file_gives_no_grade_to_who_may_not_read_grades(filed):
    file = (await filed.get(f"/v1/enterprises/{code_of(1)}", "files")).json()
    assert file["grade"] is None


async def test_records_of_one_kind(filed):
    page = (await filed.get(f"/v1/enterprises/{code_of(1)}/records?kind=spot_check")).json()
    assert kinds_in(page["items"]) == ["spot_check"]


async def test_a_kind_that_is_not_granted_lists_nothing(filed):
    page = (await filed.get(f"/v1/enterprises/{code_of(1)}/records?kind=quality_award", "checks")).json()
    assert page == {"items": [], "next": None}


@pytest.mark.parametrize("reader", ["all", "changsha"])
async def test_pages_of_records_walk_all_once_and_the_latest_first(desk, reader):
    regions = (CHANGSHA, XIANGTAN)
    take(
        desk.credit,
        *(check(1, f"c-{n}", f"2026-0{1 + n % 5}-1{n % 7}", region=regions[n % 2]) for n in range(30)),
    )
    path, walked = f"/v1/enterprises/{code_of(1)}/records?limit=4", []
    while path:
        answer = await desk.get(path, reader)
        walked += answer.json()["items"]
        path = answer.links["next"]["url"] if "next" in answer.links else None
        assert (answer.json()["next"] is None) == (path is None)
    placed = [(record["occurred_on"], record["record_id"]) for record in walked]
    assert placed == sorted(set(placed), reverse=True)
    assert len(placed) == {"all": 30, "changsha": 15}[reader]


async def test_a_cursor_of_another_caller_is_refused(desk):
    take(desk.credit, *(check(1, f"c-{n}", region=CHANGSHA) for n in range(5)))
    path = f"/v1/enterprises/{code_of(1)}/records?limit=2"
    cursor = (await desk.get(path)).json()["next"]
    answer = await desk.get(f"{path}&cursor={cursor}", "changsha")
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


async def test_a_known_file_costs_no_body(filed):
    path = f"/v1/enterprises/{code_of(1)}"
    tag = (await filed.get(path)).headers["etag"]
    assert (await filed.get(path, if_none_match=tag)).status_code == 304


async def test_the_tag_of_another_projection_does_not_match(filed):
    path = f"/v1/enterprises/{code_of(1)}"
    tag = (await filed.get(path)).headers["etag"]
    assert (await filed.get(path, "checks", if_none_match=tag)).status_code == 200


@pytest.mark.parametrize("part", ["", "/records", "/grade", "/grade?explain=true"])
async def test_an_unknown_firm_is_not_found(filed, part):
    answer = await filed.get(f"/v1/enterprises/{code_of(99)}{part}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("part", ["", "/records", "/grade", "/grade?explain=true"])
async def test_a_firm_known_from_a_held_record_alone_is_not_found(desk, part):
    take(desk.credit, check(5, result="fail"))
    answer = await desk.get(f"/v1/enterprises/{code_of(5)}{part}")
    assert answer.status_code == 404


async def test_every_fault_of_a_code_is_told(filed):
    answer = await filed.get(f"/v1/enterprises/{WRONG_CODE}", accept_language="en")
    assert [(fault["code"], fault["field"]) for fault in answer.json()["faults"]] == [
        ("uscc_check_digit", "path:uscc")
    ]


# --- search


async def found(desk, q, reader="all"):
    answer = await desk.get(f"/v1/enterprises?q={quote(q)}", reader)
    return [(item["uscc"], item["found_as"]) for item in answer.json()["items"]]


async def test_search_by_code_name_and_part(filed):
    for q in (code_of(2), code_of(2).lower(), "湘潭演示酒业有限公司", "业有"):
        assert await found(filed, q) == [(code_of(2), "湘潭演示酒业有限公司")]


async def test_search_tells_region_and_grade(filed):
    answer = await filed.get(f"/v1/enterprises?q={quote(name_of(1))}")
    (item,) = answer.json()["items"]
    assert (item["region"], item["region_name"], item["grade"]) == (CHANGSHA, "湖南省长沙市", "B")


async def test_search_gives_no_grade_to_who_may_not_read_grades(filed):
    answer = await filed.get(f"/v1/enterprises?q={quote(name_of(1))}", "files")
    assert [item["grade"] for item in answer.json()["items"]] == [None]


async def test_search_pages_follow_their_links(desk):
    take(desk.credit, *(registration(number) for number in range(1, 26)))
    path, walked = f"/v1/enterprises?q={quote('制造')}&limit=10", []
    while path:
        answer = await desk.get(path)
        walked += [item["uscc"] for item in answer.json()["items"]]
        path = answer.links["next"]["url"] if "next" in answer.links else None
    assert sorted(walked) == sorted(code_of(number) for number in range(1, 26))


BAD_SEARCHES = {
    "too short": ("q=a", 422, "parameter_invalid"),
    "blanks": (f"q={quote('a  ')}", 422, "parameter_invalid"),
    "nothing": ("", 422, "parameter_invalid"),
    "a NUL": ("q=ab%00", 422, "parameter_invalid"),
    "too long": ("q=" + "a" * 101, 422, "parameter_invalid"),
    "an unknown parameter": ("q=ab&page=2", 400, "parameter_unknown"),
    "a repeated one": ("q=ab&q=cd", 422, "parameter_invalid"),
    "a made-up cursor": ("q=ab&cursor=abc", 400, "cursor_invalid"),
    "a cursor of no text": (f"q=ab&cursor={quote('游标')}", 400, "cursor_invalid"),
    "no number": ("q=ab&limit=x", 422, "parameter_invalid"),
    "too many": ("q=ab&limit=101", 422, "parameter_invalid"),
}


@pytest.mark.parametrize("case", BAD_SEARCHES)
async def test_a_bad_search_is_refused(filed, case):
    query, status, code = BAD_SEARCHES[case]
    answer = await filed.get(f"/v1/enterprises?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_broken_utf8_in_a_search_finds_nothing(filed):
    answer = await filed.get("/v1/enterprises?q=%ff%fe")
    assert (answer.status_code, answer.json()["items"]) == (200, [])


# --- lookup of many


async def test_a_lookup_keeps_order_repeats_and_the_unknown(filed):
    asked = [code_of(2), code_of(99), code_of(1), code_of(2), WRONG_CODE, code_of(1).lower()]
    items = (await filed.look_up(asked)).json()["items"]
    assert [(item["uscc"], item["found"]) for item in items] == list(
        zip(asked, [True, False, True, True, False, True], strict=True)
    )


async def test_a_lookup_answers_the_bytes_of_the_single_one(filed):
    single = await filed.get(grade_path())
    many = await filed.look_up([code_of(1)])
    assert many.content == b'{"items":[{"uscc":"%b","found":true,"grade":%b}]}' % (
        code_of(1).encode(),
        single.content,
    )


async def test_a_lookup_of_a_thousand_is_answered_and_of_more_refused(filed):
    assert len((await filed.look_up([code_of(1)] * 1_000)).json()["items"]) == 1_000
    answer = await filed.look_up([code_of(1)] * 1_001)
    assert (answer.status_code, answer.json()["code"]) == (422, "parameter_invalid")


async def test_a_lookup_of_none_answers_none(filed):
    assert (await filed.look_up([])).json() == {"items": []}


async def test_a_lookup_of_texts_that_are_no_codes_finds_nothing(filed):
    asked = ["", "\0", "演示", "a" * 200]
    items = (await filed.look_up(asked)).json()["items"]
    assert [(item["uscc"], item["found"]) for item in items] == [(text, False) for text in asked]


@pytest.mark.parametrize(
    "body",
    [
        b'{"codes":["\\ud800"]}',
        b'{"codes":[1]}',
        b'{"codes":null}',
        b"{}",
        b'{"codes":["%b"]}' % (b"9" * 201),
    ],
)
async def test_a_lookup_of_no_texts_is_refused(filed, body):
    headers = bearer(filed.tokens["all"]) | {"content-type": "application/json"}
    answer = await filed.client.post("/v1/grades/lookup", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "parameter_invalid")


async def test_an_unknown_field_of_a_lookup_is_refused(filed):
    answer = await filed.look_up([], colour="red")
    assert [fault["field"] for fault in answer.json()["faults"]] == ["/colour"]


async def test_who_holds_no_grant_enters_nowhere(filed):
    for path in (f"/v1/enterprises/{code_of(1)}", grade_path(), "/v1/enterprises?q=ab"):
        answer = await filed.get(path, "nothing")
        assert (answer.status_code, json.loads(answer.content)["code"]) == (403, "scope_missing")
