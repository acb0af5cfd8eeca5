"""The plan of a reform, as its file writes it (TOML); every fault is told with its place."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.exchange.domain.succession import Part, Reform
from services.exchange.service.administration import AdministrationRefused, Level
from services.kernel import regions

_OVERLAP_DAYS: Final = 30
_LEVELS: Final[dict[str, Level]] = {
    "province": "province", "prefecture": "prefecture", "county": "county",
}  # fmt: skip
_PLAN: Final[dict[str, type]] = {
    "document": str,
    "effective_on": date,
    "overlap_days": int,
    "ends": list,
    "agency": list,
    "succession": list,
}
_AGENCY: Final[dict[str, type]] = {
    "department": str,
    "region": str,
    "name": str,
    "uscc": str,
    "level": str,
    "superior": str,
}
_PART: Final[dict[str, type]] = {
    "predecessor": str, "successor": str, "function": str, "kinds": list, "regions": list, "main": bool, "credentials": bool,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewAgency:
    """An agency that begins with the reform."""

    department: str
    region: str
    name: str
    uscc: str
    level: Level
    superior: str | None

    @property
    def id(self) -> str:
        """Its id, as registering makes it."""
        return f"{self.department}-{self.region}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A reform and the agencies that begin with it."""

    reform: Reform
    agencies: tuple[NewAgency, ...]


def read_plan(text: str) -> Plan:
    """The plan that a file holds.

    Raises:
        AdministrationRefused: it is no TOML, or a member is missing, unknown or of another type.
    """
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AdministrationRefused(f"the plan is no TOML: {error}") from None
    faults = _faults(written, _PLAN, "", required=("document", "effective_on", "succession"))
    tables = {name: _tables(written.get(name, []), name, faults) for name in ("agency", "succession")}
    for place, table in enumerate(tables["agency"], 1):
        faults += _faults(
            table, _AGENCY, f"agency {place}: ", required=("department", "region", "name", "uscc")
        )
    for place, table in enumerate(tables["succession"], 1):
        faults += _faults(
            table, _PART, f"succession {place}: ", required=("predecessor", "successor", "function")
        )
    if faults:
        raise AdministrationRefused(*faults)
    agencies = tuple(map(_agency, tables["agency"]))
    return Plan(_reform(written, tables["succession"]), agencies)


def _faults(
    table: Mapping[str, Any], members: Mapping[str, type], where: str, *, required: tuple[str, ...]
) -> list[str]:
    found = [f"{where}{name} is missing" for name in required if name not in table]
    for name, value in table.items():
        expected = members.get(name)
        if expected is None:
            found.append(f"{where}{name} is unknown; one of {', '.join(members)}")
        elif not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
            found.append(f"{where}{name} is no {expected.__name__}")
        elif isinstance(value, list) and name not in ("agency", "succession"):
            if not all(isinstance(item, str) for item in value):
                found.append(f"{where}{name} is a list of texts")
        elif name == "level" and value not in _LEVELS:
            found.append(f"{where}level is one of {', '.join(_LEVELS)}")
    return found


def _tables(value: Any, name: str, faults: list[str]) -> list[dict[str, Any]]:
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    faults.append(f"[[{name}]] is written as tables")
    return []


def _agency(table: Mapping[str, Any]) -> NewAgency:
    level = _LEVELS.get(table.get("level") or regions.level_of(table["region"]) or "province", "province")
    return NewAgency(
        table["department"], table["region"], table["name"], table["uscc"], level, table.get("superior")
    )


def _reform(written: Mapping[str, Any], successions: list[dict[str, Any]]) -> Reform:
    heirs: dict[str, set[str]] = {}
    for table in successions:
        heirs.setdefault(table["predecessor"], set()).add(table["successor"])
    parts = tuple(
        Part(
            predecessor=table["predecessor"],
            successor=table["successor"],
            function=table["function"].strip(),
            kinds=tuple(dict.fromkeys(table.get("kinds", ["*"]))),
            regions=tuple(dict.fromkeys(table.get("regions") or [table["predecessor"].rpartition("-")[2]])),
            is_main=table.get("main", len(heirs[table["predecessor"]]) == 1),
            with_credentials=table.get("credentials", False),
        )
        for table in successions
    )
    return Reform(
        document=written["document"].strip(),
        effective_on=written["effective_on"],
        overlap_days=written.get("overlap_days", _OVERLAP_DAYS),
        parts=parts,
        ends=tuple(dict.fromkeys(written.get("ends", []))),
    )
