"""What a grant must be: a direction, a kind, regions, field groups, a purpose and its legal basis, and its days."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Direction = Literal["push", "pull"]
EVERY_KIND: Final = "*"
GRADES: Final = "grade"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A grant as somebody asks for it; days are inclusive."""

    agency: str
    direction: str
    kind: str
    regions: tuple[str, ...]
    groups: tuple[str, ...]
    purpose: str
    basis: str
    valid_from: date
    valid_until: date | None = None


def objections(
    proposal: Proposal, *, kinds: Collection[str], groups: Collection[str], unknown_regions: Collection[str]
) -> list[str]:
    """All reasons why a grant may not be given as proposed, in words; none when it may."""
    found = []
    if proposal.direction not in ("push", "pull"):
        found.append(f"direction {proposal.direction!r} is neither push nor pull")
    if proposal.kind not in (*kinds, EVERY_KIND, GRADES):
        found.append(
            f"kind {proposal.kind!r} is unknown; one of {', '.join(kinds)}, {EVERY_KIND} or {GRADES}"
        )
    if proposal.kind == GRADES and proposal.direction == "push":
        found.append("grades follow from records and are never pushed")
    if not proposal.regions:
        found.append("a grant names at least one region")
    found += [f"region {region!r} is unknown" for region in unknown_regions]
    if not proposal.groups:
        found.append("a grant names at least one field group")
    found += [
        f"field group {group!r} is unknown; one of {', '.join(groups)}"
        for group in proposal.groups
        if group not in groups
    ]
    if not proposal.purpose.strip() or not proposal.basis.strip():
        found.append("a grant states its purpose and its legal basis")
    if proposal.valid_until is not None and proposal.valid_until < proposal.valid_from:
        found.append("the last day lies before the first")
    return found
