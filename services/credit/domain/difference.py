"""Where two statements of one act differ, and whom to ask about it. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from services.credit.domain.act import act_of
from services.credit.domain.facts import Fact, fen_of

_SAID_ALIKE: Final = ("/occurred_on", "/subject/name")


class Difference(NamedTuple):
    """A record that differs from the one it is compared with, and in which members (JSON pointers)."""

    record_id: str
    compared_with: str
    fields: tuple[str, ...]


def told_several_times(facts: Iterable[Fact]) -> list[list[Fact]]:
    """The acts of a file of which several determined statements are held, each with them in order of occurrence."""
    held = list(facts)
    if not [bond for fact in held if (bond := fact.bond) is not None and bond.act]:
        acts = [act for fact in held if (act := fact.act) is not None]
        if len(set(acts)) == len(acts):
            return []  # as nearly always: nothing is told twice
    groups: dict[str, list[Fact]] = {}
    for fact in held:
        act = act_of(fact)
        if act is not None and fact.assertion == "determined":
            groups.setdefault(act, []).append(fact)
    return [
        sorted(group, key=lambda fact: (fact.occurred_on, fact.record_id))
        for group in groups.values()
        if len(group) > 1
    ]


def differences_in(
    group: Sequence[Fact], contents: Mapping[str, Mapping[str, Any]], compared: Mapping[str, Sequence[str]]
) -> list[Difference]:
    """What to ask about one act: each other statement is compared with the authority's own. Where the authority tells
    nothing itself, nobody's word prevails, and both sides are asked. `compared` names the details to compare, by kind.
    """
    own = [fact for fact in group if not (fact.bond and fact.bond.secondhand)]
    speaking = (own or group)[0]
    found = []
    for fact in group:
        if fact is speaking:
            continue
        fields = tuple(_differing(speaking, fact, contents, compared.get(fact.kind, ())))
        if fields and fact.record_id in contents:
            found.append(Difference(fact.record_id, speaking.record_id, fields))
        if fields and not own and speaking.record_id in contents:
            found.append(Difference(speaking.record_id, fact.record_id, fields))
    return found


def _differing(
    one: Fact, other: Fact, contents: Mapping[str, Mapping[str, Any]], compared: Sequence[str]
) -> Iterable[str]:
    if one.effect != other.effect:
        yield "/effect"
    first, second = contents.get(one.record_id), contents.get(other.record_id)
    if first is None or second is None:  # one of them was withdrawn: its effect says all
        return
    pointers = [*_SAID_ALIKE, *(f"/details/{name}" for name in compared)]
    for pointer in pointers:
        said, told = _at(first, pointer), _at(second, pointer)
        if said is not None and told is not None and said != told:
            yield pointer


def _at(content: Mapping[str, Any], pointer: str) -> object:
    """What stands at a place, in the form in which two ways of writing it are equal; None where nothing does."""
    value: Any = content
    for name in pointer.split("/")[1:]:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, list):
        return frozenset(map(_plain, value)) or None
    return _plain(value) if isinstance(value, str) else value


def _plain(text: str) -> object:
    try:
        return fen_of(text)
    except ValueError:
        return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
