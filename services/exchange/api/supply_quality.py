"""Supply quality: how completely, correctly and timely each agency supplies each kind."""

import csv
import io
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.exchange.api.reach import agencies_in_reach
from services.exchange.api.sessions import Reading, ThisExchange
from services.exchange.context import Exchange
from services.exchange.domain.supply import COUNTS
from services.exchange.service.supply import Supply, providers, supplies
from services.kernel.access import AgencyOrStaff, AgencyPrincipal, StaffPrincipal
from services.kernel.clock import shanghai_day
from services.kernel.problems import Problem

router: Final = APIRouter(prefix="/v1/supply-quality", tags=["catalogue"])
PERIOD: Final = timedelta(days=90)
_CSV: Final = "text/csv"
_COUNTED: Final = tuple(name for name in COUNTS if name not in ("lag_days", "filled", "fillable"))
_Share = Annotated[str | None, Field(examples=["0.9821"])]


class SupplyQuality(BaseModel):
    """One agency's supply of one kind. Counts are of the period; last push and rhythm as they stand today. A kind that
    could not be read is `unknown`."""

    agency: str
    kind: str
    received: int = Field(description="Items that got a verdict")
    accepted: int
    corrected: int
    withdrawn: int
    unchanged: int
    held: int
    rejected: int
    rejected_rate: _Share = Field(description="Of the items received")
    completeness: _Share = Field(description="Filled members of all that the kind has")
    measured: int = Field(description="First statements whose day of the act is known")
    late: int
    on_time: _Share = Field(description="Of the measured, within the kind's time from act to record")
    mean_lag_days: _Share = Field(description="From the act to its record, days")
    last_pushed_at: datetime | None
    due_on: date | None = Field(description="By the kind's rhythm, the last day of the next push")
    overdue: bool


class SupplyQualityList(BaseModel):
    """The supply of the agencies in reach, by agency and kind."""

    since: date
    until: date
    items: list[SupplyQuality]
    next: str | None = Field(default=None, description="Always null: the list is whole")


@router.get(
    "",
    response_model=SupplyQualityList,
    responses={200: {"content": {_CSV: {"schema": {"type": "string"}}}}},
)
def read_supply_quality(
    exchange: ThisExchange,
    session: Reading,
    caller: AgencyOrStaff,
    request: Request,
    agency: Annotated[str | None, Query(max_length=64, description="Only of this agency.")] = None,
    kind: Annotated[str | None, Query(max_length=40, description="Only of this kind.")] = None,
    since: Annotated[
        date | None, Query(description="From this day in China on; 90 days when left out.")
    ] = None,
    until: Annotated[date | None, Query(description="Through this day in China.")] = None,
    overdue: Annotated[bool | None, Query(description="Only overdue ones, or only others.")] = None,
) -> SupplyQualityList | Response:
    """How the agencies in reach supply each kind: an agency's system and administrator see the own agency and those that
    report to it, platform roles all. It follows a push within a minute. `Accept: text/csv` gives a table."""
    today = shanghai_day(exchange.clock())
    until = until or today
    since = since or until - PERIOD
    found = supplies(
        session, list(providers(exchange.policy(), today)), agencies=_agencies(exchange, caller, agency),
        since=since, until=until, today=today,
    )  # fmt: skip
    items = [
        shown(each) for each in found if kind in (None, each.kind) and overdue in (None, each.is_overdue)
    ]
    if _CSV in request.headers.get("accept", ""):
        return Response(_table(items), media_type=f"{_CSV}; charset=utf-8")
    return SupplyQualityList(since=since, until=until, items=items)


def shown(supply: Supply) -> SupplyQuality:
    """A supply as the API shows it."""
    counts: dict[str, Any] = {name: getattr(supply.tally, name) for name in _COUNTED}
    figures = supply.figures
    return SupplyQuality(
        agency=supply.agency, kind=supply.kind, received=supply.tally.received, **counts,
        rejected_rate=figures.rejected_rate, completeness=figures.completeness, on_time=figures.on_time,
        mean_lag_days=figures.mean_lag_days, last_pushed_at=supply.last_pushed_at, due_on=supply.due_on,
        overdue=supply.is_overdue,
    )  # fmt: skip


def _agencies(
    exchange: Exchange, caller: AgencyPrincipal | StaffPrincipal, asked: str | None
) -> Collection[str] | None:
    if isinstance(caller, StaffPrincipal):
        return agencies_in_reach(exchange, caller, asked)
    policy = exchange.policy()
    if asked is None:
        return [agency for agency in policy.agency if policy.is_within(agency, caller.agency)]
    if asked not in policy.agency or not policy.is_within(asked, caller.agency):
        raise Problem("not_found")
    return (asked,)


def _table(items: list[SupplyQuality]) -> bytes:
    """A table with a mark, as spreadsheet programs want it. Ids and codes are ours, so that no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(SupplyQuality.model_fields)
    writer.writerows(
        ["" if value is None else value for value in item.model_dump(mode="json").values()] for item in items
    )
    return text.getvalue().encode("utf-8-sig")
