"""What makes a product: its producer, name, brand and model, as far as they are surely the same. Pure.

Two statements speak of one product only if all four agree once written alike (width, case, blanks, signs). What one of
them leaves out makes another product: a wrong merge would charge a product with another's failures, a missed one does not.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, NamedTuple

Parties = Sequence[tuple[str, str, bool]]
"""(role, uscc, confirmed) of each party."""

_MAKERS: Final = frozenset(
    {
        "certification",
        "recall",
        "self_disclosure",
        "spot_check",
        "standard_declaration",
        "standard_forerunner",
        "traceability_statement",
    }
)
"""Kinds whose subject is the producer by the form itself (标称生产企业, 生产者, 声明企业)."""
_NOTHING: Final = frozenset(
    {"", "/", "-", "--", "无", "暂无", "无商标", "空", "null", "none", "n/a", "未标注", "不详"}
)
_ALIKE: Final = str.maketrans(
    dict.fromkeys("®™©") | dict.fromkeys("×✕✖*＊", "x") | dict.fromkeys("‐‑‒–—―－", "-")
)
_KEPT: Final = 65_536


class Identity(NamedTuple):
    """A product: the producer's code, and name, brand and model as `key_of` writes them ("" where not stated)."""

    producer: str
    name: str
    brand: str
    model: str

    @property
    def id(self) -> str:
        """The product's id: a digest of what makes it."""
        return blake2b("\x1f".join(self).encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=_KEPT)
def key_of(text: str | None) -> str:
    """A text in the form in which two ways of writing it are equal; "" for blanks and placeholders."""
    if text is None:
        return ""
    plain = "".join(unicodedata.normalize("NFKC", text.translate(_ALIKE)).split()).casefold()
    folded = unicodedata.normalize("NFKC", plain)
    return "" if folded in _NOTHING else folded


def identity_of(
    kind: str,
    subject: str,
    stage: str | None,
    parties: Parties,
    *,
    result: str | None,
    name: str,
    brand: str | None,
    model: str | None,
) -> Identity | None:
    """The product that a record speaks of; None where nobody is surely its producer, or it has no name."""
    producer, key = producer_of(kind, subject, stage, parties, result=result), key_of(name)
    if producer is None or not key:
        return None
    return tuple.__new__(Identity, (producer, key, key_of(brand), key_of(model)))


def producer_of(
    kind: str, subject: str, stage: str | None, parties: Parties, *, result: str | None
) -> str | None:
    """Whose product a record speaks of: the one named producer if it is confirmed, or the subject where the form or the
    stage makes it the producer. A pass needs no confirmation; any other result of a check does (design, I10)."""
    is_pass = kind == "spot_check" and result == "pass"
    if parties and any(role == "producer" for role, _, _ in parties):
        named = {uscc for role, uscc, confirmed in parties if role == "producer" and (confirmed or is_pass)}
        return named.pop() or None if len(named) == 1 else None
    if kind == "spot_check":
        return subject if is_pass else None
    return subject if kind in _MAKERS or stage == "production" else None


def identity_of_content(record: Mapping[str, Any]) -> Identity | None:
    """The product of a stored record, read from its own JSON; None for one without a product."""
    product = record["product"]
    if product is None:
        return None
    parties = [(p["role"], p["subject"]["uscc"] or "", p["confirmed"]) for p in record["parties"]]
    return identity_of(
        record["kind"], record["subject"]["uscc"], record["stage"], parties, result=record["details"].get("result"),
        name=product["name"], brand=product["brand"], model=product["model"],
    )  # fmt: skip
