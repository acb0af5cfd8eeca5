"""Supervision: which grounds of a list a record meets, and the class of supervision that a grade leads to. Pure.

A ground that is met is a hint to the authority, which finds what data cannot tell and decides (design: due process).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from services.credit.domain.facts import Fact, fen_of
from services.credit.domain.rules import Name

_IN_FORCE = frozenset({"final", "changed"})


class DetailTest(NamedTuple):
    """One test of a detail: it is, or holds, one of `values`, or is an amount of at least `at_least` fen."""

    field: str
    values: tuple[str | bool, ...] = ()
    at_least: int | None = None

    def holds(self, details: Mapping[str, Any]) -> bool:
        """Whether details pass; a missing one never does."""
        value = details.get(self.field)
        if self.at_least is not None:
            amount = fen_of(value) if isinstance(value, str) else value
            return isinstance(amount, int) and amount >= self.at_least
        if isinstance(value, list):
            return not set(self.values).isdisjoint(value)
        return value in self.values


class Earlier(NamedTuple):
    """An earlier record that counts against the firm."""

    kind: str
    when: tuple[DetailTest, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground of a list (列入事由): the tests that data can answer, and what remains for the authority to find."""

    id: str
    list: str
    kind: str
    when: tuple[DetailTest, ...]
    after: Earlier | None
    valid_from: date
    valid_until: date | None
    is_confirmed: bool
    name: Name
    remains: Name
    basis: str

    def in_force(self, on: date) -> bool:
        """Whether the ground may be used on a day."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, slots=True)
class SupervisionClass:
    """What a letter means for supervision (分类监管类别); `shares`: of a hundred firms, by the risk of their products."""

    letter: str
    shares: Mapping[str, int]
    name: Name
    basis: str
    measures: tuple[Name, ...]


def grounds_met(
    grounds: Iterable[Ground], fact: Fact, details: Mapping[str, Any], others: Iterable[Fact], on: date
) -> list[Ground]:
    """The grounds whose tests a record passes; none for one that no document in effect determined about the firm."""
    if not _charges(fact):
        return []
    before = [
        other
        for other in others
        if other.record_id != fact.record_id and other.occurred_on <= fact.occurred_on
    ]
    return [
        ground
        for ground in grounds
        if ground.kind == fact.kind
        and ground.in_force(on)
        and all(test.holds(details) for test in ground.when)
        and (ground.after is None or any(_is_earlier(ground.after, other) for other in before))
    ]


def _charges(fact: Fact) -> bool:
    return (
        fact.responsible and not fact.disputed and fact.assertion == "determined" and fact.effect in _IN_FORCE
    )


def _is_earlier(asked: Earlier, fact: Fact) -> bool:
    return (
        fact.kind == asked.kind and _charges(fact) and all(test.holds(fact.attributes) for test in asked.when)
    )
