"""Acts: what several statements of a file tell of one act, of which one speaks and scores. Pure.

Statements with one act key (`facts.act_key`) are of one act. What the key cannot see a person decides by a link: two
statements of one act, different documents on one offence, or two acts that only look alike.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from services.credit.domain.facts import Bond, Fact
from services.credit.domain.grade import FALLEN, IN_FORCE, Grade
from services.credit.domain.rules import Program, RuleBook


class Relation(StrEnum):
    """What a person found two records to be (行为关联): one act told twice, two documents on one offence, two acts."""

    SAME_ACT = "same_act"
    SAME_OFFENCE = "same_offence"
    DISTINCT = "distinct"


class Link(NamedTuple):
    """A person's decision about two records of one file. `…_act` are their act keys as they were then, for when one of the
    records is gone; `leading` speaks for an offence."""

    id: str
    first: str
    second: str
    relation: str
    leading: str | None = None
    first_act: str | None = None
    second_act: str | None = None


class Reason(StrEnum):
    """Why a statement scores nothing although its act is known (不重复计分原因)."""

    AUTHORITY_PREVAILS = "authority_prevails"
    TOLD_BEFORE = "told_before"
    SAME_OFFENCE = "same_offence"
    ACT_FELL = "act_fell"


BASIS: Final[Mapping[str, str]] = {
    Reason.AUTHORITY_PREVAILS: "同一行为只计一次:以作出决定的机关的陈述为准",
    Reason.TOLD_BEFORE: "同一行为只计一次:以在先的陈述为准",
    Reason.SAME_OFFENCE: "同一违法行为的几份文书经人工关联,只计一次",
    Reason.ACT_FELL: "所依据的决定已被撤销、确认违法、中止或正在复核,各机关的转述均不计分",
}


class Corroboration(NamedTuple):
    """A statement of an act that scores nothing, and why; `counted` is the record that speaks for the act, if any."""

    record_id: str
    counted: str | None
    pillar: str
    reason: Reason


def fallen(fact: Fact, reason: str) -> Fact | None:
    """What stays in a file of a statement that was withdrawn because the act fell: enough to take the other statements of
    the act with it. None where it has no act, or where another agency than the authority withdrew its copy, which says
    nothing about the act."""
    if fact.act is None or _is_copy(fact):
        return None
    effect = "unlawful" if reason == "unlawful" else "revoked"
    return fact._replace(
        assertion="determined", effect=effect, valid_until=None, disputed=False, attributes={}, bond=None
    )


def tied(facts: Mapping[str, Fact], links: Iterable[Link]) -> dict[str, Fact]:
    """The facts of a file, by record, under the links that people made; what earlier links did is undone first."""
    held = list(links)
    loose = {record_id: _loose(fact) for record_id, fact in facts.items()}
    acts, offences = _Groups(), _Groups()
    for fact in loose.values():
        if fact.act is not None:
            acts.join(fact.record_id, f"|{fact.act}")
    for link in held:
        if link.relation != Relation.SAME_ACT:
            continue
        acts.join(link.first, link.second)
        for record_id, act in ((link.first, link.first_act), (link.second, link.second_act)):
            if record_id not in loose and act is not None:
                acts.join(record_id, f"|{act}")
    leading = set()
    for link in held:
        if link.relation == Relation.SAME_OFFENCE:
            offences.join(acts.name(link.first), acts.name(link.second))
            leading.add(acts.name(link.leading or link.first))
    names = {acts.name(link.first) for link in held if link.relation == Relation.SAME_ACT}
    return {
        record_id: _bound(fact, acts, offences, names, leading) if held else fact
        for record_id, fact in loose.items()
    }


def contradicts(links: Iterable[Link]) -> bool:
    """Whether links make one act or offence of two records that somebody found to be distinct."""
    held = list(links)
    groups = _Groups()
    for link in held:
        if link.relation != Relation.DISTINCT:
            groups.join(link.first, link.second)
    return any(
        link.relation == Relation.DISTINCT and groups.name(link.first) == groups.name(link.second)
        for link in held
    )


def _loose(fact: Fact) -> Fact:
    bond = fact.bond
    if bond is None or (bond.act is None and bond.offence is None):
        return fact
    return fact._replace(bond=Bond(secondhand=True) if bond.secondhand else None)


def _bound(fact: Fact, acts: "_Groups", offences: "_Groups", names: set[str], leading: set[str]) -> Fact:
    name = acts.name(fact.record_id)
    act = name if name in names else None
    offence = offences.name(name) if offences.size(name) > 1 else None
    if act is None and offence is None:
        return fact
    return fact._replace(bond=Bond(_is_copy(fact), act, offence, offence is not None and name in leading))


class _Groups:
    """Members that belong together; a group is named after the least of them, whatever the order of joining."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}
        self._sizes: dict[str, int] = {}

    def name(self, member: str) -> str:
        while (above := self._above.get(member, member)) != member:
            member = above
        return member

    def size(self, member: str) -> int:
        return self._sizes.get(self.name(member), 1)

    def join(self, first: str, second: str) -> None:
        one, other = self.name(first), self.name(second)
        if one == other:
            return
        least, most = min(one, other), max(one, other)
        self._sizes[least] = self.size(one) + self.size(other)
        self._above[most] = least


def act_of(fact: Fact) -> str | None:
    """The key under which a fact counts: that of its linked act, or its own."""
    return fact.act if fact.bond is None or fact.bond.act is None else fact.bond.act


def corroborations(facts: Iterable[Fact], book: RuleBook, grade: Grade, on: date) -> list[Corroboration]:
    """The statements that would score on the day of the grade and do not, because another one speaks for their act or
    offence, or because the act fell; in order of occurrence."""
    stated = [fact for fact in facts if fact.assertion == "determined" and fact.kind in book.choices]
    by_id = {fact.record_id: fact for fact in stated}
    speaking: dict[str, str] = {}
    for part in grade.contributions:
        speaking |= dict.fromkeys(_groups_of(by_id[part.record_id]), part.record_id)
    fell = {act_of(fact) for fact in stated if fact.effect in FALLEN}
    told = {act_of(fact) for fact in stated if not _is_copy(fact)}
    counted = {part.record_id for part in grade.contributions}
    found = []
    for fact in sorted(stated, key=lambda each: (each.occurred_on, each.record_id)):
        program = book.choices[fact.kind](fact.attributes)
        if program is None or fact.record_id in counted or fact.effect not in IN_FORCE:
            continue
        if not fact.occurred_on <= on.toordinal() <= _last_day(fact, program):
            continue
        act = act_of(fact)
        groups = _groups_of(fact)
        by = next((speaking[group] for group in groups if group in speaking), None)
        if act is not None and act in fell:
            reason = Reason.ACT_FELL
        elif act is not None and _is_copy(fact) and act in told:
            reason = Reason.AUTHORITY_PREVAILS
        elif by is not None:
            reason = (
                Reason.TOLD_BEFORE if act is not None and act == act_of(by_id[by]) else Reason.SAME_OFFENCE
            )
        else:
            continue
        found.append(Corroboration(fact.record_id, by, program.pillar, reason))
    return found


def _last_day(fact: Fact, program: Program) -> int:
    last = program.schedule[fact.occurred_on][1]
    return last if fact.valid_until is None else min(last, fact.valid_until)


def _groups_of(fact: Fact) -> list[str]:
    act = act_of(fact)
    offence = fact.bond.offence if fact.bond else None
    return [f"{name}:{key}" for name, key in (("act", act), ("offence", offence)) if key is not None]


def _is_copy(fact: Fact) -> bool:
    return fact.bond is not None and fact.bond.secondhand
