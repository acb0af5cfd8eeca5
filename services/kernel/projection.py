"""What of a record or an event a caller may see: its field groups, and the same JSON without the others' members.

The one place where fields are withheld. Pure: the kinds say which member belongs to which group, the caller's grants which
groups it may read. Whoever may read every group of a kind gets the stored bytes as they are. A projection names the
groups that it withholds by kind, not by what this record happens to hold, so that it does not tell whether a value exists.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import msgspec

from services.kernel.kinds import KINDS
from services.kernel.kinds.envelope import ENVELOPE
from services.kernel.kinds.kind import PUBLIC

WITHHELD: Final = "withheld"
"""The member of a projected record or event that lists the groups whose members were left out."""
_NOTHING_WITHHELD: Final = f'"{WITHHELD}":[]'


class _Event(msgspec.Struct, frozen=True):
    """What decides about an event."""

    kind: str | None
    region: str | None


_decode_event: Final = msgspec.json.Decoder(_Event).decode


@cache
def paths_of(kind: str) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """The members of a kind's records that are not public: group → paths from the record's root."""
    found: dict[str, list[tuple[str, ...]]] = {}
    declared = KINDS.get(kind)
    for member in declared.members if declared else ():
        found.setdefault(member.group, []).append(("details", member.name))
    for part in ENVELOPE if declared else ():
        found.setdefault(part.group, []).append(tuple(part.path.strip("/").split("/")))
    return {group: tuple(paths) for group, paths in sorted(found.items()) if group != PUBLIC}


@cache
def withheld_groups(kind: str, groups: frozenset[str]) -> tuple[str, ...]:
    """The groups of a kind that a caller with some groups does not get, in order."""
    return tuple(group for group in paths_of(kind) if group not in groups)


def project(record: str, kind: str, groups: frozenset[str]) -> str:
    """A record's JSON with the members of the granted groups; the very text when nothing is withheld."""
    withheld = withheld_groups(kind, groups)
    if not withheld:
        return record
    if _may_hold(record, kind, withheld):
        shown = msgspec.json.decode(record)
        _remove_all(shown, kind, withheld)
        record = msgspec.json.encode(shown).decode()
    return f'{record[:-1]},"{WITHHELD}":{_listed(withheld)}}}'


def project_event(event: str, kind: str, groups: frozenset[str]) -> str:
    """An event's JSON with the members of the granted groups in its `data`; the very text when nothing is withheld."""
    withheld = withheld_groups(kind, groups)
    if not withheld:
        return event
    if _may_hold(event, kind, withheld):
        whole = msgspec.json.decode(event)
        _remove_all(whole["data"], kind, withheld)
        event = msgspec.json.encode(whole).decode()
    # the header stands before the data, and holds nothing that a caller wrote
    return event.replace(_NOTHING_WITHHELD, f'"{WITHHELD}":{_listed(withheld)}', 1)


def kind_and_region(event: str | bytes) -> tuple[str | None, str | None]:
    """By what a grant decides about an event."""
    header = _decode_event(event)
    return header.kind, header.region


@cache
def _listed(groups: tuple[str, ...]) -> str:
    return msgspec.json.encode(groups).decode()


@cache
def _names(kind: str, withheld: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f'"{path[-1]}":' for group in withheld for path in paths_of(kind)[group])


def _may_hold(text: str, kind: str, withheld: tuple[str, ...]) -> bool:
    """Whether a withheld member may stand in the text; most records hold none, and need not be read for that."""
    return any(name in text for name in _names(kind, withheld))


def _remove_all(record: Any, kind: str, withheld: tuple[str, ...]) -> None:
    for group in withheld:
        for path in paths_of(kind)[group]:
            _remove(record, path)


def _remove(value: Any, path: tuple[str, ...]) -> None:
    *inner, last = path
    for step in inner:
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value.pop(last, None)
