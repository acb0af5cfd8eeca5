"""Supply quality: counted as pushes come and events are numbered, once, and shown to whom it concerns."""

import csv
import io

import pytest

from services.exchange.service import supply
from services.exchange.service.supply import CHUNK, count_events
from services.kernel.access import Role
from services.kernel.kinds import KINDS
from tests.door import until
from tests.factories import make_agency, make_credential, make_session, make_staff
from tests.filing import check, penalty, registration, rows
from tests.forgery import bearer

pytestmark = pytest.mark.anyio


async def quality(door, caller="pusher", **params):
    answer = await door.get("/v1/supply-quality", caller, params)
    assert answer.status_code == 200, answer.text
    return {(item["agency"], item["kind"]): item for item in answer.json()["items"]}


async def counted(door):
    """Wait until everything in the journal is counted, and nothing is counted twice however often one counts."""
    await door.relayed()
    for _ in range(3):
        count_events(door.exchange)
    behind = "SELECT 1 FROM journal_head, supply_position WHERE journal_head.seq > supply_position.seq"
    await until(lambda: not rows(door.exchange.database, behind))


async def test_what_became_of_each_statement_is_counted_by_kind(door):
    pusher = door.agencies["pusher"]
    late = penalty(1, "p-late", "2026-03-02")
    fresh = penalty(2, "p-new", "2026-11-20")
    await door.push(
        late, fresh, check(1, "held", result="fail"), penalty(3, "bad", "2027-01-01"), {"kind": 7}
    )
    await door.push(late, fresh)
    changed = penalty(1, "p-late", "2026-03-02", fine="1.00") | {"operation": "correct"}
    await door.push(changed)
    await door.push(penalty(2, "p-new", "2026-11-20") | {"operation": "withdraw", "reason": "revoked"})
    await counted(door)
    found = await quality(door)
    fines = found[pusher, "administrative_penalty"]
    named = ("received", "accepted", "corrected", "withdrawn", "unchanged", "held", "rejected")
    assert [fines[name] for name in named] == [7, 2, 1, 1, 2, 0, 1]
    assert (fines["rejected_rate"], fines["measured"], fines["late"], fines["on_time"]) == (
        "0.1429",
        2,
        1,
        "0.5000",
    )
    assert fines["mean_lag_days"] == "134.5000"
    members = len(KINDS["administrative_penalty"].members)
    assert fines["completeness"] == f"{5 * 3 / (members * 3):.4f}"
    assert found[pusher, "spot_check"]["held"] == 1
    assert (found[pusher, "unknown"]["rejected"], found[pusher, "unknown"]["due_on"]) == (1, None)
    assert found[pusher, "recall"]["received"] == 0
    assert found[pusher, "recall"]["rejected_rate"] is None
    assert await quality(door, since="2026-11-01", until="2026-11-22", kind="administrative_penalty") != found
    before = await quality(door, until="2026-11-22", kind="administrative_penalty")
    assert before[pusher, "administrative_penalty"]["received"] == 0


async def test_a_page_that_is_answered_twice_is_counted_once(door):
    bad = penalty(3, "bad", "2027-01-01")
    for _ in range(2):
        await door.push(bad, key="one-key")
    await counted(door)
    assert (await quality(door))[door.agencies["pusher"], "administrative_penalty"]["rejected"] == 1


async def test_a_push_becomes_overdue_by_the_rhythm_of_its_kind(door):
    await door.push(registration(1))
    await counted(door)
    key = (door.agencies["pusher"], "enterprise_registration")
    now = (await quality(door))[key]
    assert (now["due_on"], now["overdue"]) == ("2026-12-23", False)
    door.clock.advance(days=31)
    await until(lambda: door.both.credit.state.credit.policy() is not None)
    later = (await quality(door, overdue="true"))[key]
    assert later["overdue"] is True
    assert key not in await quality(door, overdue="false")


