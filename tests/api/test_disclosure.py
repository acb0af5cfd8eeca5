"""I5 over all routes: route × caller × field group, and one access entry for each answer that discloses.

The routes are those of the access tables, so that a new one is covered by being entered there. Every kind has a record with
a mark in each member that is not public (see `tests/planted.py`); whatever comes back is searched for the marks. Which
routes may show any is what the tables say (`discloses`); each of their answers leaves exactly one entry, every other none.
"""

import asyncio
import json
from collections import defaultdict
from contextlib import contextmanager

import pytest

from services.credit.api.access_table import TABLE as CREDIT_TABLE
from services.exchange.api.access_table import TABLE as EXCHANGE_TABLE
from services.exchange.service.administration import add_grant
from services.kernel.access import Authentication, Role, Scope
from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import PERSONAL, PUBLIC, RESTRICTED
from tests.casework import Casework
from tests.door import NDJSON, until
from tests.factories import FROM, make_agency, make_credential, make_session, make_staff
from tests.filing import code_of, penalty, rows
from tests.forgery import bearer
from tests.planted import MARKS, marks_in, planted_record, unplaced

pytestmark = pytest.mark.anyio
STATED = {"Zhixin-Purpose": "case_handling", "Zhixin-Case-Number": "GA-2026-17"}
TABLE = EXCHANGE_TABLE | CREDIT_TABLE
READS = [(path, rule) for (method, path), rule in TABLE.items() if method == "GET"]
DISCLOSING = {path for path, rule in READS if rule.discloses}
WHOLE = (PUBLIC, RESTRICTED, PERSONAL)
GRANTS = {
    "everything": [("*", "430000", WHOLE)],
    "the public alone": [("*", "430000", (PUBLIC,))],
    "no persons": [("*", "430000", (PUBLIC, RESTRICTED))],
    "no restricted": [("*", "430000", (PUBLIC, PERSONAL))],
    "everything elsewhere": [("*", "430000", (PUBLIC,)), ("*", "430200", WHOLE)],
    "grades alone": [("grade", "430000", (PUBLIC,))],
}
"""What callers may pull; all records lie in 430100."""
SHOWN = {
    "everything": set(WHOLE), "no persons": {PUBLIC, RESTRICTED}, "no restricted": {PUBLIC, PERSONAL},
}  # fmt: skip
DEPARTMENTS = (
    "agriculture", "economy_information", "quality_supervision", "housing_construction", "food_drug", "development_reform",
)  # fmt: skip
OTHERS = defaultdict(lambda: "0" * 32)
"""For the parts of a path that name nothing which exists here."""
QUERIES = {"/v1/enterprises": {"q": "演示"}, "/v1/enterprises/{uscc}/records": {"limit": 100}}
FIRM = 1


@pytest.fixture
async def world(door, exchange_settings):
    """One firm with a record of every kind, cases about one of them, and callers with different grants."""
    database = door.exchange.database
    for (name, grants), department in zip(GRANTS.items(), DEPARTMENTS, strict=True):
        agency = make_agency(database, department, "430300", grants=())
        with database.write("test_grants") as session:
            for kind, within, groups in grants:
                add_grant(
                    session, agency=agency, direction="pull", kind=kind, within=[within], groups=groups, purpose="测试",
                    basis="测试依据", valid_from=FROM,
                )  # fmt: skip
        door.agencies[name] = agency
        door.credentials[name] = make_credential(database, exchange_settings, agency, door.clock())
    pushed = (await door.push(*(planted_record(FIRM, kind) for kind in KINDS))).json()
    assert {item["verdict"] for item in pushed["items"]} == {"accepted"}, pushed
    fined = next(
        item["record_id"] for item, kind in zip(pushed["items"], KINDS, strict=True) if "penalty" in kind
    )
    await door.relayed()
    door.clock.advance(seconds=1)

    async def is_known():
        policy = door.both.credit.state.credit.policy()
        return all(door.credentials[name].client_id in policy.credential for name in GRANTS)

    await until(is_known)
    statement = {"record_id": fined, "statement": "演示"}
    objection = await Casework(door, "/v1/objections").filed("reader", statement | {"ground": "other"})
    query = await Casework(door, "/v1/data-queries").filed(
        "reader", statement | {"field": "/details/remarks"}
    )
    asked = {
        "provider": door.agencies["checks"], "kind": "spot_check", "regions": ["430000"], "groups": [PUBLIC],
        "purpose": "licensing", "basis": "测试依据", "valid_until": "2027-06-30",
    }  # fmt: skip
    headers = door.headers("everything", idempotency_key="ask")
    request = (await door.client.post("/v1/access-requests", json=asked, headers=headers)).json()
    await door.relayed()
    door.parts = {
        "uscc": code_of(FIRM), "batch_id": pushed["id"], "objection_id": objection["id"], "query_id": query["id"],
        "repair_id": "0" * 32, "request_id": request["id"], "kind": "complaint", "rulebook_id": "2026-01",
        "simulation_id": "none", "username": "nobody", "client_id": door.credentials["everything"].client_id,
    }  # fmt: skip
    return door


