"""Other identifiers of enterprises: old registration numbers, organisation codes as sources write them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import text

from services.credit.store.names import Hit
from services.credit.tables import EnterpriseAlias
from services.kernel.bulk import plain_value
from services.kernel.db import AnySession, WriteSession

REGISTRATION_NUMBER: Final = "registration_number"
ORGANISATION_CODE: Final = "organisation_code"
ALIAS: Final = EnterpriseAlias.__table__  # type: ignore[attr-defined]  # added by the table metaclass


class Alias(NamedTuple):
    """An identifier of an enterprise in a scheme."""

    uscc: str
    scheme: str
    value: str


def remember(session: WriteSession, aliases: Iterable[Alias], since: datetime) -> None:
    """Enter identifiers that are not known yet."""
    on_sqlite = session.connection().dialect.name == "sqlite"
    rows = [
        {
            "uscc": alias.uscc,
            "scheme": alias.scheme,
            "value": alias.value,
            "since": plain_value(since) if on_sqlite else since,
        }
        for alias in sorted(set(aliases))
    ]
    if rows:
        session.connection().execute(
            text(
                "INSERT INTO enterprise_alias (uscc, scheme, value, since) VALUES (:uscc, :scheme, :value, :since)"
                " ON CONFLICT DO NOTHING"
            ),
            rows,
        )


def forget(session: WriteSession, aliases: Iterable[Alias]) -> None:
    """Take identifiers away."""
    rows = [alias._asdict() for alias in sorted(set(aliases))]
    if rows:
        session.connection().execute(
            text("DELETE FROM enterprise_alias WHERE uscc = :uscc AND scheme = :scheme AND value = :value"),
            rows,
        )


def of(session: AnySession, uscc: str) -> list[dict[str, str]]:
    """The other identifiers of an enterprise."""
    rows = session.connection().execute(
        text("SELECT scheme, value FROM enterprise_alias WHERE uscc = :uscc ORDER BY scheme, value"),
        {"uscc": uscc},
    )
    return [{"scheme": scheme, "value": value} for scheme, value in rows]


_FIND: Final = (
    "SELECT e.uscc, e.name, e.region FROM enterprise e WHERE e.version > 0 AND (substr(e.uscc, 9, 9) = :value"
    " OR e.uscc IN (SELECT a.uscc FROM enterprise_alias a WHERE a.value = :value)) ORDER BY e.uscc LIMIT 20"
)


def find(session: AnySession, value: str) -> Sequence[Hit]:
    """Enterprises with this identifier: an alias, or the organisation code inside their code."""
    rows = session.connection().execute(text(_FIND), {"value": value})
    return [Hit(0, 0, uscc, name or uscc, value, region) for uscc, name, region in rows]
