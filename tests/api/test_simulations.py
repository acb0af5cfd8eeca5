"""Simulations of rule books as resources: asked for, carried out in the background, read by whoever asked."""

import pytest

from services.credit.rulebook import released_text
from tests.door import until
from tests.filing import check, penalty, registration

pytestmark = pytest.mark.anyio
PATH = "/v1/rulebooks/simulations"
STRICTER = (
    released_text("2026-01")
    .replace('id = "2026-01"', 'id = "2026-02"')
    .replace('at_least = "70.00"', 'at_least = "80.00"')
)


async def ask(door, text=STRICTER, key="key-1", caller="reader", **headers):
    given = {"idempotency_key": key} if key else {}
    return await door.client.post(PATH, json={"text": text}, headers=door.headers(caller, **given, **headers))


async def test_a_simulation_runs_to_its_end(door):
    await door.push(registration(1), check(1), check(2, "c-2"), penalty(2, occurred_on="2026-11-02"))
    asked = await ask(door)
    assert (asked.status_code, asked.headers["location"]) == (202, f"{PATH}/{asked.json()['id']}")
    told = {}

    async def is_complete():
        told.update((await door.get(asked.headers["location"], "reader")).json())
        return told["state"] == "completed"

    await until(is_complete)
    assert (told["done"], told["total"], told["result"]["on"]) == (2, 2, "2026-11-23")
    assert told["result"]["matrix"] == [
        {"from": "A", "to": "B", "firms": 1},
        {"from": "B", "to": "B", "firms": 1},
    ]


async def test_the_same_key_asks_for_the_same_simulation(door):
    first, again = await ask(door), await ask(door)
    assert first.json()["id"] == again.json()["id"]


async def test_a_key_is_not_used_for_another_text(door):
    await ask(door)
    answer = await ask(door, STRICTER + "# another\n")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_key_is_needed(door):
    answer = await ask(door, key=None)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


async def test_a_faulty_book_is_refused_with_line_reason_and_cure(door):
    answer = await ask(door, STRICTER.replace("months = 3\n", "months = 0\n"), accept_language="en")
    assert answer.status_code == 422
    assert [(fault["code"], fault["field"]) for fault in answer.json()["faults"]] == [
        ("number_out_of_bounds", "/text:75:periods[0].months")
    ]


async def test_another_agency_does_not_see_it(door):
    asked = await ask(door)
    answer = await door.get(asked.headers["location"], "nobody")
    assert answer.status_code in {403, 404}
