"""Sessions of staff in credit: opened by a code from the exchange, and over as soon as the policy says so.

Who may do what is the policy's at every request: role, agency, whether the account is in use, whether the exchange's
session was ended. Credit keeps only that somebody came over, and when the session was last used.
"""

from dataclasses import dataclass
from uuid import uuid4

import httpx
import msgspec

from services.credit.service.context import Credit
from services.credit.store import staff_sessions as store
from services.credit.tables import StaffSession
from services.kernel import opaque_tokens
from services.kernel.access import Role, StaffPrincipal
from services.kernel.authenticator import PolicySource
from services.kernel.clock import shanghai_day
from services.kernel.problems import Problem
from services.kernel.service_client import ServiceClient
from services.kernel.staff_sessions import HandedOver, HandoverRequest, SessionTimes


class SessionRegister:
    """A `StaffSource` over credit's database and the policy."""

    def __init__(self, credit: Credit, policy: PolicySource) -> None:
        self._credit, self._policy = credit, policy

    def __call__(self, token: str) -> StaffPrincipal:
        """The staff member behind a token.

        Raises:
            Problem: `session_invalid`, whatever the reason, or `policy_stale` when nothing can be decided.
        """
        policy, now = self._policy(), self._credit.clock()
        with self._credit.database.read() as session:
            row = store.by_digest(session, opaque_tokens.digest_of(token))
        member = policy.staff_member.get(row.username) if row is not None else None
        agency = policy.agency.get(member.agency) if member is not None else None
        if (
            row is None
            or member is None
            or agency is None
            or not agency.in_force(shanghai_day(now))
            or row.origin in policy.ended
            or not times_of(row).is_live(now)
        ):
            raise Problem("session_invalid")
        times = times_of(row)
        if times.must_note(now):
            with self._credit.database.write("credit.session_seen") as session:
                store.note_use(session, row.id, now)
        return StaffPrincipal(
            member.username, Role(member.role), member.agency, row.id, is_fresh=times.is_fresh(now)
        )


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A new session; its token is answered once."""

    token: str
    id: str


async def redeem(exchange: ServiceClient, code: str) -> HandedOver | None:
    """Ask the exchange who is behind a code; None when nobody is.

    Raises:
        Problem: `service_unavailable` when the exchange does not answer.
    """
    try:
        answer = await exchange.request(
            "POST", "/internal/handovers", content=msgspec.json.encode(HandoverRequest(code))
        )
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        return msgspec.json.decode(answer.content, type=HandedOver)
    except (httpx.HTTPError, msgspec.DecodeError):
        raise Problem("service_unavailable", headers={"Retry-After": "1"}) from None


def open_session(credit: Credit, person: HandedOver) -> OpenedSession:
    """A session for somebody whom the exchange handed over; it is as old as the login there."""
    now, token = credit.clock(), opaque_tokens.make_token(opaque_tokens.SESSION)
    row = StaffSession(
        id=f"ses_{uuid4().hex}",
        token_digest=opaque_tokens.digest_of(token),
        username=person.username,
        origin=person.session,
        authenticated_at=person.authenticated_at,
        seen_at=now,
        expires_at=person.expires_at,
    )
    with credit.database.write("credit.session_opened") as session:
        store.add(session, row, now)
    return OpenedSession(token, row.id)


def times_of(row: StaffSession) -> SessionTimes:
    """The instants of a session."""
    return SessionTimes(row.authenticated_at, row.seen_at, row.expires_at, row.ended_at)
