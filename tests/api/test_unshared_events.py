"""A repaired record is shared no longer: nor by the journal, whose places all stay."""

from datetime import datetime

import pytest

from services.exchange.service.selfcheck import check_exchange
from tests.casework import Casework, pushed, sound
from tests.filing import penalty, registration

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
