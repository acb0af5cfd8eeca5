"""Items that wait for a person: identification, the queue, decisions that are remembered, their undoing, counterfeit leads."""

from itertools import count

import pytest

from services.credit.service.selfcheck import check_credit
from services.credit.service.staff_sessions import open_session
from services.exchange.store.policy import bump_policy, policy_version
from services.exchange.store.staff import session_by_digest
from services.kernel.access import Role
from services.kernel.opaque_tokens import digest_of
from services.kernel.staff_sessions import HandedOver
from services.kernel.uscc import organisation_code_of
from tests.casework import grade_of, problem, pushed, records_of, sound, told
from tests.door import codes_of, until
from tests.factories import make_agency, make_session, make_staff
from tests.filing import check, code_of, events_of, name_of, penalty, registration, rows
from tests.forgery import bearer

pytestmark = pytest.mark.anyio
QUEUE = "/v1/held-items"
LEADS = "/v1/counterfeit-leads"
NUMBER = "430100000012345"
_keys = count(1)


def fine(source, subject, **changed):
    """A fine of somebody who is named without a code."""
    return penalty(1, source, **({"region": "430100"} | changed)) | {"subject": subject}


async def queue(door, caller="pusher", **params):
    answer = await door.get(QUEUE, caller, params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def item(door, item_id, caller="pusher"):
    return (await door.get(f"{QUEUE}/{item_id}", caller)).json()


async def decide(door, item_id, body, headers=None, key=None):
    own = {"Idempotency-Key": key or f"held-{next(_keys)}"} | (headers or door.headers("pusher"))
    return await door.client.post(
        f"{QUEUE}/{item_id}/decisions", json={"reason": "演示理由"} | body, headers=own
    )


async def decided(door, item_id, body, **how):
    answer = await decide(door, item_id, body, **how)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def undone(door, item_id, headers=None):
    own = headers or door.headers("pusher")
    version = (await item(door, item_id))["version"]
    answer = await door.client.post(
        f"{QUEUE}/{item_id}/undo",
        json={"reason": "演示：选错了企业"},
        headers=own | {"If-Match": f'"{version}"'},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def officer(door, caller, role=Role.INSPECTOR):
    """Headers of a person of a caller's agency, who came over to credit."""
    database, now = door.exchange.database, door.clock()
    agency = door.agencies.get(caller, caller)
    person = make_staff(database, door.exchange.settings, agency, now, role)
    token = make_session(database, person.username, now)
    with database.write("test") as session:
        row, _, _ = session_by_digest(session, digest_of(token))
        bump_policy(session)
        newest = policy_version(session)
    handed = HandedOver(person.username, row.id, row.authenticated_at, row.expires_at)
    token = open_session(door.credit, handed).token
    door.clock.advance(seconds=1)
    await until(lambda: door.both.credit.state.credit.policy().version >= newest)
    return bearer(token)


@pytest.fixture
async def known(door):
    """Three firms of the register; the first once bore a registration number, and another name."""
    numbered = registration(1, name="湖南竹海食品有限公司")
    numbered["subject"]["registration_number"] = NUMBER
    await pushed(door, registration(1, name="长沙竹海副食品厂"), registration(2), registration(3))
    await pushed(door, numbered)


async def test_an_exact_identifier_of_one_firm_is_certain_and_nothing_else_is(door, known):
    inner = organisation_code_of(code_of(1))
    shown = f"{inner[:8]}-{inner[8]}"
    cases = [
        fine("org", {"organisation_code": shown, "name": "湖南竹海食品有限责任公司"}),
        fine("inner", {"uscc": inner}),
        fine("number", {"registration_number": NUMBER, "name": "長沙竹海副食品厰（原）"}),
        fine("both", {"registration_number": NUMBER, "organisation_code": inner}),
        fine("conflict", {"registration_number": NUMBER, "organisation_code": organisation_code_of(code_of(2))}),
        fine("stranger", {"registration_number": NUMBER, "name": "衡阳市蒸湘区顺达汽车修理厂"}),
        fine("name", {"name": "湖南竹海食品有限公司"}),
        fine("nobody", {"organisation_code": organisation_code_of(code_of(77))}),
        fine("nothing", {"name": None}),
        registration(9, "reg-9") | {"subject": {"name": "湖南竹海食品有限公司"}},
    ]  # fmt: skip
    verdicts = await door.verdicts(*cases)
    assert [(v["source_record_id"], v["verdict"], v["uscc"]) for v in verdicts] == [
        *((source, "accepted", code_of(1)) for source in ("org", "inner", "number", "both")),
        *((source, "held", None) for source in ("conflict", "stranger", "name", "nobody")),
        ("nothing", "rejected", None),
        ("reg-9", "rejected", None),
    ]
    assert codes_of(verdicts[4]["faults"]) == [("subject_uncertain", "/subject")]
    assert codes_of(verdicts[-1]["faults"]) == [("field_missing", "/subject/uscc")]
    assert len(await queue(door)) == 4
    assert [event["type"] for event in events_of(door.credit.database, 2)] == ["record_upserted"]
    sound(door)


async def test_candidates_come_with_scores_and_reasons(door, known):
    held = (await door.verdicts(fine("n", {"name": "湖南 竹海食品有限責任公司"})))[0]
    shown = await item(door, held["record_id"])
    assert shown["record"]["details"]["violation"] == "演示违法行为"
    best = shown["candidates"][0]
    assert (best["uscc"], best["reasons"]) == (code_of(1), ["name_spelled_alike", "region_same"])
    held = (await door.verdicts(fine("f", {"name": "長沙竹海副食品廠"})))[0]
    best = (await item(door, held["record_id"]))["candidates"][0]
    assert (best["found_as"], best["reasons"]) == ("长沙竹海副食品厂", ["former_name_same", "region_same"])


async def test_a_decision_releases_every_waiting_item_and_is_remembered(door, known):
    before = await grade_of(door, 1)
    subject = {"name": "竹海食品"}
    first = await door.push(fine("a", subject), fine("b", subject), fine("c", {"name": "别家食品"}))
    items_url = first.json()["items_url"]
    kept = (await door.get(items_url)).content
    waiting = [verdict["record_id"] for verdict in first.json()["items"]]
    again = await door.verdicts(fine("a", subject))
    assert (again[0]["verdict"], len(await queue(door))) == ("unchanged", 3)
    events = len(events_of(door.credit.database, 1))

    settled = await decided(door, waiting[0], {"action": "assign", "uscc": code_of(1)})
    assert (settled["state"], settled["settled"]) == ("released", 2)
    assert [each["id"] for each in await queue(door)] == [waiting[2]]
    made = events_of(door.credit.database, 1)[events:]
    assert [event["type"] for event in made] == ["record_upserted", "record_upserted", "grade_changed"]
    assert [event["record_id"] for event in made[:2]] == sorted(waiting[:2])
    assert made[0]["data"]["subject"]["uscc"] == code_of(1)
    assert set(waiting[:2]) <= set(await records_of(door, 1))
    assert (await door.get(items_url)).content == kept  # what the receipt proves stays as it was
    door.clock.advance(seconds=10)
    then = door.clock()

    # remembered: the same again is unchanged, the next one of this agency goes where the others went, another agency's waits
    assert (await door.verdicts(fine("a", subject)))[0]["verdict"] == "unchanged"
    later = (await door.verdicts(fine("d", subject)))[0]
    assert (later["verdict"], later["uscc"]) == ("accepted", code_of(1))
    assert (await door.verdicts(fine("e", subject), caller="whole"))[0]["verdict"] == "held"
    assert (await door.verdicts(fine("f", subject, region=None)))[0][
        "verdict"
    ] == "held"  # names are unique by place
    sound(door)

    door.clock.advance(seconds=10)
    back = await undone(door, waiting[0])
    assert (back["state"], back["settled"], back["uscc"]) == ("waiting", 3, None)
    assert await grade_of(door, 1) == before | {
        "enterprise_version": (await grade_of(door, 1))["enterprise_version"]
    }
    gone = [event for event in events_of(door.credit.database, 1) if event["type"] == "record_withdrawn"]
    assert {event["data"]["reason"] for event in gone} == {"unattributed"}
    assert {event["record_id"] for event in gone} == {*waiting[:2], later["record_id"]}
    assert (await door.verdicts(fine("a", subject)))[0]["verdict"] == "unchanged"
    assert (await door.verdicts(fine("g", subject)))[0]["verdict"] == "held"
    path = f"/v1/enterprises/{code_of(1)}/grade"
    past = (await door.get(path, "reader", {"known_at": then.isoformat()})).json()
    assert past["score"] != before["score"]  # what was known in between stays known
    sound(door)

    # decided otherwise, all go there; the record of a provider that names the code itself leaves the queue
    await pushed(door, fine("b", {"uscc": code_of(3)}))
    assert (await item(door, waiting[1]))["state"] == "overtaken"
    await decided(door, waiting[0], {"action": "assign", "uscc": code_of(2)})
    assert waiting[0] in await records_of(door, 2)
    assert waiting[1] in await records_of(door, 3)
    sound(door)


async def test_a_held_correction_goes_where_it_is_sent_and_comes_back(door, known):
    first = (await pushed(door, fine("a", {"uscc": code_of(2)})))[0]
    held = (await door.verdicts(fine("a", {"name": "竹海食品"}, fine="90000.00", operation="correct")))[0]
    assert (held["verdict"], held["record_id"]) == ("held", first)
    assert first in await records_of(door, 2)  # until somebody decides, what is in force stays
    await decided(door, first, {"action": "assign", "uscc": code_of(1)})
    assert first in await records_of(door, 1)
    assert first not in await records_of(door, 2)
    sound(door)
    await undone(door, first)
    assert (await records_of(door, 2))[first]["details"]["fine_amount"] == "60000.00"
    assert first not in await records_of(door, 1)
    sound(door)


async def test_the_check_of_the_database_compares_queue_and_records(door, known):
    held = (await door.verdicts(fine("a", {"name": "竹海食品"})))[0]["record_id"]
    sound(door)
    with door.credit.database.write("test_planted") as session:
        session.connection().exec_driver_sql("UPDATE held_item SET state = 'released'")
    found = check_credit(door.credit.database, door.clock(), "430000")
    assert found == [f"{held}: is not what the queue says"]


async def test_what_is_withdrawn_while_it_waits_leaves_the_queue_without_an_event(door, known):
    held = (await door.verdicts(fine("a", {"name": "竹海食品"})))[0]
    before = len(events_of(door.credit.database))
    gone = (await door.verdicts(fine("a", {"name": "竹海食品"}, operation="withdraw", reason="revoked")))[0]
    assert (gone["verdict"], codes_of(gone["faults"])) == (
        "unchanged", [("withdrawn_unfiled", "/source_record_id")],
    )  # fmt: skip
    assert (await item(door, held["record_id"]))["state"] == "overtaken"
    assert len(events_of(door.credit.database)) == before
    assert (await pushed(door, fine("a", {"uscc": code_of(1)}))) == [held["record_id"]]
    sound(door)


def failure(number, source, *, batch="2026-05", confirmed=None, named=None, **changed):
    party = {"role": "producer", "subject": named or {"uscc": code_of(number)}, "confirmed": bool(confirmed)}
    product = {"name": "演示酱油", "class": "food", "batch": batch}
    changed = {"product": product, "parties": [party], "region": "430100"} | changed
    return check(number, source, result="fail", **changed)


async def test_a_producer_confirms_a_sample_and_all_its_rows_count(door, known):
    verdicts = await door.verdicts(failure(1, "x"), failure(1, "y"), failure(1, "z", batch="2026-06"))
    assert {verdict["verdict"] for verdict in verdicts} == {"held"}
    ids = [verdict["record_id"] for verdict in verdicts]
    before = await grade_of(door, 1)
    refused = await decide(door, ids[0], {"action": "confirm"})
    assert problem(refused) == (422, "parameter_invalid")  # without the producer's written word
    settled = await decided(door, ids[0], {"action": "confirm", "document_number": "演示函〔2026〕1号"})
    assert (settled["state"], settled["settled"]) == ("released", 2)
    assert [each["id"] for each in await queue(door)] == [ids[2]]  # another batch is another question
    assert (await grade_of(door, 1))["score"] != before["score"]
    assert (await records_of(door, 1))[ids[0]]["parties"][0]["confirmed"] is True
    late = (await door.verdicts(failure(1, "w")))[0]
    assert late["verdict"] == "accepted"
    sound(door)
    await undone(door, ids[0])
    assert (await grade_of(door, 1))["score"] == before["score"]
    assert {each["id"] for each in await queue(door)} == {*ids, late["record_id"]}
    sound(door)


async def test_a_denial_opens_a_lead_and_the_failure_never_scores(door, known):
    held = (await door.verdicts(failure(1, "x"), caller="checks"))[0]
    before = await grade_of(door, 1)
    inspector = await officer(door, "checks")
    denial = {"action": "deny", "document_number": "演示复函〔2026〕7号", "decided_on": "2026-11-20"}
    settled = await decided(door, held["record_id"], denial, headers=inspector)
    assert settled["state"] == "denied"
    lead = (await door.get(LEADS, "checks")).json()["items"][0]
    assert (lead["uscc"], lead["state"], lead["region"]) == (code_of(1), "open", "430100")
    assert lead["goods"]["product"]["name"] == "演示酱油"
    assert told(door, 1)[-1] == ("counterfeit_lead_opened", "open")
    # the provider insists: still held, and the firm stays uncharged
    insisted = (await door.verdicts(failure(1, "x", confirmed=True), caller="checks"))[0]
    assert (insisted["verdict"], codes_of(insisted["faults"])) == ("held", [("producer_denied", "/parties")])
    after = await grade_of(door, 1)
    assert (after["grade"], after["score"]) == (before["grade"], before["score"])
    assert (await queue(door, "checks")) == []
    sound(door)
    answer = await door.client.post(
        f"{QUEUE}/{held['record_id']}/undo",
        json={"reason": "演示：复函系伪造"},
        headers=inspector | {"If-Match": "*"},
    )
    assert answer.json()["state"] == "waiting"
    assert (await door.get(f"{LEADS}/{lead['id']}", "checks")).json()["state"] == "dropped"
    assert len(await queue(door, "checks")) == 1
    sound(door)


async def test_a_sample_of_somebody_without_a_code_waits_twice(door, known):
    named = {"name": "竹海食品"}
    held = (await door.verdicts(failure(1, "x", named=named) | {"subject": named}))[0]
    assert codes_of(held["faults"]) == [("subject_uncertain", "/subject")]
    settled = await decided(door, held["record_id"], {"action": "assign", "uscc": code_of(1)})
    assert (settled["state"], settled["reason"]) == ("waiting", "producer_unconfirmed")
    word = {"action": "confirm", "document_number": "演示函〔2026〕3号"}
    assert (await decided(door, held["record_id"], word))["state"] == "released"
    shown = (await records_of(door, 1))[held["record_id"]]
    assert shown["parties"][0] == {
        "role": "producer", "subject": {"uscc": code_of(1), "name": "竹海食品", "organisation_code": None,
        "registration_number": None}, "confirmed": True,
    }  # fmt: skip
    sound(door)
    await undone(door, held["record_id"])
    assert (await item(door, held["record_id"]))["reason"] == "producer_unconfirmed"
    await undone(door, held["record_id"])
    assert (await item(door, held["record_id"]))["reason"] == "subject_uncertain"
    sound(door)


async def test_who_sees_and_decides_what(door, known):
    held = (await door.verdicts(fine("a", {"name": "竹海食品"})))[0]["record_id"]
    assert await queue(door, "whole") == []
    assert problem(await door.get(f"{QUEUE}/{held}", "whole")) == (404, "not_found")
    assert problem(await decide(door, held, {"action": "refuse"}, headers=door.headers("whole"))) == (
        404,
        "not_found",
    )
    database = door.exchange.database
    inside = make_agency(database, "quality_supervision", "430100", grants=("pull administrative_penalty",))
    outside = make_agency(database, "quality_supervision", "430300", grants=("pull administrative_penalty",))
    blind = make_agency(database, "food_drug", "430100", grants=("pull spot_check",))
    seen = {}
    for name, agency in {"inside": inside, "outside": outside, "blind": blind, "own": "pusher"}.items():
        headers = await officer(door, agency)
        seen[name] = len((await door.client.get(QUEUE, headers=headers)).json()["items"])
    assert seen == {"inside": 1, "outside": 0, "blind": 0, "own": 1}
    coordinator = await officer(door, "nobody", Role.COORDINATOR)
    assert len((await door.client.get(QUEUE, headers=coordinator)).json()["items"]) == 1
    auditor = await officer(door, "nobody", Role.AUDITOR)
    assert problem(await door.client.get(QUEUE, headers=auditor)) == (403, "role_missing")


async def test_a_decision_is_made_once(door, known):
    held = (await door.verdicts(fine("a", {"name": "竹海食品"})))[0]["record_id"]
    unknown = await decide(door, held, {"action": "assign", "uscc": code_of(99)})
    assert problem(unknown) == (422, "parameter_invalid")
    assert problem(await decide(door, held, {"action": "assign"})) == (422, "parameter_invalid")
    unfit = {"action": "deny", "document_number": "演示"}
    assert problem(await decide(door, held, unfit)) == (409, "action_not_applicable")
    chosen = {"action": "assign", "uscc": code_of(1)}
    first = await decide(door, held, chosen, key="once")
    again = await decide(door, held, chosen, key="once")
    assert (first.status_code, again.content, again.headers["etag"]) == (
        201,
        first.content,
        first.headers["etag"],
    )
    assert problem(await decide(door, held, {"action": "refuse"}, key="once")) == (
        422,
        "idempotency_key_reused",
    )
    assert problem(await decide(door, held, {"action": "refuse"})) == (409, "held_item_decided")
    stale = await door.client.post(
        f"{QUEUE}/{held}/undo", json={"reason": "演示"}, headers=door.headers("pusher") | {"If-Match": '"1"'}
    )
    assert problem(stale) == (412, "precondition_failed")
    await undone(door, held)
    again = await door.client.post(
        f"{QUEUE}/{held}/undo", json={"reason": "演示"}, headers=door.headers("pusher") | {"If-Match": "*"}
    )
    assert problem(again) == (409, "held_item_undecided")


async def test_refused_items_stay_out_and_the_next_one_waits_again(door, known):
    held = (await door.verdicts(fine("a", {"name": "查无此厂"})))[0]["record_id"]
    assert (await decided(door, held, {"action": "refuse"}))["state"] == "refused"
    assert await queue(door) == []
    assert len(await queue(door, state="refused")) == 1
    assert (await door.verdicts(fine("b", {"name": "查无此厂"})))[0]["verdict"] == "held"
    assert rows(door.credit.database, "SELECT count(*) FROM enterprise WHERE version > 0") == [(3,)]
    assert (await undone(door, held))["state"] == "waiting"


async def test_the_queue_is_paged_oldest_first(door, known):
    for number in range(5):
        await door.verdicts(fine(f"s{number}", {"name": f"演示第{number}家"}))
        door.clock.advance(seconds=1)
    found, cursor = [], {}
    while True:
        page = (await door.get(QUEUE, "pusher", {"limit": 2} | cursor)).json()
        found += [each["source_record_id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == [f"s{number}" for number in range(5)]
    assert await queue(door, kind="spot_check") == []
    assert len(await queue(door, reason="subject_uncertain", agency=door.agencies["pusher"])) == 5
    assert name_of(1) not in str(found)


async def test_a_sheet_without_a_column_of_codes_goes_in_and_its_rows_wait(door, known):
    sheet = "记录编号,标称生产企业名称,抽样日期,检验结果,抽查级别\n1,竹海食品,2026-06-01,合格,市级\n"
    answer = await door.send(sheet.encode(), media_type="text/csv", params={"kind": "spot_check"})
    assert answer.json()["counts"]["held"] == 1, answer.text
    assert (await queue(door))[0]["subject"]["name"] == "竹海食品"
