"""After a reform: successors go on with what their predecessors pushed, pulled, were asked and were granted."""

import asyncio

import pytest

from services.exchange.service.selfcheck import check_exchange
from services.kernel import regions
from services.kernel.clock import shanghai_day
from tests.casework import Casework, pushed, records_of, sound
from tests.door import codes_of, until
from tests.factories import enter_credential
from tests.filing import award, check, penalty, registration, rows
from tests.reform import INDUSTRY, MARKET, PLAN, done, issued_to, reform

pytestmark = pytest.mark.anyio
OBJECTION = {"ground": "content_wrong", "statement": "演示：罚款金额有误"}
UPHELD = {"outcome": "upheld", "reason": "演示：经核实金额有误", "document_number": "演示异〔2026〕1号"}


async def reformed(door, text=PLAN):
    """Carry the reform out on a running pair and let credit hear of it; the successors are callers of the door."""
    settings = door.exchange.settings
    moves = await asyncio.to_thread(reform, door.exchange.database, settings, door.clock(), text)
    door.agencies |= {"market": MARKET, "industry": INDUSTRY}
    door.credentials["market"] = issued_to(moves, MARKET)
    with door.exchange.database.write("test_credential") as session:
        door.credentials["industry"] = enter_credential(session, settings, INDUSTRY, door.clock())
    door.clock.advance(seconds=1)
    await until(
        lambda: door.credentials["industry"].client_id in door.both.credit.state.credit.policy().credential
    )
    return moves


async def test_a_successor_goes_on_with_the_records_of_its_predecessors(door):
    first, fine, kept = await pushed(door, registration(1), penalty(1), penalty(1, "p-2"))
    [seen] = await pushed(door, check(1), caller="checks")
    await door.relayed()
    before = await door.page("reader")
    await reformed(door)
    # the same register sent again is the same register: nothing is stated twice
    again = await door.verdicts(registration(1), penalty(1), penalty(1, "p-2"), check(1), caller="market")
    assert [item["verdict"] for item in again] == ["unchanged"] * 4
    assert [item["record_id"] for item in again] == [first, fine, kept, seen]
    # corrected and withdrawn in the successor's name; what was said before stays the predecessor's
    corrected, withdrawn = await door.verdicts(
        penalty(1, fine="55000.00", operation="correct"),
        penalty(1, "p-2", operation="withdraw", reason="revoked"),
        caller="market",
    )
    assert (corrected["record_id"], corrected["version"], withdrawn["verdict"]) == (fine, 2, "accepted")
    stated = rows(door.credit.database, "SELECT version, content FROM record_version ORDER BY version")
    assert [MARKET in content for version, content in stated if fine in content] == [False, True]
    # a determination of the old authority that its successor tells is no copy of somebody else's
    authority = {"authority": {"uscc": uscc_of(door, "pusher")}}
    [told] = await door.verdicts(penalty(1, "p-3", **authority), caller="market")
    [copied] = await door.verdicts(penalty(1, "p-3", **authority), caller="whole")
    stated = dict(
        rows(door.credit.database, "SELECT record_id, content FROM record_version WHERE version = 1")
    )
    assert ["secondhand" in stated[item["record_id"]] for item in (told, copied)] == [False, True]
    # a new record under an old number about another firm is a record of its own
    [own] = await door.verdicts(penalty(2, "p-1"), caller="market")
    assert own["version"] == 1
    assert own["record_id"] != fine
    await door.relayed()
    changed = await door.page("reader", after=before["next"])
    assert {event["provider"] for event in changed["events"]} == {MARKET, door.agencies["whole"]}
    assert [event["type"] for event in changed["events"] if event["type"].startswith("record")] == [
        "record_corrected", "record_withdrawn", "record_upserted", "record_upserted", "record_upserted",
    ]  # fmt: skip
    sound(door)


async def test_two_predecessors_numbers_that_clash_are_told_apart_by_the_authority(door):
    [of_market] = await pushed(door, penalty(1, "x-1"))
    [of_quality] = await pushed(
        door, penalty(1, "x-1", document_number="演示质罚〔2026〕1号"), caller="whole"
    )
    clash = PLAN.replace('"quality_award"', '"administrative_penalty"').replace('["430100"]', '["430000"]')
    await reformed(door, clash)
    correction = penalty(1, "x-1", fine="1.00", operation="correct")
    [unclear] = await door.verdicts(correction, caller="market")
    assert codes_of(unclear["faults"]) == [("record_ambiguous", "/authority/uscc")]
    for agency, record_id in (("pusher", of_market), ("whole", of_quality)):
        named = correction | {"authority": {"uscc": uscc_of(door, agency)}}
        [clear] = await door.verdicts(named, caller="market")
        assert (clear["verdict"], clear["record_id"]) == ("accepted", record_id)
    sound(door)


async def test_what_a_predecessor_pulled_goes_on_at_its_cursor_and_misses_nothing(door):
    await pushed(door, registration(1), penalty(1))
    await door.relayed()
    cursor = (await door.page("whole"))["next"]
    await pushed(door, registration(2), award(2))
    await reformed(door)
    await pushed(door, registration(3), caller="market")
    await door.relayed()
    page = await door.page("industry", after=cursor)
    assert page["covers"]["after"] == 3
    assert page["covers"]["through"] == page["head"]
    assert {event["uscc"] for event in page["events"]} >= {
        registration(2)["subject"]["uscc"],
        registration(3)["subject"]["uscc"],
    }
    # nobody else may go on there, and a successor's cursor is none of its predecessor's
    assert (await door.changes("reader", after=cursor)).status_code == 400
    assert (await door.changes("whole", after=page["next"])).status_code == 400
    # narrowed to its part: the other successor pulls awards of one prefecture, and grades nowhere
    part = await door.page("market", after=cursor)
    assert {event["kind"] for event in part["events"]} == {"quality_award"}
    assert "grades:read" not in door.exchange.policy().scopes(MARKET, shanghai_day(door.clock()))


