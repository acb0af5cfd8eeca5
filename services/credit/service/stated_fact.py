"""The fact of a statement as it was read, before it is stored."""

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from services.credit.domain.facts import (
    FIELDS,
    Attributes,
    Bond,
    Fact,
    act_key,
    attributes_of,
    is_responsible,
)
from services.credit.service.source import Source
from services.credit.service.statement import Statement
from services.kernel.kinds import KINDS

_KEPT: Final = 16_384
_SECONDHAND: Final = Bond(secondhand=True)


_MEMBERS: Final = {
    kind: tuple(name for name in fields if name in {member.name for member in KINDS[kind].members})
    for kind, fields in FIELDS.items()
}
"""By kind the details that rules may look at."""


def _values_of(kind: str) -> Callable[[Any], tuple[Any, ...]]:
    """What takes these details of a statement of a kind, as something to look up by."""
    names = _MEMBERS[kind]
    if not names:
        return lambda _: ()
    read, is_listed = attrgetter(*names), any(FIELDS[kind][name].type == "texts" for name in names)
    if len(names) == 1:
        return lambda details: (read(details),)
    if not is_listed:
        return read
    return lambda details: tuple([tuple(value) if type(value) is list else value for value in read(details)])


_READ: Final = {kind: (kind, _values_of(kind)) for kind in FIELDS}
"""By kind its own code, so that equal words are one object, and what reads its details."""


def fact_of_statement(statement: Statement, record_id: str, source: Source) -> Fact:
    """What grading sees of a statement from a source; equal to `facts.fact_of_content` of the record that is stored."""
    kind, values_of = _READ[statement.kind]
    attributes, responsible = _shared(kind, values_of(statement.details))
    if statement.parties:
        parties = [(party.role, party.subject.uscc or "", party.confirmed) for party in statement.parties]
        responsible = is_responsible(kind, str(statement.subject.uscc), parties, attributes)
    number, valid_until, act = statement.document_number, statement.valid_until, None
    if number is not None or kind == "certification":
        authority = statement.authority
        named = (authority.uscc or authority.name or "") if authority else ""
        act = act_key(kind, source.authority_code or named, number, attributes)
    fact = (
        record_id, kind, statement.occurred_on.toordinal(), None if valid_until is None else valid_until.toordinal(),
        statement.assertion, statement.effect, responsible, act, False, attributes,
        _SECONDHAND if source.secondhand else None,
    )  # fmt: skip
    return tuple.__new__(Fact, fact)


@lru_cache(maxsize=_KEPT)
def _shared(kind: str, values: tuple[Any, ...]) -> tuple[Attributes, bool]:
    """The attributes of a fact, which nobody changes, and whether its subject is responsible where no party is named."""
    said = zip(_MEMBERS[kind], values, strict=True)
    attributes = attributes_of(
        kind, {name: list(value) if isinstance(value, tuple) else value for name, value in said}
    )
    return attributes, is_responsible(kind, "", (), attributes)
