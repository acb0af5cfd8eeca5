"""Items that wait for a person: why they wait, what may be decided of them, and what makes two of them one question."""

from collections.abc import Iterable
from enum import StrEnum
from hashlib import blake2b
from typing import Final


class HoldReason(StrEnum):
    """Why an item waits (待定原因)."""

    SUBJECT_UNCERTAIN = "subject_uncertain"
    PRODUCER_UNCONFIRMED = "producer_unconfirmed"


class HeldState(StrEnum):
    """What has become of a held item (待定条目状态). `overtaken`: a later push said it all anew, or took it back."""

    WAITING = "waiting"
    RELEASED = "released"
    DENIED = "denied"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"


class HeldAction(StrEnum):
    """What is decided of a held item (待定条目处理)."""

    ASSIGN = "assign"
    CONFIRM = "confirm"
    DENY = "deny"
    REFUSE = "refuse"


class LeadState(StrEnum):
    """How a counterfeit lead stands (线索状态): open, or dropped with the denial that it came from."""

    OPEN = "open"
    DROPPED = "dropped"


_OUTCOMES: Final = {
    (HoldReason.SUBJECT_UNCERTAIN, HeldAction.ASSIGN): HeldState.RELEASED,
    (HoldReason.SUBJECT_UNCERTAIN, HeldAction.REFUSE): HeldState.REFUSED,
    (HoldReason.PRODUCER_UNCONFIRMED, HeldAction.CONFIRM): HeldState.RELEASED,
    (HoldReason.PRODUCER_UNCONFIRMED, HeldAction.DENY): HeldState.DENIED,
    (HoldReason.PRODUCER_UNCONFIRMED, HeldAction.REFUSE): HeldState.REFUSED,
}
REMEMBERED: Final = frozenset({HeldAction.ASSIGN, HeldAction.CONFIRM, HeldAction.DENY})
"""Decisions that answer later pushes too. A refusal says nothing about whom a record concerns: the next one waits again."""


def outcome_of(reason: str, action: str) -> HeldState | None:
    """What an action makes of an item that waits for a reason; None where it does not fit."""
    return _OUTCOMES.get((HoldReason(reason), HeldAction(action)))


def question_of(provider: str, reason: HoldReason, parts: Iterable[str]) -> str:
    """The question that an item asks, as a digest: equal for equal parts of one provider."""
    text = "\x1f".join((provider, reason, *parts))
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def sample_of(
    producer: str, product: dict[str, str | None], details: dict[str, object], document_number: str | None
) -> tuple[str, ...] | None:
    """What a producer is asked about: one sample of its goods. None where nothing tells the sample from another, so that
    each record is a question of its own: that a firm made one thing does not mean that it made the next one."""
    marks = (
        product.get("batch"), details.get("production_date"), details.get("serial_number"),
    )  # fmt: skip
    told = tuple(str(mark) if mark else "" for mark in marks)
    if not any(told) or not product.get("name"):
        return None
    named = (product["name"], product.get("brand"), product.get("model"))
    return (producer, *(part or "" for part in named), *told, document_number or "")
