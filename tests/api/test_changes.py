"""Changes as consumers pull them: pages that join and prove it, grants, cursors, streams, long polls, awkward text."""

import asyncio
import json
import time

import pytest

from services.exchange.service import changes
from services.exchange.service.retention import raise_floor
from tests.door import NDJSON
from tests.filing import check, code_of, events_of, penalty, registration, rows

pytestmark = pytest.mark.anyio


@pytest.fixture
async def told(door):
    """Events of registrations, penalties and checks of five firms, in the journal; answers their number."""
    for number in range(5):
        await door.push(registration(number), penalty(number, f"p-{number}"), check(number, f"c-{number}"))
    await door.relayed()
    return rows(door.exchange.database, "SELECT count(*) FROM journal")[0][0]


async def pull_all(door, caller="reader", **params):
    """Every page from the start to the head."""
    pages = [await door.page(caller, **params)]
    while pages[-1]["more"]:
        pages.append(await door.page(caller, after=pages[-1]["next"], **params))
    return pages


async def refusal(door, caller="reader", **params):
    answer = await door.changes(caller, **params)
    return answer.status_code, answer.json()["code"]


async def lines_of(door, caller="reader", **params):
    answer = await door.get("/v1/changes", caller, params, accept=NDJSON)
    assert answer.headers["content-type"].startswith(NDJSON)
    return [json.loads(line) for line in answer.content.split(b"\n")[:-1]]


# --- pages and what they cover


async def test_pages_join_and_hold_every_event_once_in_order(door, told):
    pages = await pull_all(door, limit=4)
    covered = [(page["covers"]["after"], page["covers"]["through"]) for page in pages]
    assert covered[0][0] == 0
    assert [after for after, _ in covered[1:]] == [through for _, through in covered[:-1]]
    assert covered[-1][1] == told
    assert [event["seq"] for page in pages for event in page["events"]] == list(range(1, told + 1))


async def test_every_event_that_credit_wrote_is_told(door, told):
    pages = await pull_all(door)
    assert {event["id"] for page in pages for event in page["events"]} == {
        event["id"] for event in events_of(door.credit.database)
    }


async def test_an_event_names_its_place_firm_provider_and_versions(door, told):
    event = (await door.page(limit=1))["events"][0]
    assert (event["seq"], event["epoch"], event["type"], event["schema"]) == (1, 1, "record_upserted", 1)
    assert (event["uscc"], event["enterprise_version"], event["provider"]) == (
        code_of(0), 1, door.agencies["pusher"],
    )  # fmt: skip
    assert (event["record_version"], event["kind"], event["withheld"]) == (1, "enterprise_registration", [])


async def test_a_page_of_a_narrow_grant_covers_what_it_leaves_out(door, told):
    page = await door.page("checks")
    assert {event["kind"] for event in page["events"]} == {"spot_check"}
    assert len(page["events"]) == 5
    assert page["covers"] == {"after": 0, "through": told}


async def test_an_agency_whose_kinds_do_not_occur_gets_none_and_pages_over_the_whole_range(door):
    await door.push(*(registration(number) for number in range(5)))
    await door.relayed()
    page = await door.page("checks")
    assert (page["events"], page["covers"], page["more"]) == (
        [],
        {"after": 0, "through": page["head"]},
        False,
    )
    assert page["head"] > 0


