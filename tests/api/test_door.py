"""The exchange's door with both services behind it: pushes good and bad, their receipts, and the changes they make."""

import asyncio
import hashlib
import json

import httpx
import jwt
import pytest
from sqlalchemy import text

from services.credit.api.access_table import TABLE as CREDIT_TABLE
from services.exchange.api.access_table import TABLE as EXCHANGE_TABLE
from services.kernel.access import Authentication
from services.kernel.tokens import RECEIPT_TYPE, KeyRing
from services.launch.one_process import OneProcess
from tests.conftest import address_of
from tests.factories import make_agency, make_credential
from tests.filing import check, code_of, credit_settings, penalty, registration
from tests.forgery import ISSUER, bearer, token_of

pytestmark = pytest.mark.anyio
NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


class Door:
    """A client with tokens: market pushes and pulls all, checks pulls spot checks alone, nobody has no grant."""

    def __init__(self, client, tokens, exchange, clock):
        self.client, self.tokens, self.exchange, self.clock = client, tokens, exchange, clock

    async def push(self, records, key, caller="market", **query):
        body = json.dumps({"records": records}, ensure_ascii=False).encode()
        return await self.send(body, JSON | {"Idempotency-Key": key}, caller, **query)

    async def send(self, body, headers, caller="market", **query):
        named = bearer(self.tokens[caller]) | headers
        return await self.client.post("/v1/batches", content=body, headers=named, params=query)

    async def get(self, path, caller="market", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=bearer(self.tokens[caller]) | named)

    async def head(self):
        return (await self.get("/v1/changes?limit=1")).json()["head"]

    async def settled(self, head):
        for _ in range(200):
            self.clock.advance(milliseconds=10)
            if await self.head() >= head:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the relay did not get there")


@pytest.fixture
async def door(exchange_database, exchange_settings, credit_database, service_keys, clock):
    holders = {
        "market": make_agency(
            exchange_database, "industry_commerce", grants=("push *", "pull *", "pull grade")
        ),
        "checks": make_agency(
            exchange_database, "quality_supervision", grants=("push spot_check", "pull spot_check")
        ),
        "nobody": make_agency(exchange_database, "food_drug", grants=()),
    }
    held = {
        name: make_credential(exchange_database, exchange_settings, holder, clock())
        for name, holder in holders.items()
    }
    both = OneProcess(
        credit_settings(address_of(credit_database), service_keys), exchange_settings, clock=clock
    )
    transport = httpx.ASGITransport(both)
    async with both.lifespan(), httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        for _ in range(200):
            if (await client.get("/readyz")).status_code == 200:
                break
            await asyncio.sleep(0.02)
        tokens = {name: await token_of(client, one) for name, one in held.items()}
        yield Door(client, tokens, both.exchange.state.exchange, clock)


def changed(**members):
    return registration(1, source="bad") | members


WRONG_ITEMS = {
    ("uscc_length", "/subject/uscc"): changed(subject={"uscc": "9143", "name": "演示"}),
    ("uscc_character", "/subject/uscc"): changed(subject={"uscc": code_of(1)[:-1] + "I", "name": "演示"}),
    ("uscc_check_digit", "/subject/uscc"): changed(subject={"uscc": "91430000616800612X", "name": "演示"}),
    ("uscc_organisation_digit", "/subject/uscc"): changed(
        subject={"uscc": code_of(1)[:16] + ("0" if code_of(1)[16] != "0" else "1") + code_of(1)[17]}
    ),
    ("date_invalid", "/occurred_on"): changed(occurred_on="2026-02-30"),
    ("date_in_future", "/occurred_on"): changed(occurred_on="2999-01-01"),
    ("date_in_future", "/published_on"): changed(published_on="2999-01-01"),
    ("kind_unknown", "/kind"): changed(kind="horoscope"),
    ("region_unknown", "/region"): changed(region="439999"),
    ("region_not_granted", "/region"): changed(region="110101"),
    ("field_unknown", "/colour"): changed(colour="red"),
    ("field_unknown", "/details/colour"): changed(details={"colour": "red"}),
    ("field_missing", "/subject"): {k: v for k, v in changed().items() if k != "subject"},
    ("field_missing", "/document_number"): {k: v for k, v in penalty(1).items() if k != "document_number"},
    ("field_missing", "/reason"): changed(operation="withdraw"),
    ("type_mismatch", "/occurred_on"): changed(occurred_on=20260302),
    ("type_mismatch", "/source_record_id"): changed(source_record_id=7),
    ("type_mismatch", "/details/fine_amount"): penalty(1)
    | {"details": penalty(1)["details"] | {"fine_amount": 5}},
    ("money_invalid", "/details/fine_amount"): penalty(1)
    | {"details": penalty(1)["details"] | {"fine_amount": "1,000"}},
    ("choice_unknown", "/effect"): changed(effect="eternal"),
    ("text_control_character", "/subject/name"): changed(subject={"uscc": code_of(1), "name": "演示\u0000"}),
    ("text_damaged", "/subject/name"): changed(subject={"uscc": code_of(1), "name": "演示\ufffd"}),
    ("text_too_long", "/subject/name"): changed(subject={"uscc": code_of(1), "name": "演" * 201}),
    ("text_empty", "/subject/name"): changed(subject={"uscc": code_of(1), "name": ""}),
    ("record_unknown", "/source_record_id"): changed(source_record_id="never", operation="correct"),
}


