"""The course of a remedy: who may take which step from which state, and what runs afterwards. Pure: no clock, no database.

An objection, a credit repair and a data query are three courses of one machine. A course is data; its guards are here,
so that none of them can be forgotten in one place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

Role = Literal["filer", "handler", "platform"]
"""Who takes a step: who filed the case, who decides it, or the platform by itself."""


class Term(NamedTuple):
    """A period that runs: its id in the rules, and whether it counts from the step, or goes on from where the period
    before it began."""

    id: str
    starts_anew: bool = True


class Move(NamedTuple):
    """One step: who takes it, from where to where, and the period that runs afterwards.

    `event` names it in the journal after the course's type. `in_time`: only before the running period has ended, and
    once. `needs_change`: only after the provider has changed the record since the filing.
    """

    action: str
    by: Role
    sources: frozenset[str]
    target: str
    event: str
    term: Term | None = None
    in_time: bool = False
    needs_change: bool = False


class Refused(NamedTuple):
    """A step that may not be taken, with the code that says why, and the day from which it may where that is known."""

    code: str
    earliest_on: date | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """The states and steps of one type of remedy. An open state waits for somebody, for so long a period runs; one in
    effect is decided and can still be undone; a closed one has no step.
    """

    type: str
    first: str
    moves: tuple[Move, ...]
    open: frozenset[str]
    closed: frozenset[str]
    in_effect: frozenset[str] = frozenset()

    @property
    def states(self) -> frozenset[str]:
        """Every state that a case of this course can be in."""
        return frozenset({self.first}).union(*({move.target} | move.sources for move in self.moves))

    @property
    def actions(self) -> frozenset[str]:
        """Every step of the course."""
        return frozenset(move.action for move in self.moves)


class Standing(NamedTuple):
    """Where a case stands when somebody wants to take a step."""

    state: str
    is_extended: bool = False
    is_overdue: bool = False
    has_record_changed: bool = False


def advance(course: Course, standing: Standing, action: str, roles: Iterable[Role]) -> Move | Refused:
    """The step, or why it may not be taken: whose it is first, then where the case stands, then what it still needs."""
    of_action = [move for move in course.moves if move.action == action]
    held = frozenset(roles)
    own = [move for move in of_action if move.by in held]
    if not own:
        return Refused("step_not_yours")
    possible = [move for move in own if standing.state in move.sources]
    if not possible:
        return Refused("step_out_of_order")
    move = possible[0]
    if move.in_time and (standing.is_extended or standing.is_overdue):
        return Refused("extension_refused")
    if move.needs_change and not standing.has_record_changed:
        return Refused("record_unchanged")
    return move
