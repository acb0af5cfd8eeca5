"""Grade decisions (等级评定): the published grade of a firm, decided in a cycle on the indicative one. Pure.

What holds on a day follows from dates alone: decided, from its first day through its last, not annulled by then, and not
followed by a later decision.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from services.credit.domain.grade import Grade, letter_of
from services.credit.domain.remedy import Course, Move, Refused, Term
from services.credit.domain.rules import RuleBook


class DecisionState(StrEnum):
    """How far a grade decision is (评定状态)."""

    PROPOSED = "proposed"
    NOTIFIED = "notified"
    RESPONDED = "responded"
    DECIDED = "decided"
    DROPPED = "dropped"
    ANNULLED = "annulled"


class CycleState(StrEnum):
    """How far a cycle has come (评定周期状态)."""

    PROPOSING = "proposing"
    PROPOSED = "proposed"


_S = DecisionState
_OPEN: Final = frozenset({_S.PROPOSED, _S.NOTIFIED, _S.RESPONDED})

GRADE_DECISION: Final = Course(
    type="grade_decision",
    first=_S.PROPOSED,
    moves=(
        Move("notify", "handler", frozenset({_S.PROPOSED}), _S.NOTIFIED, "notified", Term("grade_response")),
        Move("respond", "handler", frozenset({_S.NOTIFIED}), _S.RESPONDED, "responded"),
        Move("decide", "handler", _OPEN, _S.DECIDED, "decided"),
        Move("drop", "handler", _OPEN, _S.DROPPED, "dropped"),
        Move("annul", "handler", frozenset({_S.DECIDED}), _S.ANNULLED, "annulled"),
    ),
    open=_OPEN,
    closed=frozenset({_S.DROPPED, _S.ANNULLED}),
    in_effect=frozenset({_S.DECIDED}),
)


class Proposal(NamedTuple):
    """What a decision is about: the letter, the one in force before it, and whether a veto holds the grade down."""

    letter: str
    before: str | None
    is_veto: bool


class InForce(NamedTuple):
    """The days of a decision: `since` through `until`, unless it was annulled on an earlier one. `number` orders those of
    one day."""

    id: str
    since: date
    until: date
    annulled_on: date | None
    number: int


def is_low(book: RuleBook, letter: str) -> bool:
    """Whether a letter is worse than the one with which every firm starts, before any record counts."""
    start = letter_of(book, sum(pillar.start for pillar in book.pillars), 0)
    return rank_of(book, letter) > rank_of(book, start)


def may_be_public(book: RuleBook, letter: str) -> bool:
    """Whether the public may see a letter: a low one only where the rule book names the legal basis for that."""
    return book.low_grades_basis is not None or not is_low(book, letter)


def rank_of(book: RuleBook, letter: str) -> int:
    """The place of a letter in the scale, the best first; one that the scale does not have comes last."""
    letters = [band.letter for band in book.scale]
    return letters.index(letter) if letter in letters else len(letters)


def is_adverse(book: RuleBook, proposal: Proposal) -> bool:
    """Whether a decision takes something from the firm: worse than what is in force, or low where nothing is."""
    if proposal.before is None:
        return is_low(book, proposal.letter)
    return rank_of(book, proposal.letter) > rank_of(book, proposal.before)


def held_by_veto(indicative: Grade) -> bool:
    """Whether a veto gives the letter: whatever the score, it could be no better."""
    return any(veto.ceiling == indicative.letter for veto in indicative.vetoes)


def refusal(
    book: RuleBook, proposal: Proposal, state: str, *, due_on: date | None, today: date, supported: str
) -> Refused | None:
    """Why a letter cannot be decided now.

    Nobody gets a worse letter than its file now supports. A firm that would lose is heard first: it has responded, or the
    period to respond is over (`due_on` is its last day); a veto takes effect at once.
    """
    if rank_of(book, proposal.letter) > rank_of(book, supported) or supported not in {
        b.letter for b in book.scale
    }:
        return Refused("grade_not_supported")
    if proposal.is_veto or not is_adverse(book, proposal) or state == DecisionState.RESPONDED:
        return None
    if due_on is None:
        return Refused("notice_missing")
    return Refused("response_pending") if today <= due_on else None


def in_force(decisions: Iterable[InForce], on: date) -> str | None:
    """The id of the decision that holds on a day: of those that do, the latest."""
    held = [
        each
        for each in decisions
        if each.since <= on <= each.until and (each.annulled_on is None or on < each.annulled_on)
    ]
    return max(held, key=lambda each: (each.since, each.number)).id if held else None
