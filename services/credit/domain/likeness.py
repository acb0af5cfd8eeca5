"""Statements that may tell of one act although their numbers do not say so: what a person is asked to look at. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping
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
    """The pairs of a file that are worth reading: of one kind, told as different acts, on one day or with one amount.
    Told by facts alone, so that a file without any is not read."""
    alike: dict[tuple[object, ...], list[Fact]] = {}
    for fact in facts:
        if fact.assertion != "determined" or fact.effect not in IN_FORCE:
            continue
        alike.setdefault((fact.kind, fact.occurred_on), []).append(fact)
        if (fine := fact.attributes.get("fine_amount")) is not None:
            alike.setdefault((fact.kind, "fine", fine), []).append(fact)
        if fact.act is not None:
            number = fact.act.split("|")[2]
            alike.setdefault((fact.kind, "number", number), []).append(fact)
    found = {}
    for group in alike.values():
        ordered = sorted(group, key=lambda fact: (fact.occurred_on, fact.record_id)) if len(group) > 1 else []
        for place, one in enumerate(ordered):
            for other in ordered[place + 1 : place + 1 + NEIGHBOURS]:
                if not _are_tied(one, other):
                    pair = (one, other) if one.record_id < other.record_id else (other, one)
                    found[pair[0].record_id, pair[1].record_id] = pair
    return list(found.values())


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