async def test_old_tokens_work_through_the_overlap_and_end_with_it(door):
    await pushed(door, registration(1))
    await reformed(door)
    [during] = await door.verdicts(registration(2), caller="pusher")
    assert during["verdict"] == "accepted"
    [same] = await door.verdicts(registration(2), caller="market")
    assert same["verdict"] == "unchanged"
    door.clock.advance(days=6, hours=11, minutes=50)  # 23:50 on the last day in China
    assert (await door.push(registration(3), caller="pusher")).status_code == 200
    token = door.headers("pusher")
    door.clock.advance(minutes=11)
    refused = await door.client.get("/v1/batches", headers=token)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_expired")
    for _ in range(2):
        refused = await door.client.get("/v1/batches", headers=door.headers("pusher"))
        assert (refused.status_code, refused.json()["code"]) == (401, "token_invalid")
    assert (await door.push(registration(3), caller="market")).status_code == 200


async def test_open_cases_are_the_successors(door):
    cases = Casework(door, "/v1/objections")
    _, fine = await pushed(door, registration(1), penalty(1))
    [prize] = await pushed(door, award(1), caller="whole")
    first = await cases.filed("reader", OBJECTION | {"record_id": fine})
    second = await cases.filed("reader", OBJECTION | {"record_id": prize})
    third = await cases.filed("whole", OBJECTION | {"record_id": (await pushed(door, penalty(1, "p-9")))[0]})
    await reformed(door)
    handled = {caller: await listed(cases, caller, "handling") for caller in ("market", "industry", "pusher")}
    assert handled == {"market": {first["id"], second["id"], third["id"]}, "industry": set(), "pusher": set()}
    assert await listed(cases, "industry", "filed") == {third["id"]}
    known = (await cases.listed("market", role="handling"))["items"]
    upheld = await cases.stepped(
        "market", next(case for case in known if case["id"] == first["id"]), "decision", UPHELD
    )
    assert (upheld["provider"], upheld["handler"]) == (door.agencies["pusher"], MARKET)
    await pushed(door, penalty(1, fine="55000.00", operation="correct"), caller="market")
    closed = await cases.stepped("market", upheld, "correction")
    assert [step["agency"] for step in closed["steps"]] == [door.agencies["reader"], MARKET, MARKET]
    assert (await cases.step("pusher", second, "decision", UPHELD)).status_code in (403, 404, 409)
    # filed anew about an old record, it comes to the successor too
    again = await cases.filed("reader", OBJECTION | {"record_id": fine})
    assert again["handler"] == MARKET
    assert (await records_of(door, 1))[fine]["provider"] == MARKET
    sound(door)


async def listed(cases, caller, role):
    return {case["id"] for case in (await cases.listed(caller, role=role))["items"]}


async def test_a_reform_is_carried_out_once_and_widens_nothing(door):
    database, settings = door.exchange.database, door.exchange.settings
    before = door.exchange.policy().grants
    moves = await reformed(door)
    assert reform(database, settings, door.clock()) == []
    assert check_exchange(database) == []
    given = [grant for grant in door.exchange.policy().grants if grant.agency in (MARKET, INDUSTRY)]
    assert {(grant.agency, grant.direction, grant.kind, grant.regions) for grant in given} == {
        (MARKET, "push", "*", ("430000",)), (MARKET, "push", "spot_check", ("430000",)),
        (MARKET, "pull", "spot_check", ("430000",)), (MARKET, "push", "quality_award", ("430100",)),
        (MARKET, "pull", "quality_award", ("430100",)), (INDUSTRY, "push", "*", ("430000",)),
        (INDUSTRY, "pull", "*", ("430000",)),
    }  # fmt: skip
    assert all(any(is_part(grant, held) for held in before) for grant in given)
    assert {move.subject for move in done(moves, "agency_ended")} == {
        "industry_commerce-430000", "quality_supervision-430000", "economy_information-430000",
    }  # fmt: skip
    names = {item["id"]: item for item in (await door.get("/v1/agencies", "reader")).json()["items"]}
    assert names["industry_commerce-430000"]["shown_as"].startswith("演示")
    door.clock.advance(days=8)
    names = {item["id"]: item for item in (await door.get("/v1/agencies", "reader")).json()["items"]}
    assert names["economy_information-430000"]["shown_as"] == (
        f"原{names['economy_information-430000']['name']}（现演示·省工业和信息化厅、演示·省市场监督管理局）"
    )
    assert names[MARKET]["shown_as"] == names[MARKET]["name"]
    assert names["industry_commerce-430000"]["superior"] == MARKET


def is_part(grant, held):
    """Whether a grant gives nothing that another one does not."""
    return (
        (grant.direction, grant.purpose, grant.valid_until)
        == (held.direction, held.purpose, held.valid_until)
        and held.kind in ("*", grant.kind)
        and all(any(regions.within(region, root) for root in held.regions) for region in grant.regions)
        and set(grant.groups) <= set(held.groups)
        and held.valid_from <= grant.valid_from
    )


def uscc_of(door, caller):
    return door.exchange.policy().agency[door.agencies[caller]].uscc
