"""Batches end to end: pushed, answered once, receipted once; large ones later; repeats, older batches, holds, withdrawals."""

import asyncio
import json
from hashlib import sha256

import httpx
import pytest

from services.kernel.tokens import KeyRing
from tests.door import NDJSON, claims_in, codes_of, json_body, receipt_keys, until
from tests.filing import check, code_of, events_of, facts_of, penalty, registration, rows

pytestmark = pytest.mark.anyio


def count_batches(door):
    return rows(door.exchange.database, "SELECT count(*) FROM batch")[0][0]


def count_events(door):
    return len(events_of(door.credit.database))


# --- a push


async def test_a_small_push_is_answered_with_its_verdicts_in_order(door):
    answer = (await door.push(registration(1), registration(2), penalty(1))).json()
    assert [item["source_record_id"] for item in answer["items"]] == ["reg-1", "reg-2", "p-1"]
    assert answer["status"] == "completed"
    assert answer["counts"] == {"total": 3, "accepted": 3, "unchanged": 0, "held": 0, "rejected": 0}


async def test_ndjson_is_taken_like_json(door):
    answer = await door.push_lines(registration(1), registration(2))
    assert answer.status_code == 200
    assert [item["verdict"] for item in answer.json()["items"]] == ["accepted", "accepted"]


async def test_ndjson_with_blank_lines_and_windows_ends_of_line(door):
    lines = [json.dumps(registration(number)).encode() for number in (1, 2)]
    answer = await door.send(b"\r\n" + lines[0] + b"\r\n\r\n" + lines[1], media_type=NDJSON)
    assert [item["index"] for item in answer.json()["items"]] == [0, 1]


async def test_a_push_of_nothing_is_a_batch_with_a_receipt(door):
    answer = (await door.push()).json()
    assert answer["counts"]["total"] == 0
    assert answer["items"] == []
    assert answer["receipt"]


async def test_good_rows_of_a_bad_file_are_accepted(door):
    bad = registration(2) | {"occurred_on": "2026-02-30"}
    items = await door.verdicts(registration(1), bad, registration(3))
    assert [item["verdict"] for item in items] == ["accepted", "rejected", "accepted"]
    assert len(rows(door.credit.database, "SELECT 1 FROM record")) == 2


async def test_every_item_refused_is_still_200(door):
    answer = await door.push(registration(1) | {"kind": "no_such_kind"})
    assert answer.status_code == 200
    assert answer.json()["counts"]["rejected"] == 1


async def test_a_grade_reflects_a_push_as_soon_as_it_is_answered(door):
    await door.push(registration(1), check(1))
    before = (await door.get(f"/v1/enterprises/{code_of(1)}/grade", "reader")).json()
    await door.push(penalty(1))
    after = (await door.get(f"/v1/enterprises/{code_of(1)}/grade", "reader")).json()
    assert float(after["score"]) < float(before["score"])


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\v", "\x85", "\x1c"])
async def test_what_unicode_calls_an_end_of_line_does_not_cut_a_verdict(door, mark):
    answer = await door.push(registration(1, source=f"a{mark}b"), registration(2))
    assert [item["source_record_id"] for item in answer.json()["items"]] == [f"a{mark}b", "reg-2"]
    items = await door.get(answer.json()["items_url"])
    assert [item["index"] for item in items.json()["items"]] == [0, 1]


# --- idempotency


async def test_the_same_key_and_body_give_the_stored_answer_byte_for_byte(door):
    first = await door.push(registration(1), key="k")
    door.clock.advance(days=30)
    again = await door.push(registration(1), key="k")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert count_batches(door) == 1


async def test_a_new_key_with_the_same_records_changes_nothing_and_gets_its_own_receipt(door):
    first = await door.push(registration(1), penalty(1), key="a")
    events = count_events(door)
    again = await door.push(registration(1), penalty(1), key="b")
    assert again.json()["counts"]["unchanged"] == 2
    assert count_events(door) == events
    assert again.json()["receipt"] != first.json()["receipt"]


