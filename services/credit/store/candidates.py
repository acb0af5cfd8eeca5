"""Enterprises that an item without a code may be about: by other identifiers, and by parts of their names."""

from collections.abc import Iterable, Sequence
from typing import Final

from services.credit.domain.identification import Known
from services.credit.store.aliases import ALIAS
from services.credit.store.enterprises import ENTERPRISE, NAME
from services.credit.store.names import fold, search
from services.kernel.bulk import select_by_key
from services.kernel.db import AnySession

MOST_BY_NAME: Final = 40


def by_identifiers(session: AnySession, values: Iterable[str]) -> list[Known]:
    """The enterprises with one of these organisation codes or other identifiers."""
    sought = sorted({value for value in values if value.isascii() and value.isalnum()})
    if not sought:
        return []
    inside = [value for value in sought if len(value) == 9]
    codes = {
        row[0]
        for row in select_by_key(session, ENTERPRISE, "substr(uscc, 9, 9)", inside, ("uscc", "version"))
        if row[1]
    }
    codes |= {row[0] for row in select_by_key(session, ALIAS, "value", sought, ("uscc",))}
    return of_codes(session, codes)


def by_name(session: AnySession, parts: Iterable[str]) -> list[Known]:
    """The enterprises one of whose names holds one of these parts; the closest ones where there are many."""
    codes = {
        hit.uscc
        for part in dict.fromkeys(parts)
        if len(fold(part)) >= 2
        for hit in search(session, part, after=None, limit=MOST_BY_NAME)
    }
    return of_codes(session, codes)


def of_codes(session: AnySession, codes: Iterable[str]) -> list[Known]:
    """Enterprises with their names and identifiers, those that have a file."""
    held = sorted(set(codes))
    former: dict[str, list[str]] = {}
    numbers: dict[str, set[str]] = {}
    for uscc, name, until in select_by_key(session, NAME, "uscc", held, ("uscc", "name", "until")):
        if until is not None:
            former.setdefault(uscc, []).append(name)
    for uscc, value in select_by_key(session, ALIAS, "uscc", held, ("uscc", "value")):
        numbers.setdefault(uscc, set()).add(value)
    rows: Sequence[Sequence[str]] = select_by_key(
        session, ENTERPRISE, "uscc", held, ("uscc", "name", "region", "version"), suffix="ORDER BY uscc"
    )
    return [
        Known(uscc, name, region, tuple(former.get(uscc, ())), frozenset(numbers.get(uscc, ())))
        for uscc, name, region, version in rows
        if version
    ]
