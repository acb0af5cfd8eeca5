"""Personal data on its way into a file: masked in the record and its events, sealed apart from them.

Records of a kind without such members, or with none of them filled in, pay for one look.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import msgspec

from services.credit.domain.masking import masked
from services.credit.service.statement import Statement
from services.credit.settings import CreditSettings
from services.credit.store import personal_values
from services.kernel.db import AnySession, WriteSession
from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import PERSONAL
from services.kernel.sealing import Sealer, derive

PURPOSE: Final = "personal data of records"

_MASKS: Final = {
    kind.code: own
    for kind in KINDS.values()
    if (own := tuple((member.name, member.mask) for member in kind.members if member.group == PERSONAL))
}
_encode: Final = msgspec.json.Encoder().encode


def has_personal_data(statement: Statement) -> bool:
    """Whether a statement tells something of a person that is not for everybody."""
    for name, _ in _MASKS.get(statement.kind, ()):
        if isinstance(getattr(statement.details, name, None), str):
            return True
    return False


class _Sealed(msgspec.Struct):
    """What is sealed: the values, bound to the statement that they belong to."""

    record_id: str
    version: int
    values: dict[str, str]


class PersonalData:
    """The personal data of one page's statements."""

    def __init__(self, settings: CreditSettings) -> None:
        self._sealer, self._mark_key = _keys(settings.secret.get_secret_value())
        self._values: dict[bytes, dict[str, str]] = {}
        self._rows: list[tuple[str, int, bytes]] = []

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
        digest = blake2b(public + mark, digest_size=16).digest()
        self._values[digest] = values
        return public, digest

    def keep(self, record_id: str, version: int | None, digest: bytes) -> None:
        """Seal the personal data of a statement that became a version of a record."""
        values = self._values.get(digest)
        if values and version:
            sealed = self._sealer.seal(_encode(_Sealed(record_id, version, values)))
            self._rows.append((record_id, version, sealed))

    def carry(
        self, session: WriteSession, settings: CreditSettings, record_id: str, old: int, new: int
    ) -> None:
        """Seal the personal data of one version of a record for another one, which says the same of persons."""
        values = reveal(session, settings, record_id, old)
        if values:
            self._rows.append((record_id, new, self._sealer.seal(_encode(_Sealed(record_id, new, values)))))

    def write(self, session: WriteSession) -> None:
        """Write what was sealed."""
        personal_values.write(session, self._rows)


def reveal(session: AnySession, settings: CreditSettings, record_id: str, version: int) -> dict[str, str]:
    """The personal data of a record's version in clear; empty if there is none.

    Raises:
        cryptography.exceptions.InvalidTag: it was changed, or sealed under another secret.
        ValueError: it was sealed for another record.
    """
    sealed = personal_values.read(session, record_id, version)
    if sealed is None:
        return {}
    found = msgspec.json.decode(_keys(settings.secret.get_secret_value())[0].open(sealed), type=_Sealed)
    if (found.record_id, found.version) != (record_id, version):
        raise ValueError(f"what lies sealed beside version {version} of {record_id} belongs to another")
    return found.values


@lru_cache(maxsize=4)
def _keys(secret: str) -> tuple[Sealer, bytes]:
    return Sealer(secret, PURPOSE), derive(secret, f"marks of {PURPOSE}")


def _values_of(details: Any, masks: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The personal texts of a statement; a withdrawal has none."""
    return {name: value for name, _ in masks if isinstance(value := getattr(details, name, None), str)}