async def test_a_key_with_another_body_is_refused(door):
    await door.push(registration(1), key="k")
    answer = await door.push(registration(2), key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_key_with_the_same_bytes_of_another_type_is_refused(door):
    body = json.dumps(registration(1)).encode()
    await door.send(body, key="k", media_type=NDJSON)
    answer = await door.send(body, key="k", media_type="application/json")
    assert answer.json()["code"] in {"idempotency_key_reused", "parameter_invalid"}


async def test_a_key_belongs_to_its_agency(door):
    await door.push(check(1), key="k")
    answer = await door.push(check(2), key="k", caller="checks")
    assert answer.status_code == 200


async def test_a_key_in_flight_is_told_to_wait(door):
    answers = await asyncio.gather(*(door.push(registration(1), key="k") for _ in range(6)))
    told = {(answer.status_code, answer.json().get("code")) for answer in answers}
    assert (200, None) in told
    assert told <= {(200, None), (409, "idempotency_key_in_flight")}
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    assert count_batches(door) == 1
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 409)


async def test_a_key_in_flight_is_refused_until_its_answer_is_there(door):
    await door.push(registration(1), key="k")
    with door.exchange.database.write("test") as session:
        session.connection().exec_driver_sql("UPDATE batch SET answer = NULL, answer_status = NULL")
    answer = await door.push(registration(1), key="k")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_in_flight")


