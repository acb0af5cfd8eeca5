"""Cases of remedies and their steps."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, or_
from sqlmodel import col, select

from services.credit.tables import RemedyCase, RemedyStep
from services.kernel.db import AnySession, WriteSession


def find(session: AnySession, type_: str, case_id: str) -> RemedyCase | None:
    """One case."""
    case = session.get(RemedyCase, case_id)
    return case if case is not None and case.type == type_ else None


def of_record(session: AnySession, record_id: str) -> Sequence[RemedyCase]:
    """Every case about a record, the oldest first."""
    return session.exec(
        select(RemedyCase)
        .where(RemedyCase.record_id == record_id)
        .order_by(col(RemedyCase.filed_at), col(RemedyCase.id))
    ).all()


def comparing(session: AnySession, codes: Collection[str]) -> Sequence[RemedyCase]:
    """The platform's data queries about records of some enterprises, the oldest first."""
    return session.exec(
        select(RemedyCase)
        .where(col(RemedyCase.compared_with).is_not(None), col(RemedyCase.uscc).in_(sorted(codes)))
        .order_by(col(RemedyCase.filed_at), col(RemedyCase.id))
    ).all()


def every(session: AnySession) -> Iterable[RemedyCase]:
    """All cases in the order in which they were filed."""
    return session.exec(select(RemedyCase).order_by(col(RemedyCase.filed_at), col(RemedyCase.id)))


def steps_of(session: AnySession, case_id: str) -> Sequence[RemedyStep]:
    """The steps of a case in order."""
    return session.exec(
        select(RemedyStep).where(RemedyStep.case_id == case_id).order_by(col(RemedyStep.no))
    ).all()


def page_of(
    session: AnySession,
    type_: str,
    *,
    uscc: str | None,
    record_id: str | None,
    state: str | None,
    filers: Sequence[str] | None,
    providers: Sequence[str] | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[RemedyCase]:
    """Cases of a type, the latest first; `filers` and `providers` together mean either."""
    query = select(RemedyCase).where(RemedyCase.type == type_)
    if uscc is not None:
        query = query.where(RemedyCase.uscc == uscc)
    if record_id is not None:
        query = query.where(RemedyCase.record_id == record_id)
    if state is not None:
        query = query.where(RemedyCase.state == state)
    parties = []
    if filers is not None:
        parties.append(col(RemedyCase.filer).in_(filers))
    if providers is not None:
        parties.append(col(RemedyCase.provider).in_(providers))
    if parties:
        query = query.where(or_(*parties))
    if before is not None:
        instant, case_id = before
        filed_at = col(RemedyCase.filed_at)
        query = query.where(or_(filed_at < instant, and_(filed_at == instant, col(RemedyCase.id) < case_id)))
    query = query.order_by(col(RemedyCase.filed_at).desc(), col(RemedyCase.id).desc()).limit(limit)
    return session.exec(query).all()


def add(session: WriteSession, case: RemedyCase, step: RemedyStep) -> None:
    """Enter a case, or a changed one, with the step that made or changed it."""
    session.add(case)
    session.add(step)
    session.flush()
