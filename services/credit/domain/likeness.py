"""Statements that may tell of one act although their numbers do not say so: what a person is asked to look at. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

from services.credit.domain.act import act_of
from services.credit.domain.facts import Fact, authority_key, normalise_document_number
from services.credit.domain.grade import IN_FORCE

WITHIN_DAYS: Final = 366
"""How far apart two penalties in the same words and of the same amount may lie and still be told for one."""

NEIGHBOURS: Final = 10
"""With how many later ones a statement is compared, of those that look alike: what a firm is told of in hundreds is not a
matter for pairs."""


class Likeness(StrEnum):
    """Why two statements may tell of one act (疑似同一行为的理由)."""

    SAME_NUMBER = "same_number"
    SAME_DAY = "same_day"
    SAME_OFFENCE = "same_offence"


class Candidate(NamedTuple):
    """Two records of one file, the lesser id first, that a person should link or keep apart."""

    first: str
    second: str
    kind: str
    grounds: tuple[str, ...]


def pairs_to_read(facts: Iterable[Fact]) -> list[tuple[Fact, Fact]]:
    """The pairs of a file that are worth reading: of one kind and result, told as different acts, on one day, under one
    number, or with one amount within the time in which that says anything. Told by facts alone, so that a file without
    any is not read."""
    stated = [fact for fact in facts if fact.assertion == "determined" and fact.effect in IN_FORCE]
    fined = [fact for fact in stated if "fine_amount" in fact.attributes]
    numbered = [fact for fact in stated if fact.act is not None]
    by_day = _alike(stated, [(fact.kind, fact.occurred_on) for fact in stated])
    by_fine = _alike(fined, [(fact.kind, fact.attributes["fine_amount"]) for fact in fined])
    by_number = _alike(numbered, [(fact.kind, str(fact.act).split("|", 3)[2]) for fact in numbered])
    pairs = [
        *(pair for group in by_day + by_number for pair in _neighbours(group)),
        *(pair for group in by_fine for pair in _neighbours(group, WITHIN_DAYS)),
    ]
    return list({(one.record_id, other.record_id): (one, other) for one, other in pairs}.values())


def _alike(facts: list[Fact], keys: Sequence[object]) -> list[list[Fact]]:
    """The facts of which several have the same key."""
    if len(set(keys)) == len(keys):
        return []  # as nearly always
    groups: dict[object, list[Fact]] = {}
    for fact, key in zip(facts, keys, strict=True):
        groups.setdefault(key, []).append(fact)
    return [group for group in groups.values() if len(group) > 1]


def _neighbours(alike: Iterable[Fact], days: int | None = None) -> Iterator[tuple[Fact, Fact]]:
    """The pairs of statements that stand closely behind each other in order of occurrence, and may be of one act, the lesser
    id first."""
    ordered = sorted(alike, key=lambda fact: (fact.occurred_on, fact.record_id))
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 : place + 1 + NEIGHBOURS]:
            if days is not None and other.occurred_on - one.occurred_on > days:
                break
            has_one_result = one.attributes.get("result") == other.attributes.get("result")
            if has_one_result and not _are_tied(one, other):
                yield (one, other) if one.record_id < other.record_id else (other, one)


def _are_tied(one: Fact, other: Fact) -> bool:
    act = act_of(one)
    if act is not None and act == act_of(other):
        return True
    offence = one.bond.offence if one.bond else None
    return offence is not None and other.bond is not None and offence == other.bond.offence


def candidates(
    pairs: Iterable[tuple[Fact, Fact]],
    contents: Mapping[str, Mapping[str, Any]],
    decided: set[frozenset[str]],
) -> list[Candidate]:
    """The pairs that a person should decide, with the grounds; those that somebody decided are left out."""
    found = []
    for one, other in pairs:
        first, second = contents.get(one.record_id), contents.get(other.record_id)
        if first is None or second is None or frozenset((one.record_id, other.record_id)) in decided:
            continue
        if grounds := tuple(_grounds(one, other, first, second)):
            found.append(Candidate(one.record_id, other.record_id, one.kind, grounds))
    return sorted(found)


def _grounds(
    one: Fact, other: Fact, first: Mapping[str, Any], second: Mapping[str, Any]
) -> Iterable[Likeness]:
    if _differ_in_product(first, second) or first["details"].get("result") != second["details"].get("result"):
        return
    number = normalise_document_number(first["document_number"])
    if number is not None and number == normalise_document_number(second["document_number"]):
        yield Likeness.SAME_NUMBER
    if _authority(first) != _authority(second) and first["provider"] != second["provider"]:
        return
    if one.occurred_on == other.occurred_on:
        yield Likeness.SAME_DAY
    said = _plain(first["details"].get("violation"))
    is_near = abs(one.occurred_on - other.occurred_on) <= WITHIN_DAYS
    fines = {fact.attributes.get("fine_amount") for fact in (one, other)}
    if said and said == _plain(second["details"].get("violation")) and len(fines) == 1 and is_near:
        yield Likeness.SAME_OFFENCE


def _authority(content: Mapping[str, Any]) -> str:
    named = content["authority"] or {}
    return authority_key(content.get("authority_code") or named.get("uscc") or named.get("name") or "")


def _differ_in_product(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    one, other = first["product"] or {}, second["product"] or {}
    return any(
        one.get(name) and other.get(name) and _plain(one[name]) != _plain(other[name])
        for name in ("name", "brand", "model", "batch")
    )


def _plain(text: object) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold() if isinstance(text, str) else ""
