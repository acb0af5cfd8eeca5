"""Requests for access: made by an agency's system, answered by people of the provider, and an approval makes the grant."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from uuid import uuid4

from services.exchange.domain.access_request import (
    Decision,
    Forbidden,
    Office,
    RequestStatus,
    judge_answer,
    status_of,
)
from services.exchange.domain.grant import Proposal, objections
from services.exchange.service.administration import (
    FIELD_GROUPS,
    AdministrationRefused,
    add_grant,
    refuse_for,
)
from services.exchange.service.audit import Actor, AdministrativeAct, record
from services.exchange.store import access_requests as store
from services.exchange.tables import AccessRequest, Agency
from services.kernel import regions
from services.kernel.calendar import Period, deadline, shipped
from services.kernel.clock import shanghai_day
from services.kernel.db import WriteSession
from services.kernel.kinds import KINDS
from services.kernel.problems import Problem

Render = Callable[[AccessRequest], bytes]
_WHY: dict[str, str] = {
    "reason_missing": "a refusal states its reasons",
    "term_over": "the term that was asked for is over",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: a catalogue entry (a kind of a provider), where, which field groups, why, until when."""

    provider: str
    kind: str
    regions: tuple[str, ...]
    groups: tuple[str, ...]
    purpose: str
    basis: str
    explanation: str
    valid_until: date


@cache
def answer_period() -> Period:
    """How long a provider has; data of the release."""
    seed = tomllib.loads(
        files("services.exchange").joinpath("seed/access_requests.toml").read_text(encoding="utf-8")
    )
    return Period(seed["answer"]["n"], seed["answer"]["unit"])


def request_access(
    session: WriteSession,
    asked: Asked,
    *,
    agency: str,
    client_id: str,
    key: str,
    fingerprint: str,
    now: datetime,
    render: Render,
) -> bytes:
    """Enter a request and answer it as the caller shall see it; the same key with the same body answers the same bytes.

    Raises:
        AdministrationRefused: provider, kind, regions, groups or term are none that can be asked for.
        Problem: `idempotency_key_reused`.
    """
    known = store.find_by_key(session, agency, key)
    if known is not None:
        if known.fingerprint != fingerprint:
            raise Problem("idempotency_key_reused")
        return known.answer.encode()
    today = shanghai_day(now)
    _refuse_unsound(session, asked, agency, today)
    due = deadline(answer_period(), today, shipped())
    row = AccessRequest(
        id=f"ar_{int(now.timestamp() * 1000):013d}_{uuid4().hex[:16]}", agency=agency, provider=asked.provider, kind=asked.kind,
        regions=list(asked.regions), groups=list(asked.groups), purpose=asked.purpose, basis=asked.basis.strip(),
        explanation=asked.explanation.strip(), valid_until=asked.valid_until, requested_at=now, requested_by=client_id,
        due_on=due.due_on, is_due_estimated=due.is_estimated, idempotency_key=key, fingerprint=fingerprint,
    )  # fmt: skip
    rendered = render(row)
    row.answer = rendered.decode()
    session.add(row)
    session.flush()
    return rendered


def _refuse_unsound(session: WriteSession, asked: Asked, agency: str, today: date) -> None:
    provider = session.get(Agency, asked.provider)
    proposal = Proposal(
        agency, "pull", asked.kind, asked.regions, asked.groups, asked.purpose, asked.basis, today, asked.valid_until
    )  # fmt: skip
    unknown = [region for region in asked.regions if not regions.known(region)]
    foreign = [
        region
        for region in asked.regions
        if provider is not None and region not in unknown and not regions.within(region, provider.region)
    ]
    refuse_for(
        f"agency {asked.provider!r} is unknown" if provider is None else "",
        "an agency does not ask itself" if asked.provider == agency else "",
        f"regions {', '.join(foreign)} are not the provider's" if foreign else "",
        *objections(proposal, kinds=KINDS, groups=FIELD_GROUPS, unknown_regions=unknown),
    )


def standing(row: AccessRequest, today: date) -> RequestStatus:
    """Where a request stands on a day."""
    return status_of(row.decision, due_on=row.due_on, today=today)


def answer_request(
    session: WriteSession, identity: str, decision: Decision, reason: str, *, office: Callable[[AccessRequest], Office],
    actor: Actor, now: datetime,
) -> AccessRequest:  # fmt: skip
    """Answer a request; an approval gives the grant in the same transaction.

    Raises:
        Problem: `not_found`; `access_request_decided`; `role_missing` for whose turn it is not.
        AdministrationRefused: a refusal without reasons, a term that is over, a grant that cannot be given any more.
    """
    row, today = store.find_locked(session, identity), shanghai_day(now)
    if row is None:
        raise Problem("not_found")
    judged = judge_answer(
        decision,
        reason,
        office=office(row),
        status=standing(row, today),
        valid_until=row.valid_until,
        today=today,
    )
    if judged is not None:
        _refuse(judged)
    if decision == "approved":
        row.grant_id = add_grant(
            session, agency=row.agency, direction="pull", kind=row.kind, within=row.regions, groups=row.groups,
            purpose=row.purpose, basis=row.basis, valid_from=today, valid_until=row.valid_until,
        )  # fmt: skip
    row.decision, row.decided_at, row.decided_by, row.reason = decision, now, actor.name, reason.strip()
    act = AdministrativeAct.ACCESS_APPROVED if decision == "approved" else AdministrativeAct.ACCESS_REFUSED
    record(session, actor, act, subject=row.id, agency=row.agency, at=now, grant=row.grant_id)
    session.flush()
    return row


def _refuse(judged: Forbidden) -> None:
    if judged.reason == "decided":
        raise Problem("access_request_decided")
    if judged.reason in ("not_yours", "not_escalated"):
        raise Problem("role_missing", roles="agency_administrator (provider)")
    raise AdministrationRefused(_WHY[judged.reason])