async def test_a_narrow_pull_of_a_long_journal_advances_in_bounded_steps(door, told, monkeypatch):
    monkeypatch.setattr(changes, "SCANNED", 3)
    pages = await pull_all(door, "checks")
    assert len(pages) == -(-told // 3)
    assert sum(len(page["events"]) for page in pages) == 5
    assert pages[-1]["covers"]["through"] == told


async def test_a_kind_filters_and_its_pages_still_cover_all(door, told):
    page = await door.page(kind="administrative_penalty")
    assert {event["kind"] for event in page["events"]} == {"administrative_penalty"}
    assert page["covers"]["through"] == told


async def test_changed_grades_are_asked_for_as_a_kind(door, told):
    assert {event["type"] for event in (await door.page(kind="grade"))["events"]} <= {"grade_changed"}


async def test_at_the_head_a_page_is_empty_and_its_cursor_goes_on(door, told):
    last = (await pull_all(door))[-1]
    empty = await door.page(after=last["next"])
    await door.push(registration(9))
    await door.relayed()
    following = await door.page(after=empty["next"])
    assert (empty["events"], empty["more"]) == ([], False)
    assert empty["covers"] == {"after": told, "through": told}
    assert following["events"][0]["seq"] == told + 1


@pytest.mark.parametrize("limit", ["0", "1001", "many"])
async def test_a_limit_out_of_range_is_refused(door, limit):
    assert await refusal(door, limit=limit) == (422, "parameter_invalid")


# --- streams


async def test_a_stream_without_limit_reaches_the_head_and_ends_with_a_control_line(door, told):
    *events, control = await lines_of(door)
    assert [event["seq"] for event in events] == list(range(1, told + 1))
    assert (control["control"], control["covers"]) == ("end", {"after": 0, "through": told})
    assert (await door.page(after=control["next"]))["events"] == []


async def test_a_stream_with_a_limit_is_a_page_as_lines(door, told):
    *events, control = await lines_of(door, limit=4)
    page = await door.page(limit=4)
    assert events == page.pop("events")
    assert control == {"control": "end"} | page


async def test_a_stream_through_a_narrow_grant_holds_the_same_as_pages(door, told):
    *events, control = await lines_of(door, "checks")
    page = await door.page("checks")
    assert events == page["events"]
    assert control["covers"] == page["covers"]


# --- long polls


async def test_a_long_poll_returns_as_soon_as_something_new_is_there(door, told):
    cursor = (await pull_all(door))[-1]["next"]
    waiting = asyncio.create_task(door.page(after=cursor, wait=20))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await door.push(registration(9))
    assert (await asyncio.wait_for(waiting, 10))["events"][0]["uscc"] == code_of(9)


async def test_a_long_poll_that_nothing_ends_ends_after_its_time(door, told):
    cursor = (await pull_all(door, "checks"))[-1]["next"]
    started = time.monotonic()
    waiting = asyncio.create_task(door.page("checks", after=cursor, wait=1))
    await door.push(registration(9))  # not granted to the waiting agency
    page = await waiting
    assert 1 <= time.monotonic() - started < 5
    assert page["events"] == []
    assert page["covers"]["through"] > told


@pytest.mark.parametrize("wait", ["26", "-1"])
async def test_a_wait_out_of_range_is_refused(door, wait):
    assert await refusal(door, wait=wait) == (422, "parameter_invalid")


# --- cursors


@pytest.mark.parametrize("cursor", ["", "AAAA", "no cursor", "质", "x" * 5_000, "\0"])
async def test_a_made_up_cursor_is_refused(door, cursor):
    status, code = await refusal(door, after=cursor)
    assert (status, code) in {(400, "cursor_invalid"), (422, "parameter_invalid")}


async def test_a_changed_cursor_is_refused(door, told):
    cursor = (await door.page(limit=1))["next"]
    for place in range(0, len(cursor), 5):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        assert await refusal(door, after=changed) == (400, "cursor_invalid")


async def test_a_cursor_is_of_use_to_its_caller_and_filter_alone(door, told):
    cursor = (await door.page(limit=1))["next"]
    assert await refusal(door, "checks", after=cursor) == (400, "cursor_invalid")
    assert await refusal(door, after=cursor, kind="spot_check") == (400, "cursor_invalid")


async def test_what_retention_no_longer_serves_is_gone_and_the_start_moves(door, told):
    cursor = (await door.page(limit=1))["next"]
    door.clock.advance(days=91)
    floor = raise_floor(door.exchange)
    await door.push(registration(9))
    await door.relayed()
    first = await door.page()
    assert floor == told
    assert await refusal(door, after=cursor) == (410, "cursor_expired")
    assert (first["covers"]["after"], first["events"][0]["seq"]) == (told, told + 1)


async def test_a_cursor_beyond_a_fork_is_told_of_it_and_one_before_goes_on(door, told):
    before, beyond = (await door.page(limit=2))["next"], (await door.page())["next"]
    with door.exchange.database.write("test") as session:
        session.connection().exec_driver_sql("UPDATE journal_head SET epoch = 2")
        session.connection().exec_driver_sql("INSERT INTO journal_epoch VALUES (2, 3, '2026-11-20 00:00:00')")
    answer = await door.changes(after=beyond)
    assert (answer.status_code, answer.json()["code"]) == (409, "epoch_forked")
    assert answer.json()["faults"][0]["message"] == "3"
    assert (await door.page(after=before))["covers"]["after"] == 2


async def test_a_cursor_ahead_of_a_restored_journal_is_refused(door, told):
    cursor = (await door.page())["next"]
    with door.exchange.database.write("test") as session:
        session.connection().exec_driver_sql("UPDATE journal_head SET seq = 1")
    assert await refusal(door, after=cursor) == (400, "cursor_invalid")


# --- text


AWKWARD = [
    '引号"与\\反斜杠\\n', "换行\n制表\t回车\r", "行分隔\u2028段分隔\u2029", "表情😀与组合👩‍🏭", "私用区\ue000\U000f0000", "\\u0041 \\x", "𠮷野家", "a\\",
    '","seq":9,"x":"', "\u200b零宽\ufeff", "\\.",
]  # fmt: skip


async def test_awkward_text_comes_through_page_and_stream_as_it_was_sent(door):
    sent = [registration(n) | {"details": {"business_scope": scope}} for n, scope in enumerate(AWKWARD)]
    assert {item["verdict"] for item in await door.verdicts(*sent)} == {"accepted"}
    await door.relayed()
    page = await door.changes(kind="enterprise_registration")
    stream = await door.get("/v1/changes", "reader", {"kind": "enterprise_registration"}, accept=NDJSON)
    lines = stream.content.split(b"\n")[:-2]
    scopes = [event["data"]["details"]["business_scope"] for event in page.json()["events"]]
    assert scopes == AWKWARD
    assert b"[" + b",".join(lines) + b"]" in page.content  # the same bytes both ways


async def test_a_file_shows_awkward_text_as_it_was_sent(door):
    await door.push(registration(1) | {"details": {"business_scope": AWKWARD[0]}})
    answer = await door.get(f"/v1/enterprises/{code_of(1)}/records", "reader")
    assert AWKWARD[0] in json.dumps(answer.json(), ensure_ascii=False).replace('\\"', '"').replace(
        "\\\\", "\\"
    )
