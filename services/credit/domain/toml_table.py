"""Reading a TOML table strictly: each value has its type and bounds, and every fault is collected instead of the first."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from services.credit.domain.facts import fen_of
from services.credit.domain.rule_faults import RuleFault
from services.credit.domain.toml_lines import find_line

_POINTS: Final = re.compile(r"(-?)(\d{1,3})\.(\d{2})", re.ASCII)


class Faults:
    """The faults found so far in one text."""

    def __init__(self, lines: dict[str, int]) -> None:
        self._lines = lines
        self._found: list[RuleFault] = []

    def add(self, path: str, code: str, /, **values: object) -> None:
        """Note a fault at a path."""
        self._found.append(RuleFault(find_line(self._lines, path), path, code, values))

    def in_order(self) -> tuple[RuleFault, ...]:
        """All faults by line; those without one come last."""
        return tuple(sorted(self._found, key=lambda fault: (fault.line is None, fault.line or 0, fault.path)))


class Table:
    """One table of the text. Each reader returns a harmless value where it notes a fault, so that reading goes on;
    `close` notes the keys that nobody asked for."""

    def __init__(self, values: Mapping[str, object], path: str, faults: Faults) -> None:
        self.path = path
        self._values = values
        self._faults = faults
        self._asked: set[str] = set()

    def fault(self, key: str, code: str, /, **values: object) -> None:
        """Note a fault at a key of this table; an empty key means the table itself."""
        self._faults.add(self._at(key) if key else self.path, code, **values)

    def has(self, key: str) -> bool:
        """Whether the key is there, whatever its value."""
        self._asked.add(key)
        return key in self._values

    def text(self, key: str) -> str:
        """A text that is not blank."""
        value = self._get(key)
        if isinstance(value, str) and value.strip():
            return value
        if value is not None:
            self.fault(key, "basis_missing" if key == "basis" else "text_blank")
        return ""

    def points(self, key: str) -> int:
        """Points written as text with two decimal places ("-12.50"), in hundredths."""
        value = self._get(key)
        found = _POINTS.fullmatch(value) if isinstance(value, str) else None
        if found is not None:
            hundredths = int(found[2]) * 100 + int(found[3])
            return -hundredths if found[1] else hundredths
        if value is not None:
            self.fault(key, "points_invalid", given=repr(value))
        return 0

    def money(self, key: str) -> int:
        """An amount of yuan as decimal text, in fen."""
        value = self._get(key)
        if isinstance(value, str):
            try:
                return fen_of(value)
            except ValueError:
                self.fault(key, "money_invalid", given=repr(value))
        elif value is not None:
            self.fault(key, "money_not_text", given=repr(value))
        return 0

    def integer(self, key: str, lowest: int, highest: int) -> int:
        """A whole number within bounds, both included."""
        value = self._get(key)
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        if value is not None:
            self.fault(key, "number_out_of_bounds", lowest=lowest, highest=highest, given=repr(value))
        return lowest

    def day(self, key: str) -> date:
        """A date, written without quotes."""
        value = self._get(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if value is not None:
            self.fault(key, "date_invalid", given=repr(value))
        return date.min

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, not empty, without repetition."""
        value = self._get(key)
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            if len(set(value)) < len(value):
                self.fault(key, "texts_repeated")
            return tuple(value)
        if value is not None:
            self.fault(key, "texts_expected")
        return ()

    def table(self, key: str) -> "Table":
        """A table inside this one; an empty one where it is missing."""
        value = self._get(key)
        if isinstance(value, dict):
            return Table(value, self._at(key), self._faults)
        if value is not None:
            self.fault(key, "table_expected", key=key)
        return Table({}, self._at(key), Faults({}))

    def tables(self, key: str) -> list["Table"]:
        """A list of tables, which must not be empty."""
        value = self._get(key)
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            return [
                Table(item, f"{self._at(key)}[{index}]", self._faults) for index, item in enumerate(value)
            ]
        if value is not None:
            self.fault(key, "tables_expected", key=key)
        return []

    def close(self) -> None:
        """Note every key that was never asked for."""
        for key in self._values:
            if key not in self._asked:
                self.fault(key, "key_unknown", known=", ".join(sorted(self._asked)))

    def _get(self, key: str) -> object | None:
        self._asked.add(key)
        if key not in self._values:
            self.fault(key, "basis_missing" if key == "basis" else "key_missing", key=key)
            return None
        return self._values[key]

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key
