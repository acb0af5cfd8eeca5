"""The rules of supervision: released texts with grounds of lists, supervision classes and measures, by day."""

import functools
import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Final

from services.credit.domain.facts import fen_of
from services.credit.domain.rules import Name
from services.credit.domain.supervision import DetailTest, Earlier, Ground, SupervisionClass
from services.kernel.kinds.codes import rows_of

_PACKAGE: Final = "services.credit.rulebook.supervision"
RISK_OF: Final = {row["code"]: row["risk"] for row in rows_of("product_classes")}
"""The risk level of each of the five product classes (待确认, see the list)."""


@dataclass(frozen=True, slots=True)
class SupervisionRules:
    """One released text; classes by letter."""

    id: str
    valid_from: date
    grounds: tuple[Ground, ...]
    classes: dict[str, SupervisionClass]


def read_rules(text: str) -> SupervisionRules:
    """The rules of a text.

    Raises:
        KeyError, TypeError, ValueError: it is not of the form.
    """
    document = tomllib.loads(text)
    return SupervisionRules(
        id=document["id"],
        valid_from=document["valid_from"],
        grounds=tuple(_ground(entry) for entry in document["grounds"]),
        classes={entry["letter"]: _class(entry) for entry in document["classes"]},
    )


def _ground(entry: dict[str, Any]) -> Ground:
    after = entry.get("after")
    return Ground(
        id=entry["id"],
        list=entry["list"],
        kind=entry["kind"],
        when=_tests(entry["when"]),
        after=Earlier(after["kind"], _tests(after["when"])) if after else None,
        valid_from=entry["valid_from"],
        valid_until=entry.get("valid_until"),
        is_confirmed=entry["confirmed"],
        name=Name(**entry["name"]),
        remains=Name(**entry["remains"]),
        basis=entry["basis"],
    )


def _tests(entries: list[dict[str, Any]]) -> tuple[DetailTest, ...]:
    return tuple(_test(dict(entry)) for entry in entries)


def _test(entry: dict[str, Any]) -> DetailTest:
    field = entry.pop("field")
    [(operator, value)] = entry.items()
    match operator:
        case "equals":
            return DetailTest(field, (value,))
        case "any_of":
            return DetailTest(field, tuple(value))
        case "at_least":
            return DetailTest(field, at_least=fen_of(value))
    raise ValueError(f"unknown operator {operator!r}")


def _class(entry: dict[str, Any]) -> SupervisionClass:
    measures = tuple(Name(**measure) for measure in entry["measures"])
    return SupervisionClass(entry["letter"], entry["share"], Name(**entry["name"]), entry["basis"], measures)


@functools.cache
def released() -> tuple[SupervisionRules, ...]:
    """Every released text, the oldest first."""
    texts = (
        entry.read_text(encoding="utf-8")
        for entry in files(_PACKAGE).iterdir()
        if entry.name.endswith(".toml")
    )
    return tuple(sorted((read_rules(text) for text in texts), key=lambda each: each.valid_from))


def rules_on(day: date) -> SupervisionRules:
    """The rules that hold on a day; before the first ones, the first."""
    in_force = [rules for rules in released() if rules.valid_from <= day]
    return in_force[-1] if in_force else released()[0]
