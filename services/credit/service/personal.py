"""Personal data on its way into a file: masked before anything is written, told apart by a keyed digest.

What stood there in clear is kept nowhere in credit: no task of it needs more than the mask. Records of a kind without
such members, or with none of them filled in, pay for one look.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import msgspec

from services.credit.domain.masking import masked
from services.credit.service.statement import Statement
from services.credit.settings import CreditSettings
from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import PERSONAL
from services.kernel.sealing import derive

_MASKS: Final = {
    kind.code: own
    for kind in KINDS.values()
    if (own := tuple((member.name, member.mask) for member in kind.members if member.group == PERSONAL))
}
_encode: Final = msgspec.json.Encoder().encode


class PersonalData:
    """Conceals the personal data of statements under a key of the service."""

    def __init__(self, settings: CreditSettings) -> None:
        self._mark_key = _mark_key(settings.secret.get_secret_value())

    def conceal(self, statement: Statement, canonical: bytes) -> tuple[bytes, bytes]:
        """A statement as the file shows it, and the digest by which it is compared.

        The digest tells two persons apart behind one mask; it is keyed, so that nobody without the service's secret
        can try names and numbers against it.
        """
        masks = _MASKS.get(statement.kind)
        values = _values_of(statement.details, masks) if masks else None
        if not masks or not values:
            return canonical, blake2b(canonical, digest_size=16).digest()
        shown = {name: masked(values[name], how) for name, how in masks if name in values}
        details = msgspec.structs.replace(statement.details, **shown)
        public = _encode(msgspec.structs.replace(statement, details=details))
        mark = blake2b(_encode(values), key=self._mark_key, digest_size=16).digest()
        return public, blake2b(public + mark, digest_size=16).digest()


@lru_cache(maxsize=4)
def _mark_key(secret: str) -> bytes:
    return derive(secret, "marks of personal data")


def _values_of(details: Any, masks: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The personal texts of a statement; a withdrawal has none."""
    return {name: value for name, _ in masks if isinstance(value := getattr(details, name, None), str)}
