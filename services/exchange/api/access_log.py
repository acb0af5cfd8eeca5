"""The access log: restricted reads, each with purpose and case, as far as the caller may search it."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.exchange.api.idempotency import Once, answer_once
from services.exchange.api.reach import agencies_in_reach
from services.exchange.api.sessions import Reading, ThisExchange, writing
from services.exchange.context import Exchange
from services.exchange.domain.firm_view import masked_officer
from services.exchange.service import firm_view
from services.exchange.store import access_log
from services.exchange.tables import AccessLogEntry
from services.kernel import paging
from services.kernel.access import AgencyOrStaff, AgencyPrincipal, StaffPrincipal
from services.kernel.clock import SHANGHAI, shanghai_day, to_wire
from services.kernel.db import ReadSession, WriteSession
from services.kernel.problems import Problem
from services.kernel.purpose import PURPOSE_HEADER, Purpose, read_purpose
from services.kernel.texts import Text, choose

router: Final = APIRouter(prefix="/v1/access-log", tags=["access log"])
Closing = Annotated[WriteSession, writing("exchange.investigation_closed")]
_NO_PLACE: Final = Text("企业视图不接受此参数", "has no place in the firm's view")
_WHOSE: Final = Text("请注明企业的统一社会信用代码", "name the firm by its code")
_STATE_IT: Final = Text("代企业查阅须注明用途和案号", "drawn for a firm, it needs a purpose and a case")


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
    officer: str | None = Field(description="As the reading agency knows the person; masked for others")
    uscc: str | None
    route: str = Field(description="file, records, changes, or access_log of a view drawn for the firm")
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


class FirmLogItem(BaseModel):
    """One read as the firm learns of it: the day in China, by whom, what for, which groups of fields."""

    on: date
    agency: str
    agency_name: str
    route: str
    purpose: str
    groups: list[str]


class FirmLogPage(BaseModel):
    """Who looked at a firm, the latest first. Reads for an investigation are in it once that is closed."""

    items: list[FirmLogItem]
    next: str | None


class InvestigationClosing(BaseModel):
    """A case of the caller's agency that is closed."""

    model_config = ConfigDict(extra="forbid")
    case_number: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")


class ClosedInvestigationItem(BaseModel):
    """A closed case: firms learn who looked at them for it."""

    agency: str
    case_number: str
    closed_at: str
    closed_by: str


