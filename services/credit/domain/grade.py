"""The indicative grade (即时评价): what a rule book says of a file on a day. Pure, integers only, deterministic."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache, partial
from typing import Final, NamedTuple

from services.credit.domain.facts import UNBOUND, Bond, Fact
from services.credit.domain.months import LAST_ORDINAL
from services.credit.domain.rules import Program, RuleBook

UNRATED: Final = "unrated"
"""The letter of a firm about which no determined record scores."""

IN_FORCE: Final = frozenset({"final", "changed"})
"""Effects in which a document binds."""
FALLEN: Final = frozenset({"under_review", "suspended", "revoked", "unlawful"})
"""Effects of which any statement keeps its whole act from scoring."""


class Contribution(NamedTuple):
    """What one record adds to or takes from a pillar, in hundredths of a point, after decay, before the pillar's caps."""

    record_id: str
    pillar: str
    points: int
    rule: str
    basis: str


class PillarScore(NamedTuple):
    """A pillar's part of the score and its maximum, in hundredths."""

    id: str
    score: int
    maximum: int


class Veto(NamedTuple):
    """A record that holds the grade at `ceiling` or worse, through the day `until`."""

    record_id: str
    ceiling: str
    until: date
    rule: str
    basis: str


class Grade(NamedTuple):
    """A grade on a day. `score` is in hundredths, None when unrated; `contributions` are in order of occurrence.

    `provisional`: a record that would count is under objection, so that it is shown and not scored. `next_change_on` is
    the first later day on which anything here can differ while the file stays as it is; None if there is none.
    """

    letter: str
    score: int | None
    pillars: tuple[PillarScore, ...]
    contributions: tuple[Contribution, ...]
    vetoes: tuple[Veto, ...]
    provisional: bool
    next_change_on: date | None


_Statement = tuple[int, str, int, str | None, int | None, bool, Program, Bond | None]
"""A fact that scores on the days on which it counts: occurred_on, record_id, a running number that keeps sorting away from
the rest, act, valid_until, disputed, program, bond. A bare tuple, because millions are made during a regrade."""

_UNRATED_FOR_GOOD: Final = Grade(UNRATED, None, (), (), (), False, None)
_contribution: Final = partial(tuple.__new__, Contribution)
_pillar_score: Final = partial(tuple.__new__, PillarScore)
"""These make a named tuple of its parts without the function that usually does, since a regrade makes millions."""


def grade(facts: Iterable[Fact], book: RuleBook, on: date) -> Grade:
    """The grade of a file on a day, whatever the order of its facts (whose record ids differ).

    Only what a document in legal effect determined about the responsible party scores (国办发〔2020〕49号): assertion
    `determined`, effect `final` or `changed`. An act scores once: by its authority's own statement where there is one,
    whatever copies of other agencies say, else by the earliest; and not at all while any statement of it is under
    objection or says that it is suspended, under review or fallen. Different documents that a person linked as being on
    one offence score once too, by the one that was chosen. A record counts from the day on which it occurred through the
    last day of its rule's period, or of its own validity if that is shorter.
    """
    statements = _statements_of(facts, book)
    if not statements:
        return _UNRATED_FOR_GOOD
    today = on.toordinal()
    provisional = False
    contributions = []
    vetoes = []
    worst = 0
    gained = [0] * len(book.pillars)
    lost = gained.copy()
    unchanged_until = [LAST_ORDINAL]
    for occurred_on, record_id, _, _, valid_until, disputed, program, _ in statements:
        if occurred_on + program[1] < today:
            continue  # as the days of most old ones need not be looked up
        steps, last, ceiling_until = program[0][occurred_on]
        if valid_until is not None and valid_until < last:
            last = valid_until
        if last < today or last < occurred_on:
            continue
        if occurred_on > today:
            unchanged_until.append(occurred_on - 1)
            continue
        unchanged_until.append(last)
        if disputed:
            provisional = True
            continue
        end, points = steps[0] if today <= steps[0][0] else _step_on(steps, today)
        unchanged_until.append(end)
        _, _, place, pillar, rule, basis, ceiling_rank, _ = program
        contributions.append((record_id, pillar, points, rule, basis))
        (lost if points < 0 else gained)[place] += points
        if ceiling_until >= today:
            unchanged_until.append(ceiling_until)
            worst = max(worst, ceiling_rank)
            vetoes.append(veto_of(record_id, program, min(ceiling_until, last)))
    until = min(unchanged_until)
    next_change_on = None if until == LAST_ORDINAL else date.fromordinal(until + 1)
    if not contributions:
        return Grade(UNRATED, None, (), (), (), provisional, next_change_on)
    score, pillars = score_of(book, gained, lost)
    letter = letter_of(book, score, worst)
    told = tuple(map(_contribution, contributions))
    return Grade(letter, score, pillars, told, tuple(vetoes), provisional, next_change_on)


