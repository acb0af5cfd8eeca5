"""A repaired record is shared no longer: nor by the journal, whose places all stay."""

from datetime import datetime

import pytest

from services.exchange.service.selfcheck import check_exchange
from tests.casework import Casework, pushed, sound
from tests.filing import code_of, penalty, registration, rows

pytestmark = pytest.mark.anyio


async def told_of(door, record_id, caller):
    """The events that tell a record's content to who pulls from the start; the page covers the whole journal."""
    await door.relayed()
    page = await door.page(caller)
    assert (page["covers"]["after"], page["covers"]["through"]) == (0, page["head"])
    headers = {"accept": "application/x-ndjson"}
    lines = (await door.get("/v1/changes", caller, **headers)).text.splitlines()
    assert len(lines) == len(page["events"]) + 1
    own = [event for event in page["events"] if event["record_id"] == record_id]
    return [event["type"] for event in own if "details" in event["data"]]


async def test_what_tells_a_repaired_record_is_left_to_its_provider_from_the_day_on(door):
    repairs = Casework(door, "/v1/credit-repairs")
    fined = penalty(1, published_on="2026-03-05")
    _, record_id, other = await pushed(
        door, registration(1), fined, penalty(1, "p-2", fine="9000.00"), caller="whole"
    )
    application = {
        "record_id": record_id,
        "obligation_fulfilled_on": "2026-04-01",
        "commitment": True,
        "statement": "演示",
    }
    filed = await repairs.filed("reader", application)
    ends = {"shared": "2026-12-01"}
    granted = await repairs.stepped(
        "whole", filed, "decision", {"outcome": "granted", "reason": "演示", "ends": ends}
    )

    door.clock.now = datetime.fromisoformat("2026-11-30T15:59:59+00:00")
    assert await told_of(door, record_id, "reader") == ["record_upserted"]
    door.clock.advance(seconds=1)
    assert await told_of(door, record_id, "reader") == []
    assert await told_of(door, other, "reader") == ["record_upserted"]
    assert await told_of(door, record_id, "whole") == ["record_upserted"]

    again = fined | {"details": fined["details"] | {"content": "演示二"}}
    await pushed(door, again, caller="whole")
    assert await told_of(door, record_id, "reader") == []
    assert await told_of(door, record_id, "whole") == ["record_upserted", "record_upserted"]

    await repairs.stepped("whole", granted, "revocation")
    assert await told_of(door, record_id, "reader") == ["record_upserted", "record_upserted"]
    assert check_exchange(door.exchange.database) == []
    sound(door)


async def test_past_states_name_a_repaired_record_only_for_an_audit(door):
    repairs = Casework(door, "/v1/credit-repairs")
    fined = penalty(1, published_on="2026-03-05")
    _, record_id = await pushed(door, registration(1), fined, caller="whole")
    then = "2026-11-23T04:00:01Z"
    door.clock.advance(minutes=1)
    application = {
        "record_id": record_id,
        "obligation_fulfilled_on": "2026-04-01",
        "commitment": True,
        "statement": "演示",
    }
    filed = await repairs.filed("reader", application)
    path = f"/v1/enterprises/{code_of(1)}"

    async def named(caller, **headers):
        """Who explains the past, by grade and by history."""
        grade = await door.get(f"{path}/grade", caller, {"known_at": then, "explain": "true"}, **headers)
        history = await door.get(f"{path}/history", caller, **headers)
        assert grade.json()["score"] is not None
        assert grade.json()["explanation"][0]["points"] == "-9.00"
        return record_id in grade.text, record_id in history.text

    assert await named("reader") == (True, True)
    await repairs.stepped("whole", filed, "decision", {"outcome": "granted", "reason": "演示"})
    audit = {"zhixin_purpose": "audit", "zhixin_case_number": "SJ-2026-1"}
    assert await named("reader") == (False, False)
    assert await named("reader", **audit | {"zhixin_purpose": "licensing"}) == (False, False)
    assert await named("whole") == (True, True)
    assert await named("reader", **audit) == (True, True)
    noted = rows(door.credit.database, "SELECT route, purpose, case_number, groups FROM access_entry")
    assert [entry[:3] for entry in noted] == [("past", "audit", "SJ-2026-1")] * 2
    assert all("unshared" in entry[3] for entry in noted)
