"""Merger, split, succession and branches: what an act makes of the firms it names. Nothing passes by itself.

A record stays with the firm that it is about: neither its points nor a listing go to a successor or a head office (公司法
§ 218 to 223 speak of debts, not of conduct). What passes is the pointer, so that whoever asks about the old code finds the
new one.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple


class RestructuringType(StrEnum):
    """What an officer enters by its document (主体变更类型)."""

    MERGER = "merger"
    SPLIT = "split"
    SUCCESSION = "succession"
    BRANCH = "branch"


class Relation(NamedTuple):
    """How two firms of an act are related: as the first one's file says it, and as the second one's does."""

    of_first: str
    of_second: str


RELATIONS: Final = {
    RestructuringType.MERGER: Relation("merged_into", "merged_from"),
    RestructuringType.SPLIT: Relation("split_into", "split_from"),
    RestructuringType.SUCCESSION: Relation("succeeded_by", "succeeds"),
    RestructuringType.BRANCH: Relation("branch_of", "has_branch"),
}
NAMES: Final = frozenset(name for relation in RELATIONS.values() for name in relation)
"""Every relation that a file may show."""
EVENTS: Final = {
    RestructuringType.MERGER: "enterprise_merged",
    RestructuringType.SPLIT: "enterprise_split",
    RestructuringType.SUCCESSION: "enterprise_succeeded",
    RestructuringType.BRANCH: "enterprise_branch_linked",
}
UNDONE: Final = "enterprise_restructuring_undone"
TOLD: Final = frozenset({*EVENTS.values(), UNDONE})
"""The events that tell of an act, each with the firm's successors after it."""
MOST_FIRMS: Final = 10
"""On either side of an act."""


def fault_of(
    type_: RestructuringType, first: Sequence[str], second: Sequence[str], *, continues: bool
) -> str | None:
    """What is wrong with the firms that an act names, in English; None when they fit its type."""
    if set(first) & set(second) or len(set(first)) < len(first) or len(set(second)) < len(second):
        return "a firm is named twice"
    if not 1 <= len(first) <= MOST_FIRMS or not 1 <= len(second) <= MOST_FIRMS:
        return f"1 to {MOST_FIRMS} firms stand on either side"
    if type_ is not RestructuringType.SPLIT:
        if continues:
            return "only the first firm of a split may continue"
        if len(second) > 1:
            return "it has one firm on its second side"
    elif len(first) > 1:
        return "one firm is split"
    elif len(second) == 1 and not continues:
        return "a firm that is split into one and does not continue is succeeded by it"
    if type_ is RestructuringType.SUCCESSION and len(first) > 1:
        return "one firm succeeds one; several firms become one by a merger"
    return None


def ends(type_: RestructuringType, *, continues: bool) -> bool:
    """Whether the first firms cease with the act, so that their codes point to others."""
    return type_ is not RestructuringType.BRANCH and not continues


def successors_of(acts: Iterable[tuple[RestructuringType, bool, Sequence[str]]]) -> tuple[str, ...]:
    """To whom a firm's code points, by the acts in force whose first side names it: type, whether it continues, the others."""
    found = [code for type_, continues, others in acts if ends(type_, continues=continues) for code in others]
    return tuple(dict.fromkeys(found))
