"""Credentials of agencies' systems, managed by the administrators in whose reach the agency lies."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.exchange.api.idempotency import Once, answer_once
from services.exchange.api.reach import actor, agencies_in_reach, credential_in_reach, require_reach
from services.exchange.api.sessions import Reading, ThisExchange, writing
from services.exchange.domain.credential import LONGEST_OVERLAP, OVERLAP, Status
from services.exchange.service import credentials as service
from services.exchange.service.audit import AdministrativeAct, record
from services.exchange.store.credentials import page_of_credentials
from services.exchange.tables import Credential
from services.kernel import paging
from services.kernel.access import CallingStaff, Scope
from services.kernel.clock import SHANGHAI
from services.kernel.db import WriteSession

router: Final = APIRouter(prefix="/v1/credentials", tags=["credentials"])
Writing = Annotated[WriteSession, writing("exchange.credential_changed")]
_HOURS: Final = int(LONGEST_OVERLAP.total_seconds() // 3600)
_NEVER: Final = date(3000, 1, 1)
_LABEL: Final = r"^[^\x00-\x1f\x7f]*$"


class CredentialItem(BaseModel):
    """One credential; its secret is kept nowhere. Instants are null for what has not happened."""

    client_id: str
    agency: str
    label: str
    method: Literal["secret", "private_key_jwt"]
    status: Status
    scopes: list[Scope] | None = Field(
        description="What it is narrowed to; null: all that the agency's grants allow"
    )
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="When it last obtained a token; exact to the hour")
    active_from: datetime | None = Field(description="When it begins; null: when it was issued")
    successor: str | None = Field(description="The credential that came in its place")
    certificate: str | None = Field(description="SHA-256 thumbprint of the certificate to which it is bound")
    networks: list[str] = Field(description="The networks from which alone it works; none: from everywhere")
    failed_attempts: int = Field(description="How often a proof under its id failed")
    last_failed_at: datetime | None


class CredentialList(BaseModel):
    """Credentials in reach, whatever their state, by client id."""

    items: list[CredentialItem]
    next: str | None


class NewCredential(BaseModel):
    """For which system of which agency; with a public key it rests on the agency's key pair, else on a new secret."""

    model_config = ConfigDict(extra="forbid")
    agency: str = Field(max_length=64)
    label: str = Field(default="", max_length=100, pattern=_LABEL, description="Which system it is for")
    public_key_pem: str | None = Field(default=None, max_length=2000)
    scopes: list[Scope] | None = Field(
        default=None, min_length=1, description="Narrow it to these; all when absent"
    )
    starts_on: date | None = Field(default=None, lt=_NEVER, description="Its first day in China")
    expires_on: date | None = Field(default=None, lt=_NEVER, description="Its last day in China")
    certificate: str | None = Field(
        default=None, max_length=16_000, description="PEM or SHA-256 thumbprint of the client certificate"
    )
    networks: list[Annotated[str, Field(max_length=50)]] = Field(
        default=[], max_length=50, description="The networks (CIDR) from which alone it works"
    )


