"""The rules of remedies: released texts with the periods, chosen by the day on which a case is filed."""

import functools
import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Final

from services.kernel.calendar import Period

_PACKAGE: Final = "services.credit.rulebook.remedies"


@dataclass(frozen=True, slots=True)
class LegalTerm:
    """A period with its legal basis."""

    period: Period
    basis: str


@dataclass(frozen=True, slots=True)
class Tier:
    """A class of information by its gravity: the least and the longest time of its publication."""

    minimum: Period | None
    maximum: Period
    basis: str


@dataclass(frozen=True, slots=True)
class RemedyRules:
    """One released text; `tiers` by the period of the rule book that they belong to."""

    id: str
    valid_from: date
    terms: dict[str, LegalTerm]
    tiers: dict[str, Tier]


def read_rules(text: str) -> RemedyRules:
    """The rules of a text.

    Raises:
        KeyError, TypeError, ValueError: it is not of the form.
    """
    document = tomllib.loads(text)
    return RemedyRules(
        id=document["id"],
        valid_from=document["valid_from"],
        terms={entry.pop("id"): _term(entry) for entry in document["terms"]},
        tiers={entry["period"]: _tier(entry) for entry in document["tiers"]},
    )


def _term(entry: dict[str, Any]) -> LegalTerm:
    basis = entry.pop("basis")
    return LegalTerm(Period(**entry), basis)


def _tier(entry: dict[str, Any]) -> Tier:
    minimum = entry.get("minimum")
    return Tier(Period(**minimum) if minimum else None, Period(**entry["maximum"]), entry["basis"])


@functools.cache
def released() -> dict[str, RemedyRules]:
    """Every released text by its id, the oldest first."""
    texts = (
        entry.read_text(encoding="utf-8")
        for entry in files(_PACKAGE).iterdir()
        if entry.name.endswith(".toml")
    )
    rules = sorted((read_rules(text) for text in texts), key=lambda each: each.valid_from)
    return {each.id: each for each in rules}


def rules_on(day: date) -> RemedyRules:
    """The rules under which a case is filed on a day; before the first ones, the first."""
    every = list(released().values())
    in_force = [rules for rules in every if rules.valid_from <= day]
    return in_force[-1] if in_force else every[0]