@router.get("")
def search_access_log(
    exchange: ThisExchange,
    session: Reading,
    caller: AgencyOrStaff,
    request: Request,
    response: Response,
    view: Annotated[
        Literal["own", "firm"],
        Query(
            description="`firm`, with `uscc`: who looked, as the firm is told; needs a purpose and a case."
        ),
    ] = "own",
    agency: Annotated[str | None, Query(max_length=64, description="Only reads by this agency.")] = None,
    uscc: Annotated[str | None, Query(max_length=18, description="Only reads of this enterprise.")] = None,
    purpose: Annotated[
        Purpose | Literal["subscription"] | None, Query(description="Only reads for this purpose.")
    ] = None,
    case_number: Annotated[str | None, Query(max_length=100, description="Only reads for this case.")] = None,
    officer: Annotated[str | None, Query(max_length=64, description="Only reads by this officer.")] = None,
    since: Annotated[date | None, Query(description="From this day in China on.")] = None,
    until: Annotated[date | None, Query(description="Through this day in China.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: str | None = None,
) -> AccessLogPage | FirmLogPage:
    """Restricted reads: an agency's system sees its agency's own, an agency's administrator those of the agencies in
    reach, an auditor all. An entry comes within seconds of its read. With `view=firm`, who looked at one firm, to be
    handed to it; other parameters than `uscc`, `limit` and `cursor` have no place there."""
    if view == "firm":
        others = {
            "agency": agency,
            "purpose": purpose,
            "case_number": case_number,
            "officer": officer,
            "since": since,
            "until": until,
        }
        _refuse_without_meaning([name for name, value in others.items() if value is not None], uscc, request)
        return _firm_page(exchange, session, caller, request, response, uscc or "", limit, cursor)
    search = access_log.Search(
        agencies=_agencies(exchange, caller, agency), uscc=uscc, purpose=purpose, case_number=case_number, officer=officer, since=_start(since),
        before=_start(until + timedelta(days=1)) if until else None,
    )  # fmt: skip
    key, binding = exchange.key("cursors"), f"access-log:{caller.agency}:{search}"
    found, place = firm_view.found_by(session, search, after=_after(key, cursor, binding), limit=limit)
    following = _sealed(key, place, binding)
    if following is not None:
        response.headers["Link"] = f'<{router.prefix}?cursor={following}>; rel="next"'
    return AccessLogPage(items=[_item(row, caller) for row in found], next=following)


def _refuse_without_meaning(others: list[str], uscc: str | None, request: Request) -> None:
    language = choose(request.headers.get("accept-language"))
    faults = [
        {"code": "parameter_without_meaning", "field": f"query:{name}", "message": _NO_PLACE.to(language)}
        for name in others
    ]
    if uscc is None:
        faults.append({"code": "field_missing", "field": "query:uscc", "message": _WHOSE.to(language)})
    if read_purpose(request.headers) is None:
        message = _STATE_IT.to(language)
        faults.append({"code": "purpose_invalid", "field": f"header:{PURPOSE_HEADER}", "message": message})
    if faults:
        raise Problem("parameter_invalid", faults=faults)


def _firm_page(
    exchange: Exchange, session: ReadSession, caller: AgencyPrincipal | StaffPrincipal, request: Request,
    response: Response, uscc: str, limit: int, cursor: str | None,
) -> FirmLogPage:  # fmt: skip
    stated = read_purpose(request.headers)
    assert stated is not None  # noqa: S101 - refused before
    key, binding = exchange.key("cursors"), f"firm-view:{caller.agency}:{uscc}"
    search = access_log.Search(uscc=uscc, withheld=firm_view.withheld_purposes())
    found, place = firm_view.found_by(session, search, after=_after(key, cursor, binding), limit=limit)
    client_id = ""
    if isinstance(caller, AgencyPrincipal):
        client_id = caller.client_id
    else:
        stated = stated._replace(officer=caller.username)
    firm_view.note_view(
        exchange, uscc, stated, agency=caller.agency, client_id=client_id,
        request_id=request.scope.get("zhixin.request_id", ""),
    )  # fmt: skip
    if (sealed := _sealed(key, place, binding)) is not None:
        response.headers["Link"] = f'<{router.prefix}?view=firm&uscc={uscc}&cursor={sealed}>; rel="next"'
    names = exchange.policy().agency
    items = [
        FirmLogItem(
            on=shanghai_day(row.at), agency=row.agency, agency_name=names[row.agency].name if row.agency in names else row.agency,
            route=row.route, purpose=row.purpose, groups=row.groups,
        )
        for row in found
    ]  # fmt: skip
    return FirmLogPage(items=items, next=sealed)


@router.post("/closures", status_code=201)
def close_investigation(
    exchange: ThisExchange, session: Closing, caller: AgencyOrStaff, once: Once, body: InvestigationClosing
) -> ClosedInvestigationItem:
    """Declare a case of the own agency closed. Firms learn from then on who looked at them for it; it stays so."""
    closed_by = caller.client_id if isinstance(caller, AgencyPrincipal) else caller.username

    def close() -> ClosedInvestigationItem:
        row = firm_view.close_investigation(
            session,
            agency=caller.agency,
            case_number=body.case_number,
            closed_by=closed_by,
            now=exchange.clock(),
        )
        return ClosedInvestigationItem(
            agency=row.agency,
            case_number=row.case_number,
            closed_at=to_wire(row.closed_at),
            closed_by=row.closed_by,
        )

    return answer_once(exchange, session, caller, once, body, ClosedInvestigationItem, close)


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


def _sealed(key: bytes, place: firm_view.Place | None, binding: str) -> str | None:
    return None if place is None else paging.encode(key, [place[0].isoformat(), place[1]], binding=binding)


def _after(key: bytes, cursor: str | None, binding: str) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, identity = paging.decode(key, cursor, binding=binding)
    return datetime.fromisoformat(str(at)), str(identity)


def _item(row: AccessLogEntry, caller: AgencyPrincipal | StaffPrincipal) -> AccessLogItem:
    pulled = row.extent or {}
    covers = None
    if row.covers_after is not None and row.covers_through is not None:
        covers = PulledRange(epoch=pulled["epoch"], after=row.covers_after, through=row.covers_through)
    return AccessLogItem(
        id=row.id, at=to_wire(row.at), agency=row.agency, client_id=row.client_id, uscc=row.uscc, route=row.route,
        purpose=row.purpose, case_number=row.case_number, groups=row.groups, request_id=row.request_id,
        officer=row.officer if row.agency == caller.agency else masked_officer(row.officer),
        covers=covers, firms=row.firms, grants=pulled.get("grants"),
    )  # fmt: skip
