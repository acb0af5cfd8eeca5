"""Daily quotas: a credential asks about so many distinct firms in a day, by whatever route, and about no more."""

import pytest

from services.credit.service.quota import FirmQuota
from tests.conftest import address_of
from tests.door import opened_door, until
from tests.filing import code_of, credit_settings, registration, rows

pytestmark = pytest.mark.anyio
STORED = "SELECT count(*) FROM firm_read"


def at(number, more=""):
    return f"/v1/enterprises/{code_of(number)}{more}"


@pytest.fixture
async def thrifty(exchange_database, exchange_settings, credit_database, service_keys, clock):
    """Both services, with a quota of three firms a day."""
    settings = credit_settings(address_of(credit_database), service_keys).model_copy(
        update={"daily_firms": 3}
    )
    async with opened_door(settings, exchange_settings, exchange_database, clock) as door:
        await door.push(*(registration(number) for number in range(1, 7)))
        yield door


async def status(door, path, caller="reader"):
    return (await door.get(path, caller)).status_code


async def test_beyond_its_quota_a_credential_learns_of_no_new_firm(thrifty):
    assert [await status(thrifty, at(number, "/grade")) for number in (1, 2, 3)] == [200] * 3
    for path in (
        at(4, "/grade"),
        at(4, "/grade?explain=true"),
        at(4),
        at(4, "/records"),
        "/v1/enterprises?q=演示",
    ):
        answer = await thrifty.get(path, "reader")
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited"), path
        assert code_of(4) not in answer.text.replace(path.partition("?")[0], "")
    many = await thrifty.client.post(
        "/v1/grades/lookup", json={"codes": [code_of(1), code_of(5)]}, headers=thrifty.headers("reader")
    )
    assert (many.status_code, many.json()["code"]) == (429, "rate_limited")


async def test_each_answer_says_what_is_left_of_the_quota(thrifty):
    def said(answer):
        return answer.headers.get("ratelimit-policy"), answer.headers.get("ratelimit")

    policy = '"firms";q=3;w=86400'
    left = 12 * 3_600 + 1  # noon in China
    for path, remaining in (
        (at(1, "/grade"), 2),
        (at(1, "/grade?explain=true"), 2),
        (at(2), 1),
        (at(2, "/records"), 1),
        (at(3, "/history"), 0),
        (at(4, "/grade"), 0),
        (at(4), 0),
    ):
        answer = await thrifty.get(path, "reader")
        assert said(answer) == (policy, f'"firms";r={remaining};t={left}'), path
    assert answer.headers["retry-after"] == str(left)
    many = await thrifty.client.post(
        "/v1/grades/lookup", json={"codes": [code_of(1)]}, headers=thrifty.headers("whole")
    )
    assert said(many) == (policy, f'"firms";r=2;t={left}')
    assert said(await thrifty.get("/v1/rulebooks", "reader")) == (None, None)


async def test_firms_that_it_knows_stay_open_and_so_do_other_credentials(thrifty):
    for number in (1, 2, 3):
        await status(thrifty, at(number))
    for path in (at(1), at(1, "/grade"), at(2, "/records"), at(3, "/grade?explain=true")):
        assert await status(thrifty, path) == 200
    assert await status(thrifty, at(4), "whole") == 200


async def test_codes_that_do_not_exist_count_as_well(thrifty):
    assert [await status(thrifty, at(number, "/grade")) for number in (91, 92, 93, 94)] == [
        404,
        404,
        404,
        429,
    ]


async def test_the_quota_is_new_with_the_day_in_china(thrifty):
    for number in (1, 2, 3):
        await status(thrifty, at(number, "/grade"))
    refused = await thrifty.get(at(4, "/grade"), "reader")
    seconds = int(refused.headers["retry-after"])
    assert seconds == 12 * 3_600 + 1  # it is noon
    thrifty.clock.advance(seconds=seconds)
    assert await status(thrifty, at(4, "/grade")) == 200


async def test_processes_count_together(thrifty):
    for number in (1, 2):
        await status(thrifty, at(number, "/grade"))
    await until(lambda: rows(thrifty.credit.database, STORED) == [(2,)])
    other = FirmQuota(thrifty.credit)  # as another process has it
    client_id = thrifty.credentials["reader"].client_id
    other.spend(client_id, [code_of(3)])
    other.store()
    assert rows(thrifty.credit.database, STORED) == [(3,)]

    async def is_spent():
        return await status(thrifty, at(4, "/grade")) == 429

    # this one may take a fourth in the second before it looks again, and then no more
    async def is_refused_here():
        tally = thrifty.both.credit.state.credit.quota._tallies[client_id]
        return tally.stored >= 3

    await until(is_refused_here)
    await until(is_spent)


async def test_earlier_days_are_forgotten(thrifty):
    await status(thrifty, at(1, "/grade"))
    await until(lambda: rows(thrifty.credit.database, STORED) == [(1,)])
    thrifty.clock.advance(days=2)
    await status(thrifty, at(2, "/grade"))

    def holds_today_alone():
        return rows(thrifty.credit.database, "SELECT uscc FROM firm_read") == [(code_of(2),)]

    await until(holds_today_alone)