async def test_each_wrong_item_gets_its_code_and_the_good_ones_are_accepted(door):
    answer = await door.push([registration(1), *WRONG_ITEMS.values(), registration(2)], "k1")
    verdicts = answer.json()["items"]
    told = [{(fault["code"], fault["field"]) for fault in verdict["faults"]} for verdict in verdicts[1:-1]]
    assert [case for case, faults in zip(WRONG_ITEMS, told, strict=True) if case not in faults] == []
    assert answer.json()["counts"] == {
        "total": len(WRONG_ITEMS) + 2, "accepted": 2, "unchanged": 0, "held": 0, "rejected": len(WRONG_ITEMS)
    }  # fmt: skip


async def test_a_kind_that_the_agency_may_not_push_is_a_fault_of_its_item(door):
    answer = await door.push([registration(1)], "k1", "checks")
    assert answer.json()["items"][0]["faults"][0]["code"] == "kind_not_granted"


async def test_a_broken_line_and_a_repeated_member_are_faults_of_their_lines(door):
    sound = json.dumps(registration(1), ensure_ascii=False)
    repeated = sound[:-1] + ', "kind": "enterprise_registration"}'
    body = "\n".join([sound, "{", repeated, ""]).encode()
    answer = await door.send(body, NDJSON | {"Idempotency-Key": "k1"})
    codes = [[fault["code"] for fault in verdict["faults"]] for verdict in answer.json()["items"]]
    assert codes == [[], ["json_malformed"], ["json_duplicate_member"]]


KEY = {"Idempotency-Key": "b1"}
WRONG_BODIES = [
    (b'{"records": [', JSON | KEY, {}, 400, "json_malformed"),
    (b'{"records": [], "records": []}', JSON | KEY, {}, 400, "json_duplicate_member"),
    (b'{"records": [{"details": {"a": 1, "a": 2}}]}', JSON | KEY, {}, 400, "json_duplicate_member"),
    (b'{"records": ["\xff"]}', JSON | KEY, {}, 400, "encoding_invalid"),
    (b'{"record": []}', JSON | KEY, {}, 422, "parameter_invalid"),
    (b"{}\n", {"Content-Type": "text/csv"} | KEY, {}, 415, "media_type_unsupported"),
    (b"{}\n", NDJSON | KEY | {"Content-Encoding": "gzip"}, {}, 415, "media_type_unsupported"),
    (b'{"records": []}', JSON, {}, 400, "idempotency_key_missing"),
    (b'{"records": []}', JSON | {"Idempotency-Key": "k" * 201}, {}, 400, "idempotency_key_missing"),
    (b'{"records": []}', JSON | KEY, {"colour": "red"}, 400, "parameter_unknown"),
    (b" " * ((8 << 20) + 1), JSON | KEY, {}, 413, "body_too_large"),
    (b"{}\n", NDJSON | KEY | {"Content-Length": "9"}, {}, 400, "upload_incomplete"),
]


