"""Accounts of staff: an administrator manages those of its own agency and of all that reports to it."""

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.exchange.api.idempotency import Once, answer_once
from services.exchange.api.reach import (
    account_in_reach,
    actor,
    agencies_in_reach,
    require_power_over,
    require_reach,
)
from services.exchange.api.sessions import Reading, ThisExchange, writing
from services.exchange.context import Exchange
from services.exchange.domain.staff import Status, status_of
from services.exchange.service import staff as service
from services.exchange.service.administration import AdministrationRefused
from services.exchange.service.totp import SEAL_PURPOSE
from services.exchange.store import staff as store
from services.exchange.tables import StaffAccount
from services.kernel import paging
from services.kernel.access import CallingStaff, Role, StaffPrincipal
from services.kernel.db import WriteSession

router: Final = APIRouter(prefix="/v1/staff", tags=["staff"])
Writing = Annotated[WriteSession, writing("exchange.staff_changed")]


class StaffItem(BaseModel):
    """One account. Instants are null for what has not happened."""

    username: str
    name: str
    role: Role
    agency: str
    status: Status
    invited_at: datetime
    enrolled_at: datetime | None
    disabled_at: datetime | None
    last_login_at: datetime | None


class StaffList(BaseModel):
    """Accounts in reach, by username."""

    items: list[StaffItem]
    next: str | None


class NewStaff(BaseModel):
    """Who is invited, as what, for which agency."""

    model_config = ConfigDict(extra="forbid")
    username: str = Field(max_length=64, examples=["wang.fang"])
    name: str = Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")
    role: Role
    agency: str = Field(max_length=64)


class StaffChange(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")
    role: Role | None = None
    status: Literal["active", "disabled"] | None = None


class EnrolmentIssued(BaseModel):
    """An invitation; hand address and code to the person by different ways. The code is shown this once."""

    username: str
    enrolment: str
    url: str = Field(description="POST the code there within the hour")
    code: str | None = Field(description="Null when the request is repeated")
    expires_at: datetime


class Reset(BaseModel):
    """There is nothing to say but whose account."""


@router.get("")
def list_staff(
    exchange: ThisExchange,
    session: Reading,
    caller: CallingStaff,
    response: Response,
    agency: Annotated[str | None, Query(description="Only this agency's; it must be in reach.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(description="The `next` of the previous page.")] = None,
) -> StaffList:
    """The accounts of one's own agency and of all that reports to it."""
    agencies = agencies_in_reach(exchange, caller, agency)
    binding, key = f"staff:{caller.username}:{agency or ''}", exchange.key("cursors")
    after = str(paging.decode(key, cursor, binding=binding)[0]) if cursor else ""
    found = store.accounts(session, agencies=agencies, after=after, limit=limit + 1)
    following = (
        paging.encode(key, [found[limit - 1].username], binding=binding) if len(found) > limit else None
    )
    if following:
        same = f"&agency={agency}" if agency else ""
        response.headers["Link"] = f'<{router.prefix}?cursor={following}{same}>; rel="next"'
    return StaffList(items=[_item(row) for row in found[:limit]], next=following)


@router.post("", status_code=201)
def invite_staff(
    exchange: ThisExchange, caller: CallingStaff, once: Once, body: NewStaff, session: Writing
) -> EnrolmentIssued:
    """Invite a person: the account waits until the person has set password and second factor."""
    require_reach(exchange, caller, body.agency)
    require_power_over(caller, body.role)

    def act() -> EnrolmentIssued:
        invitation = service.invite_staff(
            session,
            exchange.sealer(SEAL_PURPOSE),
            username=body.username,
            name=body.name,
            role=body.role,
            agency=body.agency,
            now=exchange.clock(),
            actor=actor(caller),
        )
        return _issued(exchange, invitation)

    return answer_once(exchange, session, caller, once, body, EnrolmentIssued, act, secret="code")  # noqa: S106 - the name of a member


@router.get("/{username}")
def show_staff(exchange: ThisExchange, session: Reading, caller: CallingStaff, username: str) -> StaffItem:
    """One account in reach."""
    return _item(account_in_reach(exchange, session, caller, username))


@router.patch("/{username}")
def change_staff(
    exchange: ThisExchange, caller: CallingStaff, username: str, body: StaffChange, session: Writing
) -> StaffItem:
    """Give another role, disable, or enable again. The account's sessions end at once."""
    account = _managed(exchange, session, caller, username)
    now, by = exchange.clock(), actor(caller)
    if body.role is not None:
        require_power_over(caller, body.role)
        service.change_role(session, username=username, role=body.role, now=now, actor=by)
    if body.status == "disabled":
        service.disable_staff(session, username=username, now=now, actor=by)
    if body.status == "active":
        service.enable_staff(session, username=username, now=now, actor=by)
    return _item(account)


@router.post("/{username}/enrolments", status_code=201)
def reset_staff(
    exchange: ThisExchange, caller: CallingStaff, once: Once, username: str, session: Writing
) -> EnrolmentIssued:
    """Invite a person anew: password and second factor are taken away, sessions end."""
    _managed(exchange, session, caller, username)

    def act() -> EnrolmentIssued:
        sealer = exchange.sealer(SEAL_PURPOSE)
        invitation = service.reset_staff(
            session, sealer, username=username, now=exchange.clock(), actor=actor(caller)
        )
        return _issued(exchange, invitation)

    return answer_once(exchange, session, caller, once, Reset(), EnrolmentIssued, act, secret="code")  # noqa: S106 - the name of a member


def _managed(
    exchange: Exchange, session: WriteSession, caller: StaffPrincipal, username: str
) -> StaffAccount:
    account = account_in_reach(exchange, session, caller, username)
    if username == caller.username:
        raise AdministrationRefused("nobody manages the own account: another administrator does")
    require_power_over(caller, account.role)
    return account


def _issued(exchange: Exchange, invitation: service.Invitation) -> EnrolmentIssued:
    return EnrolmentIssued(
        username=invitation.username,
        enrolment=invitation.enrolment,
        url=f"{exchange.settings.issuer}{router.prefix}/enrolments/{invitation.enrolment}",
        code=invitation.code,
        expires_at=invitation.expires_at,
    )


def _item(row: StaffAccount) -> StaffItem:
    return StaffItem(
        username=row.username,
        name=row.name,
        role=Role(row.role),
        agency=row.agency,
        status=status_of(enrolled_at=row.enrolled_at, disabled_at=row.disabled_at),
        invited_at=row.invited_at,
        enrolled_at=row.enrolled_at,
        disabled_at=row.disabled_at,
        last_login_at=row.last_login_at,
    )
