"""The policy in the database: its version, and one consistent reading of everything that it shows."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import col, or_, select

from services.exchange.store.agencies import succession_facts
from services.exchange.store.keys import published_jwks
from services.exchange.tables import (
    Agency,
    Credential,
    Grant,
    PolicyVersion,
    RevokedToken,
    StaffAccount,
    StaffSession,
)
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession, ReadSession, WriteSession
from services.kernel.policy import AgencyFact, CredentialFact, GrantFact, Policy, StaffFact

_USERNAME: Final = col(StaffAccount.username)
_IN_USE: Final = (col(StaffAccount.enrolled_at).is_not(None), col(StaffAccount.disabled_at).is_(None))


def bump_policy(session: WriteSession) -> None:
    """Move the policy's version within this transaction; call it before the change that the policy shows.

    The row's lock puts such transactions one after another, so that a version stands for exactly one state.
    """
    session.execute(update(PolicyVersion).values(version=col(PolicyVersion.version) + 1))


def policy_version(session: AnySession) -> int:
    """The version of the policy."""
    return session.exec(select(PolicyVersion.version)).one()


def read_policy(session: ReadSession, now: datetime) -> Policy:
    """The whole policy, of one version, as far as it can matter from an instant on.

    Credentials that are over and grants that ended before yesterday are left out; what begins or ends later carries
    its day, so that a policy stays right while no version moves.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(
            execution_options={"isolation_level": "REPEATABLE READ"}
        )  # one snapshot for all of it
    yesterday = shanghai_day(now) - timedelta(days=1)
    usable = (
        col(Credential.revoked_at).is_(None),
        or_(col(Credential.expires_at).is_(None), col(Credential.expires_at) > now),
    )
    live = or_(col(Grant.valid_until).is_(None), col(Grant.valid_until) >= yesterday)
    return Policy(
        version=policy_version(session),
        jwks=published_jwks(session, "access", now),
        agencies=[_agency(row) for row in session.exec(select(Agency).order_by(Agency.id))],
        credentials=[
            CredentialFact(
                client_id=row.client_id,
                agency=row.agency,
                expires_at=row.expires_at.timestamp() if row.expires_at else None,
                certificate=row.certificate,
                networks=tuple(row.networks or ()),
            )
            for row in session.exec(select(Credential).where(*usable).order_by(Credential.client_id))
        ],
        grants=[grant_fact(row) for row in session.exec(select(Grant).where(live).order_by(Grant.id))],
        staff=[_staff(row) for row in session.exec(select(StaffAccount).where(*_IN_USE).order_by(_USERNAME))],
        ended_sessions=list(
            session.exec(
                select(StaffSession.id).where(
                    col(StaffSession.ended_at).is_not(None), StaffSession.expires_at > now
                )
            )
        ),
        successions=succession_facts(session),
        revoked_tokens=list(session.exec(select(RevokedToken.jti).where(RevokedToken.expires_at > now))),
    )


def _staff(row: StaffAccount) -> StaffFact:
    return StaffFact(username=row.username, name=row.name, role=row.role, agency=row.agency)


def grant_fact(row: Grant) -> GrantFact:
    """A grant as the policy shows it."""
    return GrantFact(
        id=row.id,
        agency=row.agency,
        direction="push" if row.direction == "push" else "pull",
        kind=row.kind,
        regions=tuple(row.regions),
        groups=tuple(row.groups),
        purpose=row.purpose,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _agency(row: Agency) -> AgencyFact:
    return AgencyFact(
        id=row.id,
        department=row.department,
        name=row.name,
        level="province"
        if row.level == "province"
        else "prefecture"
        if row.level == "prefecture"
        else "county",
        region=row.region,
        superior=row.superior,
        uscc=row.uscc,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