async def read(door, path, headers, **more):
    return await door.client.get(
        path.format_map(OTHERS | door.parts | more), params=QUERIES.get(path), headers=headers
    )


def entries_of(door, answer):
    """The access entries of an answer, wherever they are kept."""
    own = "SELECT id, purpose, case_number, groups FROM {} WHERE request_id = :request"
    request = answer.headers["x-request-id"]
    found = rows(door.credit.database, own.format("access_entry"), request=request)
    found += rows(door.exchange.database, own.format("access_log_entry"), request=request)
    return {entry[0]: entry[1:3] for entry in found}


def everything_of(answer):
    """All that an answer says: body and headers, with what JSON escapes written out."""
    is_json = answer.headers.get("content-type", "").endswith("/json") and answer.content
    read_out = json.dumps(answer.json(), ensure_ascii=False) if is_json else ""
    return answer.text + read_out + json.dumps(dict(answer.headers), ensure_ascii=False)


def allowed(caller, path, *, is_stated):
    """The groups that a caller may be shown by a route."""
    if path not in DISCLOSING or not (is_stated or path == "/v1/changes"):
        return {PUBLIC}
    return SHOWN.get(caller, {PUBLIC})


def callers_of(world, exchange_settings):
    """Headers of every caller: agencies by token, people by session."""
    database, now = world.exchange.database, world.clock()
    headers = {name: world.headers(name) for name in (*GRANTS, "pusher", "nobody")}
    for role in Role:
        person = make_staff(database, exchange_settings, world.agencies["pusher"], now, role)
        headers[role] = bearer(make_session(database, person.username, now))
    return headers


async def test_no_route_shows_a_caller_more_than_its_grants_give_and_each_disclosure_is_entered_once(
    world, exchange_settings
):
    answered = {}
    for caller, headers in callers_of(world, exchange_settings).items():
        for path, rule in READS:
            is_person = rule.authentication is Authentication.STAFF_SESSION
            if path.startswith("/internal") or (isinstance(caller, Role) and "/v1/" not in path):
                continue
            for stated in ({}, STATED):
                forms = [{}, {"Accept": NDJSON}] if path == "/v1/changes" else [{}]
                for form in forms:
                    answer = await read(world, path, headers | stated | form)
                    where = (caller, path, bool(stated), answer.status_code)
                    groups = allowed(caller, path, is_stated=bool(stated))
                    may_see = {mark for mark in MARKS if mark.group in groups}
                    shown = marks_in(everything_of(answer))
                    assert shown <= may_see, (where, shown - may_see)
                    assert not any(
                        str(mark.planted) in answer.text for mark in MARKS if mark.group == PERSONAL
                    ), where
                    entered = entries_of(world, answer)
                    # with rights beyond the public anywhere, a file read for a purpose is a restricted read
                    is_beyond = groups != {PUBLIC} or (
                        caller == "everything elsewhere"
                        and bool(stated)
                        and "{uscc}" in path
                        and rule.discloses
                    )
                    is_disclosed = answer.status_code == 200 and is_beyond
                    assert len(entered) == is_disclosed, (where, entered)
                    if is_disclosed:
                        (entry,) = entered.values()
                        if stated:
                            assert entry == ("case_handling", "GA-2026-17")
                        if path != "/v1/enterprises/{uscc}" and groups != {
                            PUBLIC
                        }:  # the file shows the latest records only
                            whole = {m for m in may_see if m.shown != m.planted or m.group != PERSONAL}
                            assert shown == whole, (where, whole - shown)
                    if answer.status_code == 200 and not is_person:
                        answered.setdefault(path, set()).add(caller)
    assert answered.keys() >= DISCLOSING
    assert len(answered) > 25, sorted(answered)


