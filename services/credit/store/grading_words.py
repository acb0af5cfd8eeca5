"""What the statement that grades many firms needs to say and the two databases say in different words."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Binds:
    """The values of a statement, each under a name of its own: no text of a rule book becomes SQL."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def __call__(self, value: str) -> str:
        """A place for a value in the statement."""
        name = f"b{len(self.values)}"
        self.values[name] = value
        return f":{name}"


class Words(Protocol):
    """One database's words. Days are ordinals; what tests something is of SQL's three values, null as good as false."""

    least: str
    greatest: str
    joined: str
    by_code: str
    settings: Mapping[str, str]

    def listed(self, bind: Binds, values: Sequence[str]) -> str:
        """Many values to look among."""

    def elements(self, facts: str) -> str:
        """Join the facts of a stored list, as `x`."""

    def pairs(self, given: str) -> str:
        """Code and fact of a list of pairs, as `x`."""

    def member(self, type_: str, *places: int) -> str:
        """A member of the fact `x`, or a member of that: text, integer, boolean (1 or 0), object."""

    def attribute(self, name: str) -> str:
        """A text among the attributes."""

    def number(self, name: str) -> str:
        """A number among the attributes."""

    def any_of(self, bind: Binds, name: str, values: Sequence[str]) -> str:
        """Whether a list among the attributes holds one of the values."""

    def only_of(self, bind: Binds, name: str, values: Sequence[str]) -> str:
        """Whether a list among the attributes holds something, and nothing but the values."""

    def end_of_period(self, day: str, months: str) -> str:
        """The last day of a period (`domain/months.py`)."""

    def day(self, ordinal: str) -> str:
        """A day as its column keeps it."""

    def day_text(self, ordinal: str) -> str:
        """A day as ISO text."""

    def json_text(self, expression: str) -> str:
        """A text as JSON."""
