"""Regions of China down to the county (行政区划, GB/T 2260), retired codes included.

Registers go on using codes that the standard has withdrawn (望城县 430122 is 望城区 430112 since 2011), so a table of
the codes in force alone would refuse sound records. The data beside this module says its sources in its first lines.
Nothing is read at import; the first question reads the table once.
"""

import functools
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal, cast

NATION: Final = "100000"
"""Where the national authority registers; it contains every other code."""

Status = Literal["current", "retired", "special"]
Level = Literal["nation", "province", "prefecture", "county"]


@dataclass(frozen=True, slots=True)
class Region:
    """One code: `current` in force, `retired` withdrawn (with the code in force that took its place, where one did),
    `special` met in registers without being a division (groupings of the standard, development zones)."""

    code: str
    name: str
    parent: str | None
    status: Status
    successor: str | None


@functools.cache
def _table() -> MappingProxyType[str, Region]:
    text = files(__name__).joinpath("regions.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    table = {}
    for line in lines[1:]:
        code, name, parent, status, successor = line.split(",")
        table[code] = Region(code, name, parent or None, cast("Status", status), successor or None)
    return MappingProxyType(table)


def region_of(code: str) -> Region | None:
    """Everything the table holds on a code."""
    return _table().get(code)


def known(code: str) -> bool:
    """Whether the code is, or since 1985 was, a region, or is a zone that registering authorities use."""
    return code in _table()


def short_name_of(code: str) -> str | None:
    """The region's own name, 芙蓉区."""
    region = _table().get(code)
    return region.name if region else None


@functools.cache
def _full_name(code: str) -> str:
    region = _table()[code]
    if region.parent is None or region.parent == NATION:
        return region.name
    return _full_name(region.parent) + region.name


def name_of(code: str) -> str | None:
    """The full name, 湖南省长沙市芙蓉区; of a retired code the name that it had."""
    return _full_name(code) if code in _table() else None


def parent_of(code: str) -> str | None:
    """The region directly above; None for the nation and for an unknown code."""
    region = _table().get(code)
    return region.parent if region else None


def successor_of(code: str) -> str | None:
    """The code in force that took a retired one's place; None where there is none, or it was divided."""
    region = _table().get(code)
    return region.successor if region else None


def level_of(code: str) -> Level | None:
    """The level that the form of a known code states."""
    if code not in _table():
        return None
    if code == NATION:
        return "nation"
    if code.endswith("0000"):
        return "province"
    return "prefecture" if code.endswith("00") else "county"


def province_of(code: str) -> str | None:
    """The province that contains the code today (海南 for the codes that it took over from 广东)."""
    region = _table().get(code)
    if region is None or code == NATION:
        return None
    return (region.successor or code)[:2] + "0000"


def prefecture_of(code: str) -> str | None:
    """The prefecture in force that contains the code today; None for a province and for counties directly under one."""
    region = _table().get(code)
    if region is None:
        return None
    prefecture = (region.successor or code)[:4] + "00"
    holder = _table().get(prefecture)
    if holder is None or holder.status != "current" or prefecture.endswith("0000"):
        return None
    return prefecture


def _stem(code: str) -> str:
    """The digits that the codes inside a region share: none for the nation, two, four or all six."""
    if code == NATION:
        return ""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def within(code: str, root: str) -> bool:
    """Whether `code` is `root` or lies inside it, by the codes as written or as they are today.

    430182 and 430124 (宁乡, before and after 2017) both lie within 430100, within 430182 and within 430124: a grant
    for a county does not end because its code changed. It does not grow either: a former county-level city whose
    successor is a whole prefecture contains itself only. Unknown codes lie nowhere and contain nothing.
    """
    inner, outer = _table().get(code), _table().get(root)
    if inner is None or outer is None:
        return False
    stem = _stem(root)
    if code.startswith(stem):
        return True
    today = inner.successor or code
    stem_today = _stem(outer.successor or root)
    return today.startswith(stem) or (len(stem_today) == len(stem) and today.startswith(stem_today))


@functools.cache
def _children() -> MappingProxyType[str, tuple[str, ...]]:
    children: dict[str, list[str]] = {}
    for region in _table().values():
        if region.status == "current" and region.parent is not None:
            children.setdefault(region.parent, []).append(region.code)
    return MappingProxyType({parent: tuple(codes) for parent, codes in children.items()})


def children_of(code: str) -> tuple[str, ...]:
    """The regions in force directly below, in the order of their codes; none below a county."""
    return _children().get(code, ())


@functools.cache
def codes_within(root: str) -> frozenset[str]:
    """Every known code, retired ones included, that lies in a region."""
    return frozenset(code for code in _table() if within(code, root))
