"""A request for access: where it stands, and who may answer it.

The provider answers within its days. When they are over without an answer the request is escalated by that alone: the
coordinator may answer it then, and the provider still may.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Decision = Literal["approved", "refused"]
RequestStatus = Literal["pending", "escalated", "approved", "refused"]
STATUSES: Final[tuple[RequestStatus, ...]] = ("pending", "escalated", "approved", "refused")
Office = Literal["provider", "coordinator", "other"]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The request may not be answered so, and why."""

    reason: Literal["decided", "not_yours", "not_escalated", "reason_missing", "term_over"]


def status_of(decision: str | None, *, due_on: date, today: date) -> RequestStatus:
    """Where a request stands on a day."""
    if decision is not None:
        return "approved" if decision == "approved" else "refused"
    return "escalated" if today > due_on else "pending"


def judge_answer(
    decision: Decision, reason: str, *, office: Office, status: RequestStatus, valid_until: date, today: date
) -> Forbidden | None:
    """Whether an office may give this answer now; None when it may. A refusal states its reasons."""
    if status not in ("pending", "escalated"):
        return Forbidden("decided")
    if office == "other":
        return Forbidden("not_yours")
    if office == "coordinator" and status != "escalated":
        return Forbidden("not_escalated")
    if decision == "refused" and not reason.strip():
        return Forbidden("reason_missing")
    if decision == "approved" and valid_until < today:
        return Forbidden("term_over")
    return None
