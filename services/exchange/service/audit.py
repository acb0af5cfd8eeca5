"""The audit: every administrative act leaves an entry in its own transaction, so that neither exists without the other."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.exchange.store.audit import add_entry
from services.kernel.db import WriteSession


class AdministrativeAct(StrEnum):
    """What an administrator can do."""

    STAFF_INVITED = "staff_invited"
    STAFF_ENROLLED = "staff_enrolled"
    STAFF_RESET = "staff_reset"
    STAFF_DISABLED = "staff_disabled"
    STAFF_ENABLED = "staff_enabled"
    STAFF_ROLE_CHANGED = "staff_role_changed"
    SESSION_OPENED = "session_opened"
    SESSION_HANDED_OVER = "session_handed_over"
    SESSION_ENDED = "session_ended"
    CREDENTIAL_ISSUED = "credential_issued"
    CREDENTIAL_ROTATED = "credential_rotated"
    CREDENTIAL_REVOKED = "credential_revoked"
    AGENCY_REGISTERED = "agency_registered"
    AGENCY_SUCCEEDED = "agency_succeeded"
    GRANT_GIVEN = "grant_given"
    GRANT_ENDED = "grant_ended"
    ACCESS_APPROVED = "access_approved"
    ACCESS_REFUSED = "access_refused"
    SIGNING_KEY_ROTATED = "signing_key_rotated"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a staff member in a session, or a command on the server, which has none."""

    name: str
    session: str | None = None


def record(
    session: WriteSession,
    actor: Actor,
    act: AdministrativeAct,
    *,
    subject: str,
    agency: str,
    at: datetime,
    **details: Any,
) -> None:
    """Leave the entry of an act: on which object, of which agency. Details never hold a secret."""
    add_entry(
        session,
        at=at,
        actor=actor.name,
        by_session=actor.session,
        act=act,
        subject=subject,
        agency=agency,
        details=details,
    )
