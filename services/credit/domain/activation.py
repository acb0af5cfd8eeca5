"""Activating a rule book takes two officers: one proposes, another confirms. Pure: no clock, no database."""

import unicodedata
from enum import StrEnum
from typing import NamedTuple


class ActivationState(StrEnum):
    """How far the activation of a rule book has come (启用状态)."""

    PROPOSED = "proposed"
    BUILDING = "building"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class ActivationStep(StrEnum):
    """What an officer's word does to an activation."""

    PROPOSE = "propose"
    CONFIRM = "confirm"
    RESUME = "resume"


class Standing(NamedTuple):
    """An activation under way: its state, the digest of the text it is about, and its two officers."""

    state: ActivationState
    digest: str
    proposed_by: str
    confirmed_by: str | None


class ActivationRefused(Exception):  # noqa: N818 - a refusal with a code, not a failure
    """An officer's word that does not count; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def officer_of(name: str) -> str:
    """An officer's name in the form in which two spellings of it are equal.

    Raises:
        ActivationRefused: the name is blank.
    """
    found = " ".join(unicodedata.normalize("NFKC", name).split()).casefold()
    if not found:
        raise ActivationRefused("officer_missing")
    return found


def next_step(standing: Standing | None, *, officer: str, digest: str, is_active: bool) -> ActivationStep:
    """What an officer does by asking to activate a text.

    The first proposes; another one confirms the very same text; once confirmed, either may resume what was interrupted.

    Raises:
        ActivationRefused: the officer is the one who proposed, the text is another, or it grades already.
    """
    if standing is None:
        if is_active:
            raise ActivationRefused("already_active")
        return ActivationStep.PROPOSE
    if standing.digest != digest:
        raise ActivationRefused("other_text")
    if standing.state is ActivationState.BUILDING:
        if officer_of(officer) not in {
            officer_of(standing.proposed_by),
            officer_of(standing.confirmed_by or "-"),
        }:
            raise ActivationRefused("other_officers")
        return ActivationStep.RESUME
    if officer_of(officer) == officer_of(standing.proposed_by):
        raise ActivationRefused("same_officer")
    return ActivationStep.CONFIRM
