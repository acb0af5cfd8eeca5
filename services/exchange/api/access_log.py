"""The access log: restricted reads, each with purpose and case, as far as the caller may search it."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from services.exchange.api.reach import agencies_in_reach
from services.exchange.api.sessions import Reading, ThisExchange
from services.exchange.context import Exchange
from services.exchange.store import access_log
from services.exchange.tables import AccessLogEntry
from services.kernel import paging
from services.kernel.access import AgencyOrStaff, AgencyPrincipal, StaffPrincipal
from services.kernel.clock import SHANGHAI, to_wire
from services.kernel.problems import Problem
from services.kernel.purpose import Purpose

router: Final = APIRouter(prefix="/v1/access-log", tags=["access log"])


class PulledRange(BaseModel):
    """The events of the journal that a pull answered with."""

    epoch: int
    after: int
    through: int


class AccessLogItem(BaseModel):
    """One read of restricted fields: when, by whom, of which enterprise, what for. A pull of changes names no one
    enterprise but its range, the number of firms in a page (null of a stream), and the grants behind it."""

    id: str
    at: str
    agency: str
    client_id: str
    uscc: str | None
    route: str = Field(description="file, records or changes")
    purpose: str = Field(description="A purpose, or `subscription` of a pull that states none")
    case_number: str
    groups: list[str]
    request_id: str
    covers: PulledRange | None = None
    firms: int | None = None
    grants: list[str] | None = None


class AccessLogPage(BaseModel):
    """A page of the access log, the latest read first."""

    items: list[AccessLogItem]
    next: str | None


@router.get("")
def search_access_log(
    exchange: ThisExchange,
    session: Reading,
    caller: AgencyOrStaff,
    response: Response,
    agency: Annotated[str | None, Query(max_length=64, description="Only reads by this agency.")] = None,
    uscc: Annotated[str | None, Query(max_length=18, description="Only reads of this enterprise.")] = None,
    purpose: Annotated[
        Purpose | Literal["subscription"] | None, Query(description="Only reads for this purpose.")
    ] = None,
    case_number: Annotated[str | None, Query(max_length=100, description="Only reads for this case.")] = None,
    since: Annotated[date | None, Query(description="From this day in China on.")] = None,
    until: Annotated[date | None, Query(description="Through this day in China.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: str | None = None,
) -> AccessLogPage:
    """Restricted reads: an agency's system sees its agency's own, an agency's administrator those of the agencies in
    reach, an auditor all. An entry comes within seconds of its read."""
    search = access_log.Search(
        agencies=_agencies(exchange, caller, agency), uscc=uscc, purpose=purpose, case_number=case_number, since=_start(since),
        before=_start(until + timedelta(days=1)) if until else None,
    )  # fmt: skip
    key, binding = exchange.key("cursors"), f"access-log:{caller.agency}:{search}"
    found = access_log.page_of(session, search, after=_after(key, cursor, binding), limit=limit + 1)
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = paging.encode(key, [last.at.isoformat(), last.id], binding=binding)
        response.headers["Link"] = f'<{router.prefix}?cursor={following}>; rel="next"'
    return AccessLogPage(items=[_item(row) for row in found[:limit]], next=following)


def _agencies(
    exchange: Exchange, caller: AgencyPrincipal | StaffPrincipal, asked: str | None
) -> tuple[str, ...] | None:
    if isinstance(caller, AgencyPrincipal):
        if asked not in (None, caller.agency):
            raise Problem("not_found")
        return (caller.agency,)
    reached = agencies_in_reach(exchange, caller, asked)
    return None if reached is None else tuple(reached)


def _start(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, datetime.min.time(), SHANGHAI)


def _after(key: bytes, cursor: str | None, binding: str) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, identity = paging.decode(key, cursor, binding=binding)
    return datetime.fromisoformat(str(at)), str(identity)


def _item(row: AccessLogEntry) -> AccessLogItem:
    pulled = row.extent or {}
    covers = None
    if row.covers_after is not None and row.covers_through is not None:
        covers = PulledRange(epoch=pulled["epoch"], after=row.covers_after, through=row.covers_through)
    return AccessLogItem(
        id=row.id, at=to_wire(row.at), agency=row.agency, client_id=row.client_id, uscc=row.uscc, route=row.route,
        purpose=row.purpose, case_number=row.case_number, groups=row.groups, request_id=row.request_id,
        covers=covers, firms=row.firms, grants=pulled.get("grants"),
    )  # fmt: skip