@lru_cache(maxsize=16_384)
def format_points(hundredths: int) -> str:
    """Hundredths of a point as the decimal string of the interface: -1250 is "-12.50"."""
    whole, part = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole}.{part:02d}"


def _statements_of(facts: Iterable[Fact], book: RuleBook) -> list[_Statement]:
    """The facts that score, one an act, in order of occurrence. Dates play no part here: which statement speaks for an
    act must not change from day to day."""
    choices, in_force = book.choices, IN_FORCE
    found: list[_Statement] = []
    fallen: set[str | None] = set()
    contested: set[str | None] = set()
    told: set[str | None] = set()
    bonds: list[Bond] = []
    for (
        record_id, kind, occurred_on, valid_until, assertion, effect, responsible, own_act, disputed, attributes, bond,
    ) in facts:  # fmt: skip
        if kind not in choices or assertion != "determined":
            continue
        act = own_act
        if bond is not None:
            bonds.append(bond)
            act = bond[1] or own_act
        if bond is None or not bond[0]:
            told.add(act)
        if effect not in in_force:
            if effect in FALLEN:
                fallen.add(act)
            continue
        if disputed:
            contested.add(act)
        if responsible and (program := choices[kind](attributes)) is not None:
            found.append((occurred_on, record_id, len(found), act, valid_until, disputed, program, bond))
    found.sort()
    if bonds and told:
        found = _without_copies(found, told)
    kept = _first_of_each_act(found, fallen, contested)
    return _one_of_each_offence(kept) if [bond for bond in bonds if bond[2] is not None] else kept


def _without_copies(statements: list[_Statement], told: set[str | None]) -> list[_Statement]:
    """The statements without another agency's copies of what the authority tells itself, whatever that says of it. What
    has no number is told by nobody else."""
    known = told - {None}
    return [
        statement
        for statement in statements
        if statement[3] not in known or (bond := statement[7]) is None or not bond.secondhand
    ]


def _one_of_each_offence(statements: list[_Statement]) -> list[_Statement]:
    """Of the documents on one offence the one that a person chose, the earliest where that one does not score."""
    speaking: dict[str, str] = {}
    for statement in sorted(statements, key=lambda each: not (each[7] or UNBOUND).leads):
        offence = (statement[7] or UNBOUND).offence
        if offence is not None:
            speaking.setdefault(offence, statement[1])
    return [
        statement
        for statement in statements
        if (offence := (statement[7] or UNBOUND).offence) is None or speaking[offence] == statement[1]
    ]


def _first_of_each_act(
    statements: list[_Statement], fallen: set[str | None], contested: set[str | None]
) -> list[_Statement]:
    """The earliest statement of each act that has not fallen; disputed if any statement of the act is."""
    seen = fallen
    kept = []
    for statement in statements:
        act = statement[3]
        if act is None:
            kept.append(statement)
        elif act not in seen:
            seen.add(act)
            kept.append((*statement[:5], True, *statement[6:]) if act in contested else statement)
    return kept


def _step_on(steps: tuple[tuple[int, int], ...], today: int) -> tuple[int, int]:
    """The step in which `today` lies; the caller knows that the last one has not ended."""
    for step in steps:
        if step[0] >= today:
            return step
    raise ValueError("the schedule has ended")


def veto_of(record_id: str, program: Program, until: int) -> Veto:
    """The veto of a record by its rule, through a day."""
    return Veto(record_id, program.ceiling_letter, date.fromordinal(until), program.rule, program.basis)


def score_of(book: RuleBook, gained: list[int], lost: list[int]) -> tuple[int, tuple[PillarScore, ...]]:
    """The sum and each pillar's part; `lost` is at most nought."""
    total = 0
    scores = []
    for (pillar, maximum, start, most_gained, most_lost), gain, loss in zip(
        book.margins, gained, lost, strict=True
    ):
        score = start
        if gain:
            score += min(gain, most_gained)
        if loss:
            score -= min(-loss, most_lost)
        total += score
        scores.append((pillar, score, maximum))
    return total, tuple(map(_pillar_score, scores))


def letter_of(book: RuleBook, score: int, worst: int) -> str:
    """The letter of a score, or the ceiling's where that is worse; the last band starts at nought."""
    for rank, band in enumerate(book.scale):
        if score >= band.at_least:
            return book.scale[max(rank, worst)].letter
    raise ValueError("the scale has no band for this score")
