"""Departments, agencies and grants: an agency's system sees its own grants, a staff member those in reach."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.exchange.api.reach import agencies_in_reach
from services.exchange.api.sessions import Reading, ThisExchange
from services.exchange.store.agencies import (
    agency_successions,
    all_agencies,
    all_departments,
    department_successions,
)
from services.exchange.store.grants import grants_of, grants_of_many
from services.kernel.access import AgencyOrStaff as Caller
from services.kernel.access import StaffPrincipal
from services.kernel.clock import shanghai_day
from services.kernel.problems import Problem

router: Final = APIRouter(prefix="/v1", tags=["agencies"])


class Name(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


class Succession(BaseModel):
    """A function that went over, from a day on; of agencies, in a region."""

    successor: str
    function: str
    region: str | None = None
    kinds: list[str] | None = Field(
        default=None, description="Of agencies: the kinds of record; `*` is every one"
    )
    valid_from: date


class DepartmentItem(BaseModel):
    """A system of authorities (条线). Days are inclusive; null is open."""

    code: str
    name: Name
    valid_from: date | None
    valid_until: date | None
    successions: list[Succession]


class AgencyItem(BaseModel):
    """One authority of a department. Days are inclusive; null is open."""

    id: str
    department: str
    name: str
    shown_as: str = Field(description="Its name as documents of today show it: 原…（现…） once it is over")
    level: str
    region: str
    superior: str | None
    uscc: str
    valid_from: date
    valid_until: date | None
    successions: list[Succession]


class GrantItem(BaseModel):
    """What an agency may push or pull; kind `*` is every kind, `grade` the grades. Days are inclusive."""

    id: str
    agency: str
    direction: str
    kind: str
    regions: list[str]
    groups: list[str]
    purpose: str
    basis: str
    valid_from: date
    valid_until: date | None


class DepartmentList(BaseModel):
    """All departments, by code."""

    items: list[DepartmentItem]
    next: str | None = Field(default=None, description="Always null: the list is whole")


class AgencyList(BaseModel):
    """Agencies, by id."""

    items: list[AgencyItem]
    next: str | None = Field(default=None, description="Always null: the list is whole")


class GrantList(BaseModel):
    """Grants, past and coming ones included."""

    items: list[GrantItem]
    next: str | None = Field(default=None, description="Always null: the list is whole")


@router.get("/departments")
def list_departments(session: Reading) -> DepartmentList:
    """The departments with their dates and successors."""
    after: dict[str, list[Succession]] = {}
    for row in department_successions(session):
        found = Succession(successor=row.successor, function=row.function, valid_from=row.valid_from)
        after.setdefault(row.predecessor, []).append(found)
    return DepartmentList(
        items=[
            DepartmentItem(
                code=row.code,
                name=Name(zh=row.name_zh, en=row.name_en),
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                successions=after.get(row.code, []),
            )
            for row in all_departments(session)
        ]
    )


@router.get("/agencies")
def list_agencies(exchange: ThisExchange, session: Reading, caller: Caller) -> AgencyList:
    """The agencies with their places, superiors, dates and successors: all of them for an agency's system, one's own and
    all that reports to it for staff of an agency."""
    reach = agencies_in_reach(exchange, caller) if isinstance(caller, StaffPrincipal) else None
    policy, today = exchange.policy(), shanghai_day(exchange.clock())
    after: dict[str, list[Succession]] = {}
    for row in agency_successions(session):
        found = Succession(
            successor=row.successor,
            function=row.function,
            region=row.region,
            kinds=row.kinds,
            valid_from=row.valid_from,
        )
        after.setdefault(row.predecessor, []).append(found)
    return AgencyList(
        items=[
            AgencyItem(
                id=row.id,
                department=row.department,
                name=row.name,
                shown_as=policy.shown_name(row.id, today),
                level=row.level,
                region=row.region,
                superior=row.superior,
                uscc=row.uscc,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                successions=after.get(row.id, []),
            )
            for row in all_agencies(session)
            if reach is None or row.id in reach
        ]
    )


@router.get("/grants")
def list_grants(
    exchange: ThisExchange,
    session: Reading,
    caller: Caller,
    agency: Annotated[str | None, Query(description="Only this agency's; it must be in reach.")] = None,
) -> GrantList:
    """What the calling agency is granted, or, for staff, what the agencies in reach are granted."""
    if isinstance(caller, StaffPrincipal):
        found = grants_of_many(session, agencies_in_reach(exchange, caller, agency))
    elif agency in (None, caller.agency):
        found = grants_of(session, caller.agency)
    else:
        raise Problem("not_found")
    return GrantList(
        items=[
            GrantItem(
                id=row.id,
                agency=row.agency,
                direction=row.direction,
                kind=row.kind,
                regions=row.regions,
                groups=row.groups,
                purpose=row.purpose,
                basis=row.basis,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
            )
            for row in found
        ]
    )
