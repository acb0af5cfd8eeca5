"""Objections (异议): the enterprise says that a record is wrong; its provider decides, and corrects its own record.

From the filing until the case is closed the record is disputed: it is shown and does not score.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from services.credit.domain.remedy import Course, Move, Refused, Term


class ObjectionState(StrEnum):
    """How far an objection is (异议状态)."""

    FILED = "filed"
    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    REJECTED = "rejected"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


_S = ObjectionState
_FILED: Final = frozenset({_S.FILED})
_AWAITING: Final = frozenset({_S.UPHELD, _S.PARTLY_UPHELD})
_CORRECTION: Final = Term("objection_correction")

OBJECTION: Final = Course(
    type="objection",
    first=_S.FILED,
    moves=(
        Move("extend", "handler", _FILED, _S.FILED, "extended", Term("objection_extended", starts_anew=False), in_time=True),
        Move("uphold", "handler", _FILED, _S.UPHELD, "upheld", _CORRECTION),
        Move("uphold_partly", "handler", _FILED, _S.PARTLY_UPHELD, "partly_upheld", _CORRECTION),
        Move("reject", "handler", _FILED, _S.REJECTED, "rejected"),
        Move("correct", "handler", _AWAITING, _S.CORRECTED, "corrected", needs_change=True),
        Move("retract", "filer", _FILED, _S.RETRACTED, "retracted"),
    ),
    open=_FILED | _AWAITING,
    closed=frozenset({_S.REJECTED, _S.CORRECTED, _S.RETRACTED}),
)  # fmt: skip


def first_term(*, is_own_record: bool) -> Term:
    """The period for the decision: shorter where the agency that took the objection in is the record's provider."""
    return Term("objection_own_decision" if is_own_record else "objection_decision")


def refusal(states: Iterable[tuple[str, str]]) -> Refused | None:
    """Why a record cannot be objected to: another objection to it is open. `states` are type and state of its cases."""
    is_open = any(type_ == OBJECTION.type and state in OBJECTION.open for type_, state in states)
    return Refused("remedy_open_already") if is_open else None
