"""Grades of one enterprise or of many."""

import urllib.parse
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from services.exchange.client.cells import folded
from services.exchange.client.connection import Connection, json_object
from services.exchange.client.failures import MalformedAnswerError

MOST_CODES: Final = 1_000
"""Codes that one request may ask for."""


def code_of(text: str) -> str:
    """A code as the platform writes it: NFKC, without blanks and hyphens, upper case."""
    return folded(text).replace("-", "").upper()


def look_up_one(connection: Connection, code: str, *, explain: bool) -> dict[str, Any]:
    """The grade of one enterprise.

    Raises:
        RefusedError: the code is malformed or unknown, or the grade is not for this caller.
        UnreachableError: as of any request.
    """
    path = f"/v1/enterprises/{urllib.parse.quote(code_of(code), safe='')}/grade"
    params = {"explain": "true"} if explain else None
    return json_object(connection.request("GET", path, params=params).content)


def look_up_many(connection: Connection, codes: Sequence[str]) -> Iterator[dict[str, Any]]:
    """`{"uscc", "found", "grade"}` of each code, in order, duplicates kept.

    Raises:
        MalformedAnswerError: the answer is of other codes than were asked for.
        RefusedError, UnreachableError: as of any request.
    """
    for start in range(0, len(codes), MOST_CODES):
        asked = [code_of(code) for code in codes[start : start + MOST_CODES]]
        answer = connection.request(
            "POST",
            "/v1/grades/lookup",
            headers={"Content-Type": "application/json"},
            body=msgspec.json.encode({"codes": asked, "purpose": None}),
        )
        items = json_object(answer.content).get("items")
        if not isinstance(items, list) or [item.get("uscc") for item in items] != asked:
            raise MalformedAnswerError("the platform answered other codes than were asked for")
        yield from items
