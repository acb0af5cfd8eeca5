"""Rule books are public: whoever reads a grade can read what it follows from."""

from hashlib import sha256

import pytest

pytestmark = pytest.mark.anyio


async def test_rulebooks_are_public_and_prove_their_text(door):
    (book,) = (await door.client.get("/v1/rulebooks")).json()["items"]
    assert (book["id"], book["active"]) == ("2026-01", True)
    assert book["digest"] == sha256(book["text"].encode()).hexdigest()


async def test_one_rulebook_tells_its_dates_and_since_when_it_grades(door):
    told = (await door.client.get("/v1/rulebooks/2026-01")).json()
    assert (told["valid_from"], told["valid_until"], told["active"]) == ("2026-01-01", None, True)
    assert told["activated_at"] == "2026-11-23T04:00:00Z"


async def test_there_is_no_rulebook_of_another_name(door):
    answer = await door.client.get("/v1/rulebooks/2017-01")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
