"""Sealed personal data, beside the versions that it belongs to."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from services.credit.tables import PersonalValue
from services.kernel.bulk import insert_rows
from services.kernel.db import AnySession, WriteSession

PERSONAL_VALUE: Final = PersonalValue.__table__  # type: ignore[attr-defined]  # added by the table metaclass
_COLUMNS: Final = ("record_id", "version", "sealed")


def write(session: WriteSession, rows: Sequence[tuple[str, int, bytes]]) -> None:
    """Store sealed values: record, version, bytes."""
    if rows:
        insert_rows(session, PERSONAL_VALUE, _COLUMNS, rows)


def read(session: AnySession, record_id: str, version: int) -> bytes | None:
    """The sealed values of a version."""
    found = session.connection().execute(
        text("SELECT sealed FROM personal_value WHERE record_id = :record_id AND version = :version"),
        {"record_id": record_id, "version": version},
    )
    sealed = found.scalar_one_or_none()
    return None if sealed is None else bytes(sealed)