async def test_figures_are_seen_within_the_reach_of_administration(door, exchange_settings):
    database, now = door.exchange.database, door.clock()
    below = make_agency(
        database, "food_drug", "430300", grants=("push recall",), superior=door.agencies["pusher"]
    )
    door.agencies["below"], door.credentials["below"] = (
        below,
        make_credential(database, exchange_settings, below, now),
    )

    async def seen(caller, **params):
        headers = caller if isinstance(caller, dict) else door.headers(caller)
        answer = await door.client.get("/v1/supply-quality", params=params, headers=headers)
        if answer.status_code != 200:
            return answer.status_code
        return {item["agency"] for item in answer.json()["items"]}

    def person(role, home):
        account = make_staff(database, exchange_settings, door.agencies[home], now, role)
        return bearer(make_session(database, account.username, now))

    pusher = door.agencies["pusher"]
    door.clock.advance(seconds=1)
    await until(lambda: below in door.exchange.policy().agency)
    assert await seen("pusher") == {pusher, below}
    assert await seen("pusher", agency=below) == await seen("below") == {below}
    assert await seen("below", agency=pusher) == 404
    assert await seen("reader") == set()
    assert await seen(person(Role.AGENCY_ADMINISTRATOR, "below")) == {below}
    assert {pusher, below, door.agencies["checks"]} < await seen(person(Role.COORDINATOR, "nobody"))
    assert await seen(person(Role.INSPECTOR, "pusher")) == 403


async def test_the_catalogue_names_each_provider_with_its_quality_and_how_each_group_is_shared(door):
    await door.push(check(1))
    await counted(door)
    entries = {item["kind"]: item for item in (await door.get("/v1/catalogue", "reader")).json()["items"]}
    entry = entries["spot_check"]
    providers = {provider["agency"]: provider["quality"] for provider in entry["providers"]}
    assert providers.keys() == {door.agencies[name] for name in ("pusher", "whole", "checks")}
    assert (
        providers[door.agencies["pusher"]]["accepted"],
        providers[door.agencies["checks"]]["accepted"],
    ) == (1, 0)
    classes = {said["group"]: said["share_class"] for said in entries["violation_report"]["sharing"]}
    assert classes == {"public": "unconditional", "restricted": "conditional", "personal": "none"}
    assert entries["administrative_penalty"]["rhythm"]["within"] == {"n": 7, "unit": "working_day"}
    assert entry["source"]["zh"]


async def test_the_table_says_what_the_list_says(door):
    await door.push(check(1))
    await counted(door)
    answer = await door.get("/v1/supply-quality", "pusher", Accept="text/csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    listed = await quality(door)
    assert {(row["agency"], row["kind"]): row["accepted"] for row in table} == {
        key: str(item["accepted"]) for key, item in listed.items()
    }


async def test_counting_goes_on_where_it_stopped(door, monkeypatch):
    monkeypatch.setattr("services.exchange.service.supply.CHUNK", 2)
    assert CHUNK > 2
    await door.push(*(registration(number) for number in range(1, 8)))
    await counted(door)
    while count_events(door.exchange):
        pass
    found = await quality(door)
    assert found[door.agencies["pusher"], "enterprise_registration"]["accepted"] == 7


class Ended(Exception):  # noqa: N818 - says what happened
    """The worker has slept often enough."""


@pytest.fixture
def measured(monkeypatch):
    """Let the worker see one head of the journal a look, a full chunk left each time; answers after which looks it counted,
    and the last pause."""

    async def measure(heads):
        looks, counted, pauses = iter(heads), [], []

        def count(_):
            counted.append(len(pauses))
            return CHUNK

        def look(_):
            return next(looks)

        async def sleep(seconds):
            pauses.append(seconds)
            if len(pauses) == len(heads):
                raise Ended

        monkeypatch.setattr(supply, "_head", look)
        monkeypatch.setattr(supply, "count_events", count)
        monkeypatch.setattr(supply.asyncio, "sleep", sleep)
        with pytest.raises(Ended):
            await supply.measure_supply(None)
        return counted, pauses[-1]

    return measure


async def test_counting_goes_on_at_once_while_no_push_is_under_way(measured):
    assert await measured([10, 10, 20]) == ([0, 1, 2], 0)


async def test_counting_waits_for_a_push_even_once_it_has_begun(measured):
    counted, pause = await measured([10, 10, 5_000, 10_000])
    assert (counted, pause > 1) == ([0, 1], True)


async def test_counting_goes_on_beside_a_push_that_does_not_end(measured):
    counted, pause = await measured(range(3_000, 60_001, 3_000))
    assert counted == [15, 16, 17, 18, 19]
    assert 0 < pause < 1
