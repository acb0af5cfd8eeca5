"""The audit of administration, for auditors."""

from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from services.exchange.api.sessions import Reading, ThisExchange
from services.exchange.service.audit import AdministrativeAct
from services.exchange.store.audit import entries
from services.kernel import paging
from services.kernel.access import CallingStaff

router: Final = APIRouter(prefix="/v1/audit", tags=["audit"])


class AuditItem(BaseModel):
    """Who did what, when, on what. Entries are numbered in the order in which they were written."""

    no: int
    at: datetime
    actor: str = Field(description="A username, or `command:` and the account on the server")
    session: str | None = Field(description="The session in which it was done; null for a command")
    act: str = Field(examples=[*AdministrativeAct])
    subject: str = Field(description="The id of what was acted on")
    agency: str = Field(description="To which that belongs")
    details: dict[str, Any]


class AuditList(BaseModel):
    """Entries, the latest first."""

    items: list[AuditItem]
    next: str | None


@router.get("")
def list_audit(
    exchange: ThisExchange,
    session: Reading,
    caller: CallingStaff,
    response: Response,
    agency: Annotated[str | None, Query(description="Only acts on what belongs to this agency.")] = None,
    actor: Annotated[str | None, Query(description="Only acts of this person.")] = None,
    subject: Annotated[
        str | None, Query(description="Only acts on this credential, account, session, grant.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(description="The `next` of the previous page.")] = None,
) -> AuditList:
    """What administrators did, the latest first."""
    binding = f"audit:{caller.username}:{agency or ''}:{actor or ''}:{subject or ''}"
    key = exchange.key("cursors")
    before = int(paging.decode(key, cursor, binding=binding)[0] or 0) if cursor else None
    found = entries(session, before=before, limit=limit + 1, agency=agency, actor=actor, subject=subject)
    following = paging.encode(key, [found[limit - 1].no], binding=binding) if len(found) > limit else None
    if following:
        given = {"agency": agency, "actor": actor, "subject": subject}
        same = urlencode({name: value for name, value in given.items() if value} | {"cursor": following})
        response.headers["Link"] = f'<{router.prefix}?{same}>; rel="next"'
    return AuditList(
        items=[
            AuditItem(
                no=row.no or 0,
                at=row.at,
                actor=row.actor,
                session=row.session,
                act=row.act,
                subject=row.subject,
                agency=row.agency,
                details=row.details,
            )
            for row in found[:limit]
        ],
        next=following,
    )