async def test_each_wrong_body_is_refused_whole_with_its_code(door):
    seen = []
    for body, headers, query, _, _ in WRONG_BODIES:
        answer = await door.send(body, headers, **query)
        seen.append((answer.status_code, answer.json()["code"]))
    assert seen == [(status, code) for *_, status, code in WRONG_BODIES]
    assert (await door.get("/v1/batches")).json()["items"] == []


async def test_the_same_key_gets_the_same_bytes_and_another_body_is_refused(door):
    first, again = await door.push([registration(1)], "k1"), await door.push([registration(1)], "k1")
    other = await door.push([registration(2)], "k1")
    assert (first.status_code, again.content) == (200, first.content)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_large_push_is_promised_completed_and_receipted(door):
    body = "".join(json.dumps(registration(n), ensure_ascii=False) + "\n" for n in range(1, 1102)).encode()
    promised = await door.send(body, NDJSON | {"Idempotency-Key": "k1"})
    assert promised.status_code == 202
    place = promised.headers["location"]
    for _ in range(400):
        if (batch := (await door.get(place)).json())["status"] == "completed":
            break
        await asyncio.sleep(0.05)
    verdicts = await door.get(f"{place}/items", accept=NDJSON["Content-Type"])
    keys = KeyRing((await door.client.get("/.well-known/receipt-keys.json")).json())
    receipt = (await door.get(f"{place}/receipt")).json()["receipt"]
    claims = keys.verify(receipt, typ=RECEIPT_TYPE, issuer=ISSUER, audience=None, now=door.clock())
    assert (
        claims["counts"]
        == batch["counts"]
        == dict.fromkeys(batch["counts"], 0) | {"total": 1101, "accepted": 1101}
    )
    assert claims["verdicts_sha256"] == hashlib.sha256(verdicts.content).hexdigest()
    assert claims["body_sha256"] == hashlib.sha256(body).hexdigest()
    replay = await door.send(body, NDJSON | {"Idempotency-Key": "k1"})
    assert (replay.status_code, replay.content) == (202, promised.content)


async def test_a_dry_run_says_what_would_be_and_stores_nothing(door):
    rehearsed = await door.push([registration(1)], "k1", dry_run="true")
    assert rehearsed.json()["counts"]["accepted"] == 1
    assert (await door.get(f"/v1/enterprises/{code_of(1)}")).status_code == 404
    assert (await door.get("/v1/batches")).json()["items"] == []


async def test_another_agencys_batch_is_not_there(door):
    batch = (await door.push([registration(1)], "k1")).json()["id"]
    places = [f"/v1/batches/{batch}{part}" for part in ("", "/items", "/receipt")]
    assert [(await door.get(place, "checks")).status_code for place in places] == [404, 404, 404]


async def test_a_statement_taken_back_is_a_third_version(door):
    for key, name in (("a", "甲演示公司"), ("b", "乙演示公司"), ("c", "甲演示公司")):
        answer = await door.push([registration(1, name=name)], key)
    assert answer.json()["items"][0]["version"] == 3


async def test_a_held_failure_makes_its_event_when_it_is_released(door):
    held = await door.push([registration(1), check(1, result="fail")], "k1")
    await door.settled(1)
    before = await door.head()
    released = await door.push([check(1, result="fail", confirmed=True)], "k2")
    await door.settled(before + 1)
    assert [verdict["verdict"] for verdict in held.json()["items"]] == ["accepted", "held"]
    assert released.json()["items"][0]["verdict"] == "accepted"


# --- changes


async def test_pages_cover_what_grants_leave_out(door):
    await door.push([registration(1), check(1), registration(2)], "k1")
    await door.settled(3)
    everything = (await door.get("/v1/changes")).json()
    filtered = (await door.get("/v1/changes", "checks")).json()
    assert [event["seq"] for event in everything["events"]][:3] == [1, 2, 3]
    assert {event["kind"] for event in filtered["events"]} == {"spot_check"}
    assert everything["covers"] == filtered["covers"] == {"after": 0, "through": everything["head"]}


