"""Sessions of staff in credit. One logs in at the exchange and comes over with a code; no cookies."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from services.credit.api.dependencies import Reading, State
from services.credit.service import staff_sessions as service
from services.credit.store import staff_sessions as store
from services.credit.tables import StaffSession
from services.kernel.access import CallingStaff, Role
from services.kernel.problems import Problem
from services.kernel.staff_sessions import FRESH, IDLE

router = APIRouter(prefix="/v1/sessions", tags=["staff"])


class Handover(BaseModel):
    """The code of the exchange's `POST /v1/staff/handovers`."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(max_length=100, examples=["zxh_…"])


class SessionShown(BaseModel):
    """A session in credit. It ends when it is idle, when it expires, and with the one in the exchange."""

    id: str
    authenticated_at: datetime
    fresh_until: datetime
    idle_at: datetime
    expires_at: datetime


class SessionOpened(BaseModel):
    """A new session; the token is shown this once and opens credit only."""

    token: str = Field(description="For Authorization: Bearer")
    session: SessionShown


class Self(BaseModel):
    """Who the caller is."""

    username: str
    name: str
    role: Role
    agency: str
    session: SessionShown


@router.post("", status_code=201)
async def open_session(state: State, given: Handover) -> SessionOpened:
    """Come over from the exchange. Codes work once; a code that does not is like a failed login."""
    person = await service.redeem(state.exchange, given.code)
    if person is None:
        raise Problem("login_failed")
    opened = await run_in_threadpool(service.open_session, state.credit, person)
    return SessionOpened(token=opened.token, session=await run_in_threadpool(_read, state, opened.id))


@router.get("/me")
def show_self(state: State, session: Reading, caller: CallingStaff) -> Self:
    """Who the caller is, for which agency, and until when."""
    return Self(
        username=caller.username,
        name=state.policy().staff_member[caller.username].name,
        role=caller.role,
        agency=caller.agency,
        session=_shown(store.by_id(session, caller.session)),
    )


@router.delete("/current", status_code=204)
def close_session(state: State, caller: CallingStaff) -> None:
    """Leave credit; the session in the exchange goes on."""
    with state.credit.database.write("credit.session_ended") as session:
        store.end(session, caller.session, state.credit.clock())


def _read(state: State, session_id: str) -> SessionShown:
    with state.credit.database.read() as session:
        return _shown(store.by_id(session, session_id))


def _shown(row: StaffSession) -> SessionShown:
    return SessionShown(
        id=row.id,
        authenticated_at=row.authenticated_at,
        fresh_until=row.authenticated_at + FRESH,
        idle_at=row.seen_at + IDLE,
        expires_at=row.expires_at,
    )