@pytest.mark.parametrize(
    "keys", [[], ["a", "b"], ["x" * 201], [""], ["a key"], ["schlüssel".encode("latin-1")]]
)
async def test_a_missing_repeated_or_ill_formed_key_is_refused(door, keys):
    headers = [("Content-Type", "application/json"), *door.headers("pusher").items()]
    headers += [("Idempotency-Key", key) for key in keys]
    answer = await door.client.post("/v1/batches", content=json_body([registration(1)]), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert count_batches(door) == 0


# --- large batches


@pytest.fixture
async def large(door):
    answer = await door.push_lines(*(registration(number) for number in range(1_001)), key="large")
    return answer, await door.completed(answer.headers["location"])


async def test_a_large_push_is_promised_and_completed_by_the_worker(door, large):
    answer, completed = large
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/batches/{answer.json()['id']}"
    assert int(answer.headers["retry-after"]) >= 1
    assert completed["counts"]["accepted"] == 1_001
    again = await door.push_lines(*(registration(number) for number in range(1_001)), key="large")
    assert (again.status_code, again.content) == (202, answer.content)
    assert again.headers["location"] == answer.headers["location"]


async def test_the_receipt_signs_body_and_verdicts_and_is_verified_by_published_keys(door, large):
    answer, completed = large
    stored = (await door.get(f"{answer.headers['location']}/receipt")).json()["receipt"]
    items = await door.get(completed["items_url"], accept=NDJSON)
    claims = claims_in(stored, await receipt_keys(door))
    body = b"".join(
        json.dumps(registration(number), ensure_ascii=False).encode() + b"\n" for number in range(1_001)
    )
    assert stored == completed["receipt"]
    assert claims["verdicts_sha256"] == sha256(items.content).hexdigest()
    assert claims["body_sha256"] == sha256(body).hexdigest()
    assert claims["counts"] == completed["counts"]
    assert (claims["sub"], claims["batch"], claims["idempotency_key"]) == (
        door.agencies["pusher"], answer.json()["id"], "large",
    )  # fmt: skip


async def test_the_receipt_of_a_small_batch_signs_the_verdicts_of_its_answer(door):
    answer = (await door.push(registration(1), registration(2) | {"kind": "none"})).json()
    items = await door.get(answer["items_url"], accept=NDJSON)
    claims = claims_in(answer["receipt"], await receipt_keys(door))
    assert claims["verdicts_sha256"] == sha256(items.content).hexdigest()
    assert [json.loads(line) for line in items.content.splitlines()] == answer["items"]


async def test_a_receipt_key_is_of_no_use_as_an_access_token(door):
    receipt = (await door.push(registration(1))).json()["receipt"]
    with pytest.raises(Exception, match="token_invalid"):
        KeyRing(door.exchange.keys.jwks("access")).verify(
            receipt, typ="receipt+jws", issuer="x", audience="x", now=door.clock()
        )


async def test_verdicts_in_pages_are_the_same_as_in_one_stream(door):
    answer = (await door.push(*(registration(number) for number in range(5)))).json()
    items, path = [], answer["items_url"]
    while path:
        page = await door.get(path)
        items += page.json()["items"]
        path = page.links.get("next", {}).get("url")
    assert items == answer["items"]
    assert [item["index"] for item in items] == [0, 1, 2, 3, 4]


async def test_a_batch_at_work_says_so(door, monkeypatch):
    answer = await door.push_lines(*(registration(number) for number in range(1_001)))
    path = answer.headers["location"]
    state = (await door.get(path)).json()["status"]
    receipt = await door.get(f"{path}/receipt")
    assert state == "processing"
    assert (receipt.status_code, receipt.json()["code"]) == (409, "batch_incomplete")
    assert (await door.completed(path))["receipt"]


async def test_a_push_while_credit_is_away_is_promised_and_done_later(door, monkeypatch):
    credit = door.exchange.credit
    line = credit._http._transport

    class Cut(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            raise httpx.ConnectError("the line is cut", request=request)

    credit._http._transport = Cut()
    answer = await door.push(registration(1), key="k")
    assert answer.status_code == 202
    credit._http._transport = line
    door.clock.advance(seconds=5)  # until then the batch belongs to the request that has given up
    completed = await door.completed(answer.headers["location"])
    assert completed["counts"]["accepted"] == 1
    assert (await door.push(registration(1), key="k")).content == answer.content


# --- dry run and foreign batches


async def test_a_dry_run_answers_like_a_push_and_stores_nothing(door):
    answer = await door.push(registration(1), registration(2) | {"kind": "none"}, params={"dry_run": "true"})
    assert [item["verdict"] for item in answer.json()["items"]] == ["accepted", "rejected"]
    assert answer.json()["receipt"] is None
    assert count_batches(door) == 0
    for table in ("record", "record_version", "outbox", "batch_page", "card", "enterprise"):
        assert rows(door.credit.database, f"SELECT count(*) FROM {table}") == [(0,)]


@pytest.mark.parametrize("part", ["", "/items", "/receipt"])
async def test_a_foreign_batch_is_not_found_like_a_missing_one(door, part):
    batch = (await door.push(registration(1))).json()["id"]
    foreign = await door.get(f"/v1/batches/{batch}{part}", "checks")
    missing = await door.get(f"/v1/batches/{'0' * 32}{part}", "pusher")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.json()["detail"] == missing.json()["detail"]


async def test_an_agency_lists_its_own_batches_the_latest_first(door):
    own = [(await door.push(registration(number))).json()["id"] for number in range(3)]
    await door.push(check(9), caller="checks")
    first = await door.get("/v1/batches", params={"limit": 2})
    rest = await door.get(first.links["next"]["url"])
    listed = [batch["id"] for answer in (first, rest) for batch in answer.json()["items"]]
    assert listed == own[::-1]


# --- versions


async def test_there_and_back_again_are_three_versions(door):
    a, b = registration(1), registration(1, name="演示改名制造有限公司")
    versions = [(await door.verdicts(each))[0]["version"] for each in (a, b, a)]
    await door.relayed()
    events = (await door.page())["events"]
    assert versions == [1, 2, 3]
    assert [event["record_version"] for event in events if event["type"] == "record_upserted"] == [1, 2, 3]


async def test_an_older_batch_that_is_taken_later_is_superseded(door, monkeypatch):
    line = door.exchange.credit._http._transport

    class Cut(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            raise httpx.ConnectError("the line is cut", request=request)

    door.exchange.credit._http._transport = Cut()
    older = await door.push(registration(1, name="演示旧名制造有限公司"))
    door.exchange.credit._http._transport = line
    newer = await door.verdicts(registration(1))
    door.clock.advance(seconds=5)
    await door.completed(older.headers["location"])
    item = (await door.get(older.json()["items_url"])).json()["items"][0]
    assert newer[0]["verdict"] == "accepted"
    assert (item["verdict"], item["version"]) == ("unchanged", 1)
    assert codes_of(item["faults"]) == [("superseded", "/source_record_id")]


async def test_repeats_within_a_batch_apply_in_order(door):
    a, b = registration(1), registration(1, name="演示改名制造有限公司")
    items = await door.verdicts(a, a, b, a)
    assert [(item["verdict"], item["version"]) for item in items] == [
        ("accepted", 1), ("unchanged", 1), ("accepted", 2), ("accepted", 3),
    ]  # fmt: skip


async def test_a_failed_check_is_held_without_an_event_and_released_with_one(door):
    await door.push(registration(1))
    held = (await door.verdicts(check(1, result="fail", confirmed=False)))[0]
    await door.relayed()
    while_held = (await door.page(kind="spot_check"))["events"]
    released = (await door.verdicts(check(1, result="fail", confirmed=True)))[0]
    await door.relayed()
    events = (await door.page(kind="spot_check"))["events"]
    assert held["verdict"] == "held"
    assert codes_of(held["faults"]) == [("producer_unconfirmed", "/parties")]
    assert while_held == []
    assert released["verdict"] == "accepted"
    assert [event["type"] for event in events] == ["record_upserted"]


async def test_a_correction_and_a_withdrawal_are_versions_with_events_of_their_own(door):
    await door.push(penalty(1))
    wrong = penalty(1, fine="70000.00", operation="correct")
    fallen = penalty(1, operation="withdraw", reason="revoked")
    verdicts = [(await door.verdicts(each))[0] for each in (wrong, fallen)]
    await door.relayed()
    types = [event["type"] for event in (await door.page(kind="administrative_penalty"))["events"]]
    assert [(item["verdict"], item["version"]) for item in verdicts] == [("accepted", 2), ("accepted", 3)]
    assert types == ["record_upserted", "record_corrected", "record_withdrawn"]
    assert [fact[5] for fact in facts_of(door.credit.database, 1)] == ["revoked"]


@pytest.mark.parametrize(
    "operation", [{"operation": "correct"}, {"operation": "withdraw", "reason": "revoked"}]
)
async def test_a_record_that_is_not_there_cannot_be_corrected_or_withdrawn(door, operation):
    item = (await door.verdicts(penalty(1) | operation))[0]
    assert item["verdict"] == "rejected"
    assert codes_of(item["faults"]) == [("record_unknown", "/source_record_id")]


async def test_another_agency_cannot_touch_a_record_of_the_same_number(door):
    await door.push(check(1))
    item = (await door.verdicts(check(1, operation="withdraw", reason="revoked"), caller="checks"))[0]
    assert codes_of(item["faults"]) == [("record_unknown", "/source_record_id")]


async def test_a_batch_whose_worker_died_is_completed_by_the_next(door):
    await door.push(registration(1), key="k")
    with door.exchange.database.write("test") as session:
        session.connection().exec_driver_sql(
            "UPDATE batch SET status = 'processing', receipt = NULL, answer = NULL, answer_status = NULL"
        )
        session.connection().exec_driver_sql("UPDATE batch_page SET verdicts = NULL, counts = NULL")
    door.clock.advance(seconds=5)
    await until(lambda: rows(door.exchange.database, "SELECT 1 FROM batch WHERE status = 'completed'"))
    again = (await door.push(registration(1), key="k")).json()
    assert again["items"][0]["verdict"] == "accepted"
    assert count_events(door) == len({event["id"] for event in events_of(door.credit.database)})