async def test_pages_join_and_a_stream_says_the_same(door):
    await door.push([registration(n) for n in range(1, 8)], "k1")
    await door.settled(7)
    path, seen, ends = "/v1/changes?limit=2", [], [0]
    while True:
        page = (await door.get(path)).json()
        assert page["covers"]["after"] == ends[-1]
        seen += page["events"]
        ends.append(page["covers"]["through"])
        if not page["more"]:
            break
        path = f"/v1/changes?limit=2&after={page['next']}"
    lines = (await door.get("/v1/changes", accept=NDJSON["Content-Type"])).text.splitlines()
    assert [json.loads(line) for line in lines[:-1]] == seen
    assert json.loads(lines[-1])["control"] == "end"


AWKWARD = '演示"引号"\\反斜线\\n\t制表\n换行\u2028分行😀\ue000'


async def test_awkward_text_arrives_as_it_was_sent(door):
    await door.push([registration(1) | {"details": {"business_scope": AWKWARD}}], "k1")
    await door.settled(1)
    lines = (await door.get("/v1/changes", accept=NDJSON["Content-Type"])).content.split(b"\n")
    assert json.loads(lines[0])["data"]["details"]["business_scope"] == AWKWARD


async def test_cursors_of_others_or_made_up_are_refused(door):
    cursor = (await door.get("/v1/changes")).json()["next"]
    answers = [
        await door.get(f"/v1/changes?after={cursor}", "checks"),
        await door.get("/v1/changes?after=AAAA"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (400, "cursor_invalid")
    ] * 2


async def test_what_is_no_longer_served_is_gone(door):
    cursor = (await door.get("/v1/changes")).json()["next"]
    await door.push([registration(1), registration(2)], "k1")
    await door.settled(2)
    with door.exchange.database.write("test.floor") as session:
        session.execute(text("UPDATE journal_head SET floor = 1"))
    answer = await door.get(f"/v1/changes?after={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")


async def test_a_cursor_beyond_a_fork_is_told_of_it(door):
    await door.push([registration(1), registration(2)], "k1")
    await door.settled(2)
    cursor = (await door.get("/v1/changes")).json()["next"]
    with door.exchange.database.write("test.epoch") as session:
        session.execute(text("UPDATE journal_head SET epoch = 2"))
        session.execute(text("INSERT INTO journal_epoch VALUES (2, 1, '2026-11-20 00:00:00')"))
    answer = await door.get(f"/v1/changes?after={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (409, "epoch_forked")


async def test_a_long_poll_ends_with_the_next_event(door):
    cursor = (await door.get("/v1/changes")).json()["next"]
    waiting = asyncio.create_task(door.get(f"/v1/changes?wait=20&after={cursor}"))
    await door.push([registration(1)], "k1")
    assert len((await asyncio.wait_for(waiting, 15)).json()["events"]) == 1


# --- every route, every kind of caller


def expected(rule, caller, scopes):
    if rule.authentication in (Authentication.NONE, Authentication.CLIENT):
        return None
    if caller in ("none", "forged"):
        return 401
    if rule.authentication is Authentication.SERVICE_TOKEN:
        return 404  # one process serves nothing internal to the outside
    return None if rule.scope in scopes else 403


async def test_every_route_admits_whom_its_rule_says_and_nobody_else(door):
    wrong = []
    for (method, path), rule in {**CREDIT_TABLE, **EXCHANGE_TABLE}.items():
        for caller in ("none", "forged", "market", "checks", "nobody"):
            token = {"none": None, "forged": "a.b.c"}.get(caller, door.tokens.get(caller))
            scopes = (
                jwt.decode(token, options={"verify_signature": False})["scope"].split()
                if token and caller != "forged"
                else []
            )
            url = path.format(uscc=code_of(1), batch_id="none", number=0)
            answer = await door.client.request(method, url, headers=bearer(token) if token else {})
            wanted = 404 if path.startswith("/internal") else expected(rule, caller, scopes)
            refused = answer.status_code in (401, 403)
            if (wanted is None and refused and rule.authentication is not Authentication.CLIENT) or (
                wanted is not None and answer.status_code != wanted
            ):
                wrong.append((method, path, caller, answer.status_code, wanted))
    assert wrong == []
