"""The parts of a rule book, as data, and the compiled form in which grading runs them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any, Final, NamedTuple

from services.credit.domain.facts import FIELDS, Attributes
from services.credit.domain.months import LONGEST_MONTH, end_of_period

WHOLE_SHARE: Final = 10_000
"""Basis points of an undiminished contribution."""

OPERATORS: Final[Mapping[str, frozenset[str]]] = {
    "equals": frozenset({"text"}),
    "any_of": frozenset({"text", "texts"}),
    "only_of": frozenset({"texts"}),
    "at_least": frozenset({"money", "integer"}),
    "above": frozenset({"money", "integer"}),
    "below": frozenset({"money", "integer"}),
}
"""Each operator of a condition, with the types of field that it may be asked of."""

_COMBINATIONS_KEPT: Final = 10_000
_SCHEDULES_KEPT: Final = (
    20_000  # a rule meets a few thousand different dates; the bound keeps strange input harmless
)


class Name(NamedTuple):
    """What people call a thing, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Band:
    """A letter of the scale and the score, in hundredths, from which it is given."""

    letter: str
    at_least: int
    name: Name
    basis: str


@dataclass(frozen=True, slots=True)
class Pillar:
    """A part of the score, in hundredths: where a firm starts, and how much all its records may add or take.

    `start + most_gained <= maximum` and `start - most_lost >= 0`, so that a score is within its bounds by construction,
    and praise cannot pay for a failure beyond what all praise together may add.
    """

    id: str
    name: Name
    maximum: int
    start: int
    most_gained: int
    most_lost: int
    basis: str


@dataclass(frozen=True, slots=True)
class Period:
    """How long information of a class may be used, in months from the day of the document."""

    id: str
    months: int
    basis: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one field; money is in fen, `is_of_list` says that the field holds several texts. A field that is missing fails every test."""

    field: str
    operator: str
    value: str | int | tuple[str, ...]
    is_of_list: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """From the day after `after_months` months, a contribution counts `points` hundredths (`share` basis points)."""

    after_months: int
    share: int
    points: int


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The best letter that a firm may have during `months` months from the day of the document (a veto)."""

    letter: str
    months: int


@dataclass(frozen=True, slots=True)
class Rule:
    """What one record of a kind does to a grade. The first rule of the kind whose conditions all hold is the one."""

    id: str
    kind: str
    pillar: str
    points: int
    period: str
    use_months: int
    decay: tuple[Step, ...]
    when: tuple[Condition, ...]
    ceiling: Ceiling | None
    basis: str


Schedule = tuple[tuple[tuple[int, int], ...], int, int]
"""One rule applied to one date of occurrence, in ordinals: (last day, points) from the earliest, the last day of all, and
the last day of the ceiling (0 where there is none). A bare tuple, because it is taken apart by the million."""


