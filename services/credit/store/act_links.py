"""What people decided about pairs of records, and the pairs that wait for a decision."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import and_, or_
from sqlmodel import col, delete, select

from services.credit.domain.act import Link
from services.credit.domain.likeness import Candidate
from services.credit.tables import ActCandidate, ActLink
from services.kernel.bulk import select_by_key
from services.kernel.db import AnySession, WriteSession

LINK: Final = ActLink.__table__  # type: ignore[attr-defined]  # added by the table metaclass
CANDIDATE: Final = ActCandidate.__table__  # type: ignore[attr-defined]  # added by the table metaclass
IN_EFFECT: Final = "in_effect"
UNDONE: Final = "undone"
_LINK: Final = ("uscc", "id", "first", "second", "relation", "leading_record", "first_act", "second_act")


class Waiting(NamedTuple):
    """A pair of records that waits for a decision; `grounds` are words with a blank between."""

    first: str
    second: str
    grounds: str


def of_firms(session: AnySession, codes: Collection[str]) -> dict[str, list[Link]]:
    """The links in effect of some enterprises."""
    found: dict[str, list[Link]] = {}
    for uscc, *link in select_by_key(
        session, LINK, "uscc", list(codes), _LINK, suffix=f"AND state = '{IN_EFFECT}'"
    ):
        found.setdefault(uscc, []).append(Link(*link))
    return found


def every(session: AnySession) -> dict[str, list[Link]]:
    """All links in effect, by enterprise."""
    found: dict[str, list[Link]] = {}
    for row in session.exec(select(ActLink).where(ActLink.state == IN_EFFECT)):
        found.setdefault(row.uscc, []).append(link_of(row))
    return found


def link_of(row: ActLink) -> Link:
    """A stored decision as the rules know it."""
    return Link(
        row.id, row.first, row.second, row.relation, row.leading_record, row.first_act, row.second_act
    )


def find(session: AnySession, link_id: str) -> ActLink | None:
    """One decision."""
    return session.get(ActLink, link_id)


def page_of(
    session: AnySession, *, uscc: str | None, before: tuple[datetime, str] | None, limit: int
) -> Sequence[ActLink]:
    """Decisions, undone ones included, the latest first."""
    query = select(ActLink)
    if uscc is not None:
        query = query.where(ActLink.uscc == uscc)
    if before is not None:
        instant, link_id = before
        decided_at = col(ActLink.decided_at)
        query = query.where(or_(decided_at < instant, and_(decided_at == instant, col(ActLink.id) < link_id)))
    query = query.order_by(col(ActLink.decided_at).desc(), col(ActLink.id).desc()).limit(limit)
    return session.exec(query).all()


def candidates_of(session: AnySession, codes: Collection[str]) -> dict[str, list[Waiting]]:
    """The pairs that wait in some enterprises."""
    found: dict[str, list[Waiting]] = {}
    columns = ("uscc", *Waiting._fields)
    for uscc, *pair in select_by_key(session, CANDIDATE, "uscc", list(codes), columns):
        found.setdefault(uscc, []).append(Waiting(*pair))
    return found


def candidates_page(
    session: AnySession, *, uscc: str | None, after: tuple[str, str, str] | None, limit: int
) -> Sequence[ActCandidate]:
    """Pairs that wait, in order of enterprise and record."""
    query = select(ActCandidate)
    if uscc is not None:
        query = query.where(ActCandidate.uscc == uscc)
    if after is not None:
        code, first, second = after
        query = query.where(
            or_(
                col(ActCandidate.uscc) > code,
                and_(col(ActCandidate.uscc) == code, col(ActCandidate.first) > first),
                and_(
                    col(ActCandidate.uscc) == code,
                    col(ActCandidate.first) == first,
                    col(ActCandidate.second) > second,
                ),
            )
        )
    query = query.order_by(col(ActCandidate.uscc), col(ActCandidate.first), col(ActCandidate.second))
    return session.exec(query.limit(limit)).all()


def replace_candidates(
    session: WriteSession, uscc: str, gone: Iterable[Waiting], new: Iterable[Candidate], now: datetime
) -> None:
    """Take pairs that need no decision any more out of the queue, and enter new ones."""
    for row in gone:
        session.exec(
            delete(ActCandidate).where(
                col(ActCandidate.uscc) == uscc,
                col(ActCandidate.first) == row.first,
                col(ActCandidate.second) == row.second,
            )
        )
    session.add_all(
        ActCandidate(
            uscc=uscc, first=each.first, second=each.second, kind=each.kind, grounds=" ".join(each.grounds), found_at=now
        )
        for each in new
    )  # fmt: skip
    session.flush()
