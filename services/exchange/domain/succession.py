"""A reform between agencies (机构改革): what of a grant goes to a successor, and what may not be planned.

A successor's grant is the part of its predecessor's that lies in what it took over: its kinds, its regions, the same
field groups, purpose and end. It is never wider.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from services.exchange.domain.grant import EVERY_KIND, GRADES

LONGEST_OVERLAP_DAYS: Final = 366
Within = Callable[[str, str], bool]
"""Whether a region lies within another one."""


@dataclass(frozen=True, slots=True)
class Part:
    """A function that goes over, with the kinds of record that belong to it, in regions.

    `is_main`: to this successor falls what no part names. `with_credentials`: it gets a new credential for each of the
    predecessor's.
    """

    predecessor: str
    successor: str
    function: str
    kinds: tuple[str, ...]
    regions: tuple[str, ...]
    is_main: bool
    with_credentials: bool


@dataclass(frozen=True, slots=True)
class Reform:
    """Who takes over what, on which day and by which document; old credentials and grants live on for the overlap."""

    document: str
    effective_on: date
    overlap_days: int
    parts: tuple[Part, ...]
    ends: tuple[str, ...]

    @property
    def last_day(self) -> date:
        """The last day on which the old agencies still act for themselves."""
        return self.effective_on + timedelta(days=self.overlap_days - 1)

    @property
    def predecessors(self) -> list[str]:
        """The agencies that give something up, in the plan's order."""
        return list(dict.fromkeys(part.predecessor for part in self.parts))

    def parts_of(self, predecessor: str) -> list[Part]:
        """What goes over from an agency."""
        return [part for part in self.parts if part.predecessor == predecessor]

    def main_heir(self, predecessor: str) -> str | None:
        """To whom everything falls that no part names."""
        return next((part.successor for part in self.parts_of(predecessor) if part.is_main), None)


@dataclass(frozen=True, slots=True)
class Held:
    """A grant as it stands, or as it goes over; days are inclusive."""

    direction: str
    kind: str
    regions: tuple[str, ...]
    groups: tuple[str, ...]
    purpose: str
    basis: str
    valid_from: date
    valid_until: date | None


def passed_on(grant: Held, part: Part, *, on: date, within: Within) -> list[Held]:
    """What of a grant goes over with a part from a day on; nothing of one that is over by then."""
    common = [
        narrow
        for held in grant.regions
        for taken in part.regions
        if (narrow := _narrower(held, taken, within)) is not None
    ]
    narrowed = tuple(dict.fromkeys(common))
    is_over = grant.valid_until is not None and grant.valid_until < on
    if is_over or not narrowed:
        return []
    first = max(on, grant.valid_from)
    return [
        replace(grant, kind=kind, regions=narrowed, valid_from=first)
        for kind in _common_kinds(grant.kind, part.kinds)
        if (grant.direction, kind) != ("push", GRADES)
    ]


def _narrower(one: str, other: str, within: Within) -> str | None:
    if within(one, other):
        return one
    return other if within(other, one) else None


def _common_kinds(held: str, taken: Sequence[str]) -> Sequence[str]:
    if EVERY_KIND in taken:
        return (held,)
    if held == EVERY_KIND:
        return taken
    return (held,) if held in taken else ()


def is_given_up(grant: Held, parts: Iterable[Part], within: Within) -> bool:
    """Whether an agency that lives on gave up all that a push grant of it covers."""
    if grant.direction != "push":
        return False
    taken = [part for part in parts if EVERY_KIND in part.kinds or grant.kind in part.kinds]
    return all(
        any(within(region, root) for part in taken for root in part.regions) for region in grant.regions
    )


def faults(
    reform: Reform,
    *,
    places: Mapping[str, str],
    kinds: Collection[str],
    known_region: Callable[[str], bool],
    within: Within,
    today: date,
) -> list[str]:
    """Every reason why a reform may not be carried out as planned, in words. `places` are the regions of all agencies,
    those that the plan registers included."""
    found = []
    if not reform.document.strip():
        found.append("a reform names its document")
    if reform.effective_on > today:
        found.append(f"effective_on {reform.effective_on} has not come: carry the reform out on its day")
    if not 0 <= reform.overlap_days <= LONGEST_OVERLAP_DAYS:
        found.append(f"overlap_days is between 0 and {LONGEST_OVERLAP_DAYS}")
    if not reform.parts:
        found.append("the plan names no succession")
    for part in reform.parts:
        found += _part_faults(part, places, kinds, known_region, within)
    found += [
        f"{agency} ends and nobody succeeds it" for agency in reform.ends if not reform.parts_of(agency)
    ]
    for predecessor in reform.predecessors:
        found += _division_faults(predecessor, reform)
    return found


def _part_faults(
    part: Part,
    places: Mapping[str, str],
    kinds: Collection[str],
    known_region: Callable[[str], bool],
    within: Within,
) -> list[str]:
    what = f"succession {part.predecessor} → {part.successor} ({part.function})"
    found = [
        f"{what}: agency {agency!r} is unknown; [[agency]] registers one"
        for agency in (part.predecessor, part.successor)
        if agency not in places
    ]
    if not part.function.strip():
        found.append(f"{what}: name the function")
    if part.predecessor == part.successor:
        found.append(f"{what}: an agency does not succeed itself")
    found += [f"{what}: kind {kind!r} is unknown" for kind in part.kinds if kind not in (*kinds, EVERY_KIND)]
    found += [f"{what}: region {region!r} is unknown" for region in part.regions if not known_region(region)]
    home = places.get(part.predecessor)
    found += [
        f"{what}: region {region} does not lie in the predecessor's, {home}"
        for region in part.regions
        if home is not None and known_region(region) and not within(region, home)
    ]
    return found


def _division_faults(predecessor: str, reform: Reform) -> list[str]:
    parts = reform.parts_of(predecessor)
    found = []
    mains = {part.successor for part in parts if part.is_main}
    if len(mains) > 1:
        found.append(f"{predecessor} has several main successors: {', '.join(sorted(mains))}")
    if predecessor in reform.ends and not mains:
        found.append(f"{predecessor} ends with several successors: mark the main one with main = true")
    if len({part.successor for part in parts if part.with_credentials}) > 1:
        found.append(f"{predecessor}: credentials = true stands for one successor only")
    names = [(part.successor, part.function, region) for part in parts for region in part.regions]
    found += [
        f"{predecessor}: {function} in {region} goes to {successor} twice"
        for successor, function, region in dict.fromkeys(names)
        if names.count((successor, function, region)) > 1
    ]
    for place, part in enumerate(parts):
        found += [
            f"{predecessor}: {kind} in {region} goes to {part.successor} and to {other.successor}"
            for other in parts[place + 1 :]
            if other.successor != part.successor
            for kind in sorted({*part.kinds} & {*other.kinds})
            for region in sorted({*part.regions} & {*other.regions})
        ]
    return found