class Schedules(dict[int, Schedule]):
    """The schedules of a rule by date of occurrence, each worked out when it is first asked for."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, occurred_on: int) -> Schedule:
        rule, ceiling = self._rule, self._rule.ceiling
        ends = [step.after_months for step in rule.decay] + [rule.use_months]
        points = [rule.points] + [step.points for step in rule.decay]
        steps = tuple(
            [(end_of_period(occurred_on, months), shown) for months, shown in zip(ends, points, strict=True)]
        )
        ceiling_until = end_of_period(occurred_on, ceiling.months) if ceiling else 0
        if len(self) >= _SCHEDULES_KEPT:
            self.clear()
        found = self[occurred_on] = (steps, steps[-1][0], ceiling_until)
        return found


class Program(NamedTuple):
    """A rule made ready to run: its schedules by date of occurrence, after how many days its period has surely ended, and
    what its explanation shows."""

    schedule: Schedules
    longest: int
    place: int
    pillar: str
    rule: str
    basis: str
    ceiling_rank: int
    ceiling_letter: str


Choice = Callable[[Attributes], Program | None]
Test = Callable[[Mapping[str, Any]], bool]
Margin = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """A released rule book: dated, immutable, identified by the SHA-256 of its text.

    `scale` runs from the best letter to the worst; `choices` answers, for each kind with rules, which one applies to the
    attributes of a fact; `margins` repeats the pillars as (id, maximum, start, most_gained, most_lost). `low_grades_basis` is
    the legal basis on which low grades may be published; without one they are not.
    """

    id: str
    title: Name
    digest: str
    valid_from: date
    valid_until: date | None
    scale: tuple[Band, ...]
    pillars: tuple[Pillar, ...]
    periods: tuple[Period, ...]
    rules: tuple[Rule, ...]
    low_grades_basis: str | None = None
    choices: Mapping[str, Choice] = field(init=False, repr=False, compare=False)
    margins: tuple[Margin, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        margins = (
            (item.id, item.maximum, item.start, item.most_gained, item.most_lost) for item in self.pillars
        )
        object.__setattr__(self, "margins", tuple(margins))
        object.__setattr__(self, "choices", _compile_choices(self))


def _compile_choices(book: RuleBook) -> dict[str, Choice]:
    pillars = [pillar.id for pillar in book.pillars]
    letters = [band.letter for band in book.scale]
    programs: dict[str, list[tuple[Rule, Program]]] = {}
    for rule in book.rules:
        program = Program(
            schedule=Schedules(rule),
            longest=rule.use_months * LONGEST_MONTH,
            place=pillars.index(rule.pillar),
            pillar=rule.pillar,
            rule=rule.id,
            basis=rule.basis,
            ceiling_rank=letters.index(rule.ceiling.letter) if rule.ceiling else 0,
            ceiling_letter=rule.ceiling.letter if rule.ceiling else "",
        )
        programs.setdefault(rule.kind, []).append((rule, program))
    return {kind: _compile_choice(ordered) for kind, ordered in programs.items()}


def _compile_choice(rules: list[tuple[Rule, Program]]) -> Choice:
    """What picks the first program whose test holds."""
    tests = tuple((_compile_conditions(rule.when), program) for rule, program in rules)
    names = sorted({condition.field for rule, _ in rules for condition in rule.when})

    def choose(attributes: Attributes) -> Program | None:
        for test, program in tests:
            if test(attributes):
                return program
        return None

    return _remembering(choose, rules[0][0].kind, names) if names else choose


def _remembering(choose: Choice, kind: str, names: list[str]) -> Choice:
    """A choice that works each combination of what it looks at out once: they are few."""
    known: dict[object, Program | None] = {}
    lists = [name for name in names if FIELDS[kind][name].type == "texts"]
    others = [name for name in names if name not in lists]
    combination_of = itemgetter(*names)

    def recall(attributes: Attributes) -> Program | None:
        try:
            return known[combination_of(attributes)]
        except KeyError:  # a combination met for the first time, or a field that is missing
            program = choose(attributes)
            if len(known) < _COMBINATIONS_KEPT and all(name in attributes for name in names):
                known[combination_of(attributes)] = program
            return program

    def recall_with_list(attributes: Attributes) -> Program | None:
        get = attributes.get
        # every combination ends with as many others, so that it is certain where the list does
        combination = (*get(listed, ()), *map(get, others))  # type: ignore[misc]  # a field of texts holds a list
        try:
            return known[combination]
        except KeyError:
            program = choose(attributes)
            if len(known) < _COMBINATIONS_KEPT:
                known[combination] = program
            return program

    if not lists:
        return recall
    listed, *more = lists
    return choose if more else recall_with_list


def _compile_conditions(conditions: tuple[Condition, ...]) -> Test:
    """One test of all conditions; nested pairs, because `all` over a generator takes twice as long."""
    if not conditions:
        return lambda _: True
    test, rest = _compile_condition(conditions[0]), _compile_conditions(conditions[1:])
    return (lambda attributes: test(attributes) and rest(attributes)) if conditions[1:] else test


def _compile_condition(condition: Condition) -> Test:
    """One test of attributes as `attributes_of` makes them: the type of each field is certain, its presence is not."""
    name, value = condition.field, condition.value
    if isinstance(value, int):
        return _compile_comparison(name, condition.operator, value)
    if isinstance(value, str):
        return lambda attributes: attributes.get(name) == value
    values = frozenset(value)
    if condition.operator == "only_of":
        return lambda attributes: bool(attributes.get(name)) and values.issuperset(attributes[name])
    if condition.is_of_list:
        return lambda attributes: not values.isdisjoint(attributes.get(name, ()))
    return lambda attributes: attributes.get(name) in values


def _compile_comparison(name: str, operator: str, bound: int) -> Test:
    if operator == "at_least":
        return lambda attributes: bool(attributes.get(name, bound - 1) >= bound)
    if operator == "above":
        return lambda attributes: bool(attributes.get(name, bound) > bound)
    return lambda attributes: bool(attributes.get(name, bound) < bound)