async def test_members_without_a_mark_are_left_out_too(world):
    hidden = {(kind, name) for kind, name, _ in unplaced()} | {(mark.kind, mark.member) for mark in MARKS}
    headers = world.headers("the public alone")
    records = (await read(world, "/v1/enterprises/{uscc}/records", headers | STATED)).json()["items"]
    events = [
        event["data"] | {"kind": event["kind"]}
        for event in (await read(world, "/v1/changes", headers)).json()["events"]
        if event["type"].startswith("record_")
    ]
    assert {record["kind"] for record in records} == {event["kind"] for event in events} == set(KINDS)
    for statement in records + events:
        assert not {(statement["kind"], name) for name in statement["details"]} & hidden


async def test_refusals_show_nothing_and_leave_no_entry_and_each_repeated_read_leaves_its_own(world):
    headers = world.headers("everything") | STATED
    narrow = world.token("everything", scope=Scope.BATCHES_READ)
    for path in DISCLOSING:
        there = path.format_map(world.parts)
        refused = [
            await world.client.get(there, headers=bearer("a.b.c")),
            await world.client.get(there, headers=STATED),
            await world.client.get(there, headers=bearer(narrow) | STATED),
            await world.client.get(there, params={"unknown": "1"}, headers=headers),
            await world.client.get(there, params={"after": "x", "cursor": "x"}, headers=headers),
            await world.client.get(there, headers=headers | {"Zhixin-Purpose": "curiosity"}),
            await world.client.head(there, headers=headers),
            await world.client.delete(there, headers=headers),
        ]
        if "{uscc}" in path:
            refused.append(await world.client.get(path.format(uscc=code_of(9)), headers=headers))
        assert [answer for answer in refused if answer.status_code < 400] == []
        for answer in refused:
            assert marks_in(everything_of(answer)) == set()
            assert entries_of(world, answer) == {}

        first = await read(world, path, headers)
        tag = {"If-None-Match": first.headers.get("etag", '"none"')}
        answers = [first, await read(world, path, headers | tag)]
        answers += await asyncio.gather(*(read(world, path, headers) for _ in range(8)))
        assert {answer.status_code for answer in answers} <= {200, 304}
        assert ("etag" in first.headers) == (answers[1].status_code == 304)
        assert [len(entries_of(world, answer)) for answer in answers] == [1] * 10


