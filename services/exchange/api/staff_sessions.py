"""Logging in and out, and who one is. The API takes no cookies: a session's token goes in `Authorization: Bearer`."""

import math
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.exchange.api.reach import account_in_reach, actor
from services.exchange.api.sessions import Reading, ThisExchange, writing
from services.exchange.domain.login import FORGOTTEN_AFTER, FREE_FAILURES
from services.exchange.service.handover import issue_handover
from services.exchange.service.login import LoginLocked, LoginRefused, log_in
from services.exchange.service.sessions import end_session, times_of
from services.exchange.store import staff as store
from services.exchange.tables import Agency, StaffAccount, StaffSession
from services.kernel.access import CallingStaff, Role, StaffPrincipal
from services.kernel.db import WriteSession
from services.kernel.problems import Problem
from services.kernel.rate_limit import refusal_headers
from services.kernel.staff_sessions import FRESH, IDLE

router: Final = APIRouter(prefix="/v1/staff", tags=["staff"])
CURRENT: Final = "current"
_ADMINISTRATORS: Final = (Role.AGENCY_ADMINISTRATOR, Role.PLATFORM_ADMINISTRATOR)


class Login(BaseModel):
    """What a person knows and holds."""

    model_config = ConfigDict(extra="forbid")
    username: str = Field(max_length=200)
    password: str = Field(max_length=1000)
    totp_code: str = Field(max_length=20, description="Six digits; each code works once")


class SessionItem(BaseModel):
    """One session that has not ended. It ends when it is idle, when it expires, or when somebody ends it."""

    id: str
    username: str
    user_agent: str
    authenticated_at: datetime
    fresh_until: datetime = Field(description="Until then it may change credentials and accounts")
    seen_at: datetime = Field(description="Written once a minute")
    idle_at: datetime
    expires_at: datetime
    is_current: bool


class SessionList(BaseModel):
    """The live sessions of one account, the latest first."""

    items: list[SessionItem]
    next: str | None = Field(default=None, description="Always null: the list is whole")


class LoginAnswer(BaseModel):
    """A new session; the token is shown this once."""

    token: str = Field(description="For Authorization: Bearer")
    session: SessionItem


class Self(BaseModel):
    """Who the caller is."""

    username: str
    name: str
    role: Role
    agency: str
    agency_name: str
    session: SessionItem


@router.post("/sessions", status_code=201)
def open_session(exchange: ThisExchange, request: Request, login: Login) -> LoginAnswer:
    """Log in. Whatever was wrong, the answer is the same; after five failures at one address the wait there doubles, up to
    15 minutes."""
    try:
        opened = log_in(
            exchange,
            username=login.username,
            password=login.password,
            code=login.totp_code,
            user_agent=request.headers.get("user-agent", ""),
            address=str(request.app.state.guard.peers.of(request.scope).address),
        )
    except LoginLocked as locked:
        seconds = math.ceil(locked.wait.total_seconds())
        window = int(FORGOTTEN_AFTER.total_seconds())
        headers = refusal_headers("logins", FREE_FAILURES, window, seconds)
        raise Problem("login_locked", headers=headers) from None
    except LoginRefused:
        raise Problem("login_failed") from None
    with exchange.database.read() as session:
        row = session.get_one(StaffSession, opened.id)
    return LoginAnswer(token=opened.token, session=_item(row, opened.id))


@router.get("/sessions")
def list_sessions(
    exchange: ThisExchange,
    session: Reading,
    caller: CallingStaff,
    username: Annotated[
        str | None, Query(description="An account in reach; one's own when left out.")
    ] = None,
) -> SessionList:
    """The live sessions of one's own account or, for administrators, of one in reach."""
    account = _account(exchange, session, caller, username or caller.username)
    now = exchange.clock()
    rows = store.sessions_of(session, account.username, now)
    return SessionList(items=[_item(row, caller.session) for row in rows if times_of(row).is_live(now)])


@router.delete("/sessions/{session_id}", status_code=204)
def close_session(
    exchange: ThisExchange,
    caller: CallingStaff,
    session_id: str,
    session: Annotated[WriteSession, writing("exchange.session_ended")],
) -> None:
    """Log out (`current`), or end another session of one's own or, for administrators, of an account in reach."""
    row = session.get(StaffSession, caller.session if session_id == CURRENT else session_id)
    if row is None:
        raise Problem("not_found")
    account = _account(exchange, session, caller, row.username)
    end_session(session, row, account, now=exchange.clock(), actor=actor(caller))


@router.get("/me")
def show_self(session: Reading, caller: CallingStaff) -> Self:
    """Who the caller is, for which agency, and until when."""
    account = session.get_one(StaffAccount, caller.username)
    return Self(
        username=account.username,
        name=account.name,
        role=caller.role,
        agency=account.agency,
        agency_name=session.get_one(Agency, account.agency).name,
        session=_item(session.get_one(StaffSession, caller.session), caller.session),
    )


class HandoverAnswer(BaseModel):
    """A code for credit's `POST /v1/sessions`; it works once, within the minute."""

    code: str
    expires_at: datetime


@router.post("/handovers", status_code=201)
def hand_over(
    exchange: ThisExchange,
    caller: CallingStaff,
    session: Annotated[WriteSession, writing("exchange.handover_issued")],
) -> HandoverAnswer:
    """Take the login over to credit, which opens a session of its own; that ends at the latest with this one's account."""
    issued = issue_handover(session, caller.session, exchange.clock())
    return HandoverAnswer(code=issued.code, expires_at=issued.expires_at)


def _account(
    exchange: ThisExchange, session: Reading | WriteSession, caller: StaffPrincipal, username: str
) -> StaffAccount:
    if username != caller.username and caller.role not in _ADMINISTRATORS:
        raise Problem("not_found")
    return account_in_reach(exchange, session, caller, username)


def _item(row: StaffSession, current: str) -> SessionItem:
    return SessionItem(
        id=row.id,
        username=row.username,
        user_agent=row.user_agent,
        authenticated_at=row.authenticated_at,
        fresh_until=row.authenticated_at + FRESH,
        seen_at=row.seen_at,
        idle_at=row.seen_at + IDLE,
        expires_at=row.expires_at,
        is_current=row.id == current,
    )