class Rotation(BaseModel):
    """How long the old credential still works beside the new one."""

    model_config = ConfigDict(extra="forbid")
    overlap_hours: int = Field(default=int(OVERLAP.total_seconds() // 3600), ge=0, le=_HOURS)
    public_key_pem: str | None = Field(
        default=None, max_length=2000, description="Where it rests on a key pair"
    )


class CredentialIssued(BaseModel):
    """A new credential. The secret is shown this once: null when it rests on a key pair or the request is repeated."""

    client_id: str
    agency: str
    client_secret: str | None
    expires_at: datetime | None


@router.get("")
def list_credentials(
    exchange: ThisExchange,
    session: Reading,
    caller: CallingStaff,
    response: Response,
    agency: Annotated[str | None, Query(description="Only this agency's; it must be in reach.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(description="The `next` of the previous page.")] = None,
) -> CredentialList:
    """The credentials of one's own agency and of all that reports to it, with their last use."""
    agencies = agencies_in_reach(exchange, caller, agency)
    binding, key = f"credentials:{caller.username}:{agency or ''}", exchange.key("cursors")
    after = str(paging.decode(key, cursor, binding=binding)[0]) if cursor else ""
    found = page_of_credentials(session, agencies=agencies, after=after, limit=limit + 1)
    following = (
        paging.encode(key, [found[limit - 1].client_id], binding=binding) if len(found) > limit else None
    )
    if following:
        same = f"&agency={agency}" if agency else ""
        response.headers["Link"] = f'<{router.prefix}?cursor={following}{same}>; rel="next"'
    now = exchange.clock()
    return CredentialList(items=[_item(row, now) for row in found[:limit]], next=following)


@router.post("", status_code=201)
def issue_credential(
    exchange: ThisExchange, caller: CallingStaff, once: Once, body: NewCredential, session: Writing
) -> CredentialIssued:
    """Issue a credential for a system of an agency in reach. Its rights follow from the agency's grants."""
    require_reach(exchange, caller, body.agency)
    now = exchange.clock()

    def act() -> CredentialIssued:
        issued = service.issue_credential(
            session,
            exchange.settings.secret.get_secret_value(),
            agency=body.agency,
            now=now,
            label=body.label,
            public_key_pem=body.public_key_pem,
            scopes=body.scopes,
            active_from=_start_of(body.starts_on),
            expires_at=_end_of(body.expires_on),
            certificate=body.certificate,
            networks=body.networks,
        )
        record(
            session, actor(caller), AdministrativeAct.CREDENTIAL_ISSUED, subject=issued.client_id,
            agency=issued.agency, at=now, label=body.label, scopes=body.scopes,
        )  # fmt: skip
        return _issued(issued)

    return answer_once(exchange, session, caller, once, body, CredentialIssued, act, secret="client_secret")  # noqa: S106 - the name of a member


@router.get("/{client_id}")
def show_credential(
    exchange: ThisExchange, session: Reading, caller: CallingStaff, client_id: str
) -> CredentialItem:
    """One credential in reach: its state and its last use."""
    return _item(credential_in_reach(exchange, session, caller, client_id), exchange.clock())


@router.post("/{client_id}/rotations", status_code=201)
def rotate_credential(
    exchange: ThisExchange, caller: CallingStaff, once: Once, client_id: str, body: Rotation, session: Writing
) -> CredentialIssued:
    """Issue a new credential in place of one, which goes on working for the overlap, so that no push has to stop."""
    credential_in_reach(exchange, session, caller, client_id)
    now = exchange.clock()

    def act() -> CredentialIssued:
        issued = service.rotate_credential(
            session,
            exchange.settings.secret.get_secret_value(),
            client_id=client_id,
            now=now,
            public_key_pem=body.public_key_pem,
            overlap=timedelta(hours=body.overlap_hours),
        )
        record(
            session, actor(caller), AdministrativeAct.CREDENTIAL_ROTATED, subject=client_id, agency=issued.agency,
            at=now, successor=issued.client_id, overlap_hours=body.overlap_hours,
        )  # fmt: skip
        return _issued(issued)

    return answer_once(exchange, session, caller, once, body, CredentialIssued, act, secret="client_secret")  # noqa: S106 - the name of a member


@router.post("/{client_id}/revocation")
def revoke_credential(
    exchange: ThisExchange, caller: CallingStaff, client_id: str, session: Writing
) -> CredentialItem:
    """End a credential and its tokens, in both services within seconds. Doing it again changes nothing."""
    row = credential_in_reach(exchange, session, caller, client_id)
    now = exchange.clock()
    if row.revoked_at is None:
        service.revoke_credential(session, client_id=client_id, now=now)
        record(
            session,
            actor(caller),
            AdministrativeAct.CREDENTIAL_REVOKED,
            subject=client_id,
            agency=row.agency,
            at=now,
        )
    return _item(row, now)


def _start_of(day: date | None) -> datetime | None:
    """The first instant of a day in China."""
    return None if day is None else datetime.combine(day, datetime.min.time(), SHANGHAI).astimezone(UTC)


def _end_of(day: date | None) -> datetime | None:
    """The first instant after a day in China."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI).astimezone(UTC)


def _issued(issued: service.IssuedCredential) -> CredentialIssued:
    return CredentialIssued(
        client_id=issued.client_id,
        agency=issued.agency,
        client_secret=issued.client_secret,
        expires_at=issued.expires_at,
    )


def _item(row: Credential, now: datetime) -> CredentialItem:
    return CredentialItem(
        client_id=row.client_id,
        agency=row.agency,
        label=row.label,
        method="secret" if row.method == "secret" else "private_key_jwt",
        status=service.credential_status(row, now),
        scopes=None if row.scopes is None else [Scope(scope) for scope in row.scopes],
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        active_from=row.active_from,
        successor=row.successor,
        certificate=row.certificate,
        networks=row.networks or [],
        failed_attempts=row.failed_attempts,
        last_failed_at=row.last_failed_at,
    )