@contextmanager
def unwritable(database, table):
    """A table into which nothing can be written; all else can."""
    with database.write("test") as session:
        run = session.connection().exec_driver_sql
        if database.is_sqlite:
            run(
                f"CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
        else:
            run(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$"
            )
            run(f"CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()")
    try:
        yield
    finally:
        with database.write("test") as session:
            session.connection().exec_driver_sql(
                "DROP TRIGGER refuse" if database.is_sqlite else "DROP FUNCTION refuse CASCADE"
            )


async def test_with_the_log_unwritable_disclosures_are_refused_and_all_other_reads_go_on(world):
    own = {"exchange": "access_log_entry", "credit": "access_entry"}
    with (
        unwritable(world.exchange.database, own["exchange"]),
        unwritable(world.credit.database, own["credit"]),
    ):
        for path, rule in READS:
            if rule.authentication not in (Authentication.AGENCY_TOKEN, Authentication.AGENCY_OR_STAFF):
                continue
            answer = await read(world, path, world.headers("everything") | STATED)
            if rule.discloses:
                assert (answer.status_code, answer.json()["code"]) == (503, "access_log_unavailable"), path
                assert int(answer.headers["retry-after"]) >= 1
            else:
                assert answer.status_code < 500, (path, answer.text)
            assert marks_in(everything_of(answer)) == set()
            plain = await read(
                world, path, world.headers("everything" if "{request_id}" in path else "the public alone")
            )
            assert plain.status_code == (200 if rule.discloses else answer.status_code), (path, plain.text)
        streamed = await read(world, "/v1/changes", world.headers("everything") | {"Accept": NDJSON})
        assert streamed.status_code == 503
        pushed = await world.push(penalty(2, "goes-on"))
        assert pushed.json()["counts"]["accepted"] == 1
    for path in DISCLOSING:
        assert (await read(world, path, world.headers("everything") | STATED)).status_code == 200


async def test_faults_quote_nothing_of_what_they_refuse(world):
    """A faulty item is known by its number; what stood in it is not repeated to whoever reads the verdicts."""
    broken = []
    for mark in MARKS:
        item = planted_record(FIRM, mark.kind) | {"source_record_id": mark.member}
        wrong = mark.planted if isinstance(mark.planted, str) else mark.planted[0]
        item["details"][mark.member] = {"value": wrong}
        broken.append(item)
        long = planted_record(FIRM, mark.kind) | {"source_record_id": f"{mark.member}-long"}
        long["details"][mark.member] = wrong * 2_000
        broken.append(long)
    answer = await world.push(*broken)
    items = answer.json()["items"]
    assert {item["verdict"] for item in items} == {"rejected"}
    assert marks_in(everything_of(answer)) == set()
    assert not any(str(mark.planted) in answer.text for mark in MARKS)
    for caller in ("everything", "whole", "nobody"):
        other = await world.client.get(answer.json()["items_url"], headers=world.headers(caller))
        assert other.status_code in {403, 404}


async def test_what_is_held_is_shown_to_its_provider_alone(world, exchange_settings):
    waiting = planted_record(3, "spot_check")
    waiting["details"]["result"] = "fail"
    assert (await world.push(waiting)).json()["counts"]["held"] == 1
    own = {mark for mark in MARKS if mark.kind == "spot_check"}
    listed = await world.get("/v1/held-items", "pusher")
    (item,) = listed.json()["items"]
    paths = ("/v1/held-items", f"/v1/held-items/{item['id']}")
    seen = [marks_in(everything_of(await world.get(path, "pusher"))) for path in paths]
    assert all(marks <= own for marks in seen)
    for caller, headers in callers_of(world, exchange_settings).items():
        if caller == "pusher" or isinstance(caller, Role):
            continue
        for path in paths:
            answer = await world.client.get(path, headers=headers | STATED)
            assert marks_in(everything_of(answer)) == set(), (caller, path)
            assert entries_of(world, answer) == {}
            assert answer.status_code in {200, 403, 404}
            assert answer.status_code != 200 or answer.json()["items"] == []


async def test_a_tag_says_no_more_than_the_body_that_it_stands_for(world):
    """A new version of a record is no secret, its hidden members are: to whoever may not see them, the file changes in
    numbers of versions alone, and two files that look alike have one tag whatever they hide."""
    path = f"/v1/enterprises/{code_of(2)}"
    versions = ("record_version", "version", "enterprise_version", "recorded_at")

    def bare(value):
        if isinstance(value, dict):
            return {name: bare(inner) for name, inner in value.items() if name not in versions}
        return [bare(inner) for inner in value] if isinstance(value, list) else value

    def file_of(caller, **more):
        return world.client.get(path, headers=world.headers(caller) | STATED | more)

    async def seen():
        return await file_of("the public alone"), await file_of("everything")

    checked = planted_record(2, "spot_check")
    await world.push(checked)
    before, whole_before = await seen()
    checked["details"]["remarks"] = "另一个秘密"
    assert (await world.push(checked)).json()["counts"]["accepted"] == 1
    after, whole_after = await seen()
    assert bare(after.json()) == bare(before.json())
    assert bare(whole_after.json()) != bare(whole_before.json())
    assert (after.headers["etag"] == before.headers["etag"]) == (after.content == before.content)
    again = await file_of("the public alone", **{"If-None-Match": whole_after.headers["etag"]})
    assert again.status_code == 200


async def test_a_pull_entry_names_range_firms_kinds_and_grants(world):
    page = await world.client.get("/v1/changes", headers=world.headers("everything"))
    entry = "SELECT uscc, purpose, case_number, covers_after, covers_through, firms FROM access_log_entry ORDER BY at"
    ((grant,),) = rows(
        world.exchange.database,
        'SELECT id FROM "grant" WHERE agency = :agency',
        agency=world.agencies["everything"],
    )
    covers = page.json()["covers"]
    assert rows(world.exchange.database, entry)[-1] == (
        None, "subscription", grant, covers["after"], covers["through"], 1,
    )  # fmt: skip
    shown = (await world.get("/v1/access-log", "everything")).json()["items"][0]
    assert shown["covers"] == covers | {"epoch": 1}
    assert (shown["firms"], shown["grants"], shown["groups"]) == (1, [grant], [PERSONAL, RESTRICTED])
    after = await world.client.get(
        "/v1/changes", params={"after": page.json()["next"]}, headers=world.headers("everything")
    )
    assert after.json()["events"] == []
    assert len(rows(world.exchange.database, entry)) == 1
