"""Acts that merge, split or succeed firms or tie branches to head offices, and the firms they name."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import col, or_, select, tuple_

from services.credit.domain.restructuring import RELATIONS, RestructuringType, successors_of
from services.credit.store import aliases
from services.credit.store.aliases import Alias
from services.credit.tables import Restructuring, RestructuringParty
from services.kernel.db import AnySession, WriteSession


class Sides(NamedTuple):
    """The firms of an act: first those that are merged, split, succeeded or branches, then the others."""

    first: tuple[str, ...]
    second: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Both sides."""
        return (*self.first, *self.second)


def find(session: AnySession, act_id: str) -> Restructuring | None:
    """One act."""
    return session.get(Restructuring, act_id)


def sides_of(session: AnySession, act_id: str) -> Sides:
    """The firms of an act in the order in which they were named."""
    query = select(RestructuringParty).where(RestructuringParty.act_id == act_id)
    rows = session.exec(query.order_by(col(RestructuringParty.place))).all()
    return Sides(
        tuple(row.uscc for row in rows if row.is_first), tuple(row.uscc for row in rows if not row.is_first)
    )


def add(session: WriteSession, act: Restructuring, sides: Sides) -> None:
    """Enter an act with its firms, and the relations that their files show."""
    session.add(act)
    session.add_all(
        RestructuringParty(act_id=act.id, uscc=code, is_first=place < len(sides.first), place=place)
        for place, code in enumerate(sides.all)
    )
    session.flush()
    aliases.remember(session, _relations(act, sides), act.recorded_at)


def close(session: WriteSession, act: Restructuring, sides: Sides) -> None:
    """Keep that an act was undone, and take back the relations that no other act in force makes."""
    session.add(act)
    session.flush()
    kept = {
        relation
        for other in in_force(session, sides.all)
        for relation in _relations(other, sides_of(session, other.id))
    }
    aliases.forget(session, set(_relations(act, sides)) - kept)


def _relations(act: Restructuring, sides: Sides) -> Iterable[Alias]:
    relation = RELATIONS[RestructuringType(act.type)]
    for first in sides.first:
        for second in sides.second:
            yield Alias(first, relation.of_first, second)
            yield Alias(second, relation.of_second, first)


def in_force(session: AnySession, codes: Sequence[str]) -> Sequence[Restructuring]:
    """The acts in force that name one of the firms, in the order in which they were entered."""
    named = select(RestructuringParty.act_id).where(col(RestructuringParty.uscc).in_(codes))
    query = select(Restructuring).where(
        col(Restructuring.id).in_(named), col(Restructuring.undone_at).is_(None)
    )
    return session.exec(query.order_by(col(Restructuring.recorded_at), col(Restructuring.id))).all()


def successors(session: AnySession, code: str) -> tuple[str, ...]:
    """To whom a firm's code points, by every act in force."""
    acts = [(act, sides_of(session, act.id)) for act in in_force(session, [code])]
    return successors_of(
        (RestructuringType(act.type), act.continues, sides.second)
        for act, sides in acts
        if code in sides.first
    )


def every_pointer(session: AnySession) -> dict[str, str]:
    """The successors of every firm that has any, as its row keeps them."""
    codes = session.connection().execute(
        text("SELECT DISTINCT uscc FROM restructuring_party WHERE is_first ORDER BY uscc")
    )
    found = {code: ",".join(successors(session, code)) for (code,) in codes.all()}
    return {code: pointer for code, pointer in found.items() if pointer}


def page_of(
    session: AnySession,
    *,
    uscc: str | None,
    type_: str | None,
    known_at: datetime | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Restructuring]:
    """Acts in force, now or as was known at an instant, the one entered last first."""
    query = select(Restructuring)
    if uscc is not None:
        named = select(RestructuringParty.act_id).where(RestructuringParty.uscc == uscc)
        query = query.where(col(Restructuring.id).in_(named))
    if type_ is not None:
        query = query.where(Restructuring.type == type_)
    if known_at is None:
        query = query.where(col(Restructuring.undone_at).is_(None))
    else:
        undone_at = col(Restructuring.undone_at)
        query = query.where(Restructuring.recorded_at <= known_at)
        query = query.where(or_(undone_at.is_(None), undone_at > known_at))
    if before is not None:
        query = query.where(tuple_(col(Restructuring.recorded_at), col(Restructuring.id)) < before)
    query = query.order_by(col(Restructuring.recorded_at).desc(), col(Restructuring.id).desc())
    return session.exec(query.limit(limit)).all()
