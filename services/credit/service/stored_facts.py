"""The stored form of an enterprise's facts, which is read by the million: what few facts have of their own is shared."""

from functools import lru_cache
from typing import Any, Final, Literal

import msgspec

from services.credit.domain.effect import FOLLOWING
from services.credit.domain.facts import FIELDS, Attributes, Bond, Fact
from services.kernel.kinds.kind import Assertion

_KIND: Any = Literal[tuple(FIELDS)]
_ASSERTION: Any = Literal[tuple(each.value for each in Assertion)]
_EFFECT: Any = Literal[tuple(FOLLOWING)]
_ROW: Any = tuple[
    str, _KIND, int, int | None, _ASSERTION, _EFFECT, bool, str | None, bool, msgspec.Raw, msgspec.Raw
]
"""A fact whose attributes and bond are still to be read; each of the known words is one text for all facts."""

_KEPT: Final = 16_384
_read_rows: Final = msgspec.json.Decoder(list[_ROW]).decode
_read_facts: Final = msgspec.json.Decoder(list[Fact]).decode
_read_attributes: Final = lru_cache(maxsize=_KEPT)(msgspec.json.Decoder(Attributes).decode)
_read_bond: Final = lru_cache(maxsize=_KEPT)(msgspec.json.Decoder(Bond | None).decode)
_encode: Final = msgspec.json.Encoder().encode


def read_facts(stored: str | bytes) -> list[Fact]:
    """The facts of an enterprise from their stored form. Facts that say the same share their attributes, which nobody
    changes."""
    try:
        rows: list[Any] = _read_rows(stored)
    except msgspec.ValidationError:
        return _read_facts(stored)  # with words or a length of before
    return [
        tuple.__new__(
            Fact,
            (
                record_id, kind, occurred_on, valid_until, assertion, effect, responsible, act, disputed,
                _read_attributes(bytes(attributes)), _read_bond(bytes(bond)),
            ),
        )
        for record_id, kind, occurred_on, valid_until, assertion, effect, responsible, act, disputed, attributes, bond in rows
    ]  # fmt: skip


def facts_text(facts: list[Fact]) -> bytes:
    """The stored form of an enterprise's facts."""
    return _encode(facts)
