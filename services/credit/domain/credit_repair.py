"""Credit repair (信用修复): who determined decides; granted, the record is no longer published, shared or used.

国家发展改革委令第36号 and 市场监管总局令第107号: repair ends publication, sharing and use; it asks for the least time of
publication to be over, the duty fulfilled, and a public promise (信用承诺). Found to rest on false material it is revoked,
and the record is back.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from services.credit.domain.remedy import Course, Move, Refused, Term


class CreditRepairState(StrEnum):
    """How far a credit repair is (信用修复状态)."""

    FILED = "filed"
    ACCEPTED = "accepted"
    GRANTED = "granted"
    REFUSED = "refused"
    RETRACTED = "retracted"
    REVOKED = "revoked"


_S = CreditRepairState
_FILED: Final = frozenset({_S.FILED})
_ACCEPTED: Final = frozenset({_S.ACCEPTED})
_GRANTED: Final = frozenset({_S.GRANTED})
_OPEN: Final = _FILED | _ACCEPTED

CREDIT_REPAIR: Final = Course(
    type="credit_repair",
    first=_S.FILED,
    moves=(
        Move("accept", "handler", _FILED, _S.ACCEPTED, "accepted", Term("repair_decision")),
        Move("extend", "handler", _ACCEPTED, _S.ACCEPTED, "extended", Term("repair_extended", starts_anew=False), in_time=True),
        Move("grant", "handler", _OPEN, _S.GRANTED, "granted"),
        Move("refuse", "handler", _OPEN, _S.REFUSED, "refused"),
        Move("retract", "filer", _OPEN, _S.RETRACTED, "retracted"),
        Move("revoke", "handler", _GRANTED, _S.REVOKED, "revoked"),
    ),
    open=_OPEN,
    in_effect=_GRANTED,
    closed=frozenset({_S.REFUSED, _S.RETRACTED, _S.REVOKED}),
)  # fmt: skip

FIRST_TERM: Final = Term("repair_acceptance")


class Application(NamedTuple):
    """What decides whether a repair may be applied for: whether the record speaks against the firm, and the first day
    after the least time of publication, None where the law sets none."""

    is_unfavourable: bool
    received_on: date
    earliest_on: date | None


def refusal(states: Iterable[tuple[str, str]], application: Application) -> Refused | None:
    """Why a repair cannot be applied for. `states` are type and state of the record's cases."""
    if any(type_ == CREDIT_REPAIR.type and state in CREDIT_REPAIR.open for type_, state in states):
        return Refused("remedy_open_already")
    if not application.is_unfavourable:
        return Refused("record_not_repairable")
    if application.earliest_on is not None and application.received_on < application.earliest_on:
        return Refused("repair_too_early", application.earliest_on)
    return None
