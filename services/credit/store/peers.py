"""Firms of one industry in one prefecture, found by what the register states; with the scores on their cards."""

from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import text

from services.kernel.db import AnySession

INDUSTRY: Final = {
    "sqlite": "json_extract(v.content, '$.details.industry_division')",
    "postgresql": "(v.content::json #>> '{details,industry_division}')",
}
"""The division of industry in a registration; revision 0006 has the index over it, word for word."""


class Registration(NamedTuple):
    """What makes a firm comparable: the division of industry and the prefecture, both as registered."""

    industry: str
    prefecture: str


class PeerScore(NamedTuple):
    """The score on a peer's card, and the day on which the card ends."""

    uscc: str
    score: int | None
    next_change_on: date | None


def registration_of(session: AnySession, uscc: str) -> Registration | None:
    """The latest registration of an enterprise that names an industry."""
    industry = INDUSTRY[session.connection().dialect.name]
    row = (
        session.connection()
        .execute(
            text(
                f"SELECT {industry}, v.region FROM record r"
                " JOIN record_version v ON v.record_id = r.record_id AND v.version = r.current_version"
                f" WHERE r.uscc = :uscc AND v.kind = 'enterprise_registration' AND {industry} IS NOT NULL"
                " ORDER BY v.recorded_at DESC, v.record_id LIMIT 1"
            ),
            {"uscc": uscc},
        )
        .one_or_none()
    )
    return Registration(str(row[0]), row[1][:4]) if row else None


def scores_of(session: AnySession, registration: Registration, rulebook: str) -> list[PeerScore]:
    """The cards of all firms with such a registration."""
    industry = INDUSTRY[session.connection().dialect.name]
    rows = session.connection().execute(
        text(
            "SELECT DISTINCT c.uscc, c.score, c.next_change_on FROM record_version v"
            " JOIN record r ON r.record_id = v.record_id AND r.current_version = v.version"
            " JOIN card c ON c.uscc = r.uscc AND c.rulebook = :rulebook"
            f" WHERE v.kind = 'enterprise_registration' AND {industry} = :industry"
            " AND substr(v.region, 1, 4) = :prefecture"
        ),
        {"rulebook": rulebook, **registration._asdict()},
    )
    return [PeerScore(uscc, score, _day(until)) for uscc, score, until in rows]


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
