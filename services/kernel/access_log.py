"""The wire between credit's access entries and the exchange's access log: who read restricted fields of which firm, why."""

from typing import Final, Literal

import msgspec

AccessRoute = Literal["file", "records", "product", "past"]
SUBSCRIPTION: Final = "subscription"
"""The purpose of a pull that states none: it rests on the grants' own purpose (按授权订阅). No caller may state it."""


class AccessEntry(msgspec.Struct, frozen=True):
    """One restricted read, as credit committed it before it answered."""

    no: int
    id: str
    at: str
    agency: str
    client_id: str
    uscc: str
    route: str
    purpose: str
    case_number: str
    groups: list[str]
    request_id: str
    officer: str | None = None


class AccessEntries(msgspec.Struct, frozen=True):
    """Entries that the exchange is not known to hold, in order."""

    items: list[AccessEntry]


class AccessAcknowledgement(msgspec.Struct, frozen=True):
    """The entries that the exchange holds from now on, by number."""

    numbers: list[int]
