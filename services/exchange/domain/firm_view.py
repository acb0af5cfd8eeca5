"""What a firm learns of who read its restricted fields: agency, day, purpose, groups; nothing by which a case or a person
could be found, and nothing at all of an open investigation, not even that something is missing."""

from collections.abc import Callable, Iterable
from typing import Final

HIDDEN: Final = "***"


def masked_officer(officer: str | None) -> str | None:
    """An officer as others than the own agency see it: the first character and the last."""
    if officer is None:
        return None
    return f"{officer[0]}{HIDDEN}{officer[-1]}" if len(officer) > 2 else HIDDEN


def names_firm(
    covers: Callable[[str, str], bool], after: int, through: int, events: Iterable[tuple[int, str, str]]
) -> bool:
    """Whether a pull over some places told of a firm, whose events are given as place, kind and region; `covers` says of
    a kind in a region whether the pull did."""
    return any(after < seq <= through and covers(kind, region) for seq, kind, region in events)
