"""The platform's catalogue of kinds, as `GET /v1/catalogue` publishes it."""

from typing import Final

import msgspec

from services.exchange.client.connection import Connection
from services.exchange.client.failures import MalformedAnswerError


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a kind: where it stands in a push record, what it is, and the headers that name it.

    `path` is a JSON pointer; `values` the codes of a choice, `labels` their Chinese names, `synonyms` further ways of
    writing them (written → code).
    """

    path: str
    type: str = "text"
    required: bool = False
    headers: list[str] = []
    values: list[str] | None = None
    labels: dict[str, str] | None = None
    synonyms: dict[str, str] | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One kind with its columns."""

    kind: str
    name: dict[str, str] = {}
    columns: list[Column] = []


class _Page(msgspec.Struct):
    items: list[Entry]
    next: str | None = None


_MOST_PAGES: Final = 100


def fetch_catalogue(connection: Connection) -> list[Entry]:
    """Every kind that the platform knows.

    Raises:
        MalformedAnswerError: the answer is no catalogue.
        RefusedError, UnreachableError: as of any request.
    """
    entries: list[Entry] = []
    params: dict[str, str] = {}
    for _ in range(_MOST_PAGES):
        response = connection.request("GET", "/v1/catalogue", params=params)
        try:
            page = msgspec.json.decode(response.content, type=_Page)
        except msgspec.DecodeError as error:
            raise MalformedAnswerError(f"the catalogue cannot be read: {error}") from error
        entries += page.items
        if page.next is None:
            return entries
        params = {"cursor": page.next}
    raise MalformedAnswerError("the catalogue has no end")
