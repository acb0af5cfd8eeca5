"""Issue, rotation and revocation of agencies' credentials.

A secret is answered once, when it is made, and is not to be had again. Every change moves the policy's version, so
that a revocation holds in every process of both services within seconds.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from services.exchange.domain import secret
from services.exchange.domain.credential import LONGEST_OVERLAP, OVERLAP, Method, Status, status_of
from services.exchange.service.administration import AdministrationRefused, refuse_for
from services.exchange.service.clients import SECRET_PURPOSE
from services.exchange.store.credentials import credentials_of
from services.exchange.store.policy import bump_policy
from services.exchange.tables import Agency, Credential
from services.kernel.access import Scope
from services.kernel.db import AnySession, WriteSession
from services.kernel.peer import read_certificate, read_networks
from services.kernel.sealing import derive
from services.kernel.tokens import public_jwk as jwk_of


@dataclass(frozen=True, slots=True)
class IssuedCredential:
    """A new credential; `client_secret` is None when it rests on the agency's own key."""

    client_id: str
    agency: str
    client_secret: str | None
    expires_at: datetime | None


def issue_credential(
    session: WriteSession,
    service_secret: str,
    *,
    agency: str,
    now: datetime,
    label: str = "",
    public_key_pem: str | None = None,
    scopes: Sequence[str] | None = None,
    active_from: datetime | None = None,
    expires_at: datetime | None = None,
    certificate: str | None = None,
    networks: Sequence[str] = (),
    public_jwk: dict[str, Any] | None = None,
) -> IssuedCredential:
    """A credential for a system of an agency: with a new secret or, given a public key, for signed assertions.

    `service_secret` is the exchange's own secret, under which client secrets are hashed. `active_from` lets it wait;
    `certificate` (PEM, or its SHA-256 thumbprint) and `networks` bind its use and that of its tokens. `public_jwk` is a
    key that was read before.

    Raises:
        AdministrationRefused: the agency or a scope is unknown, the key is no public key on P-256, the end is past or
            before the beginning, the certificate cannot be read, a network is none.
    """
    unknown = sorted(set(scopes or ()) - set(Scope))
    bound_to = None if certificate is None else read_certificate(certificate)
    refuse_for(
        "the certificate is neither PEM nor a SHA-256 thumbprint"
        if certificate is not None and bound_to is None
        else "",
        *(
            f"network {network!r} is none, such as 10.1.0.0/16"
            for network in networks
            if not _is_network(network)
        ),
        "the credential would end before it begins"
        if expires_at is not None and active_from is not None and expires_at <= active_from
        else "",
        f"agency {agency!r} is unknown" if session.get(Agency, agency) is None else "",
        f"scopes {', '.join(unknown)} are unknown; one of {', '.join(Scope)}" if unknown else "",
        "a credential that is narrowed to no scope at all is of no use"
        if scopes is not None and not scopes
        else "",
        "the credential would have ended already" if expires_at is not None and expires_at <= now else "",
    )
    jwk = public_jwk if public_key_pem is None else read_public_key(public_key_pem)
    made = None if jwk is not None else secret.compose(os.urandom(secret.ENTROPY_BYTES))
    method: Method = "secret" if made is not None else "private_key_jwt"
    bump_policy(session)
    row = Credential(
        client_id=f"zxc_{uuid4().hex}",
        agency=agency,
        label=label[:100],
        method=method,
        secret_hash=None if made is None else secret.keyed_hash(derive(service_secret, SECRET_PURPOSE), made),
        public_jwk=jwk,
        scopes=None if scopes is None else sorted(set(scopes)),
        created_at=now,
        active_from=active_from,
        expires_at=expires_at,
        certificate=bound_to,
        networks=sorted(set(networks)) or None,
    )
    session.add(row)
    session.flush()
    return IssuedCredential(row.client_id, agency, made, expires_at)


def rotate_credential(
    session: WriteSession,
    service_secret: str,
    *,
    client_id: str,
    now: datetime,
    public_key_pem: str | None = None,
    certificate: str | None = None,
    overlap: timedelta = OVERLAP,
) -> IssuedCredential:
    """A new credential in place of one, which goes on working for the overlap, so that no push has to stop.

    The new one has the old one's agency, label, scopes, networks and, unless another is given, certificate, and as much
    time from now as the old one was given. The old one is `retiring` from now on.

    Raises:
        AdministrationRefused: the credential is not in use or replaced already, the overlap is too long, or a new public
            key is missing.
    """
    old = _usable(session, client_id, now)
    refuse_for(
        f"an overlap lasts at most {LONGEST_OVERLAP.days} days"
        if not timedelta(0) <= overlap <= LONGEST_OVERLAP
        else "",
        "this credential rests on a key pair: give its new public key"
        if old.public_jwk and not public_key_pem
        else "",
    )
    lifetime = None if old.expires_at is None else old.expires_at - old.created_at
    issued = issue_credential(
        session,
        service_secret,
        agency=old.agency,
        now=now,
        label=old.label,
        public_key_pem=public_key_pem,
        scopes=old.scopes,
        expires_at=None if lifetime is None else now + lifetime,
        certificate=certificate or old.certificate,
        networks=old.networks or (),
    )
    old.successor = issued.client_id
    end = now + overlap
    old.expires_at = end if old.expires_at is None else min(end, old.expires_at)
    session.flush()
    return issued


def succeed_credential(
    session: WriteSession,
    service_secret: str,
    *,
    old: Credential,
    agency: str,
    now: datetime,
    until: datetime,
) -> IssuedCredential:
    """A credential of a successor in place of one of its predecessor, which works until an instant and no longer.

    It has the old one's label, public key, scopes, certificate and networks, and as much time as the old one was given.
    """
    lifetime = None if old.expires_at is None else old.expires_at - old.created_at
    issued = issue_credential(
        session,
        service_secret,
        agency=agency,
        now=now,
        label=old.label,
        public_jwk=old.public_jwk,
        scopes=old.scopes,
        expires_at=None if lifetime is None else now + lifetime,
        certificate=old.certificate,
        networks=old.networks or (),
    )
    old.successor = issued.client_id
    end_credential(session, old, until)
    return issued


def end_credential(session: WriteSession, row: Credential, until: datetime) -> bool:
    """Let a credential end with an instant; False when it ends no later by itself. An end is never moved back."""
    if row.expires_at is not None and row.expires_at <= until:
        return False
    bump_policy(session)
    row.expires_at = until
    session.flush()
    return True


def revoke_credential(session: WriteSession, *, client_id: str, now: datetime) -> str:
    """End a credential now, its tokens included. Revoking one that is revoked changes nothing.

    Answers whose credential it was.

    Raises:
        AdministrationRefused: there is no such credential.
    """
    row = session.get(Credential, client_id)
    if row is None:
        raise AdministrationRefused(f"credential {client_id!r} is unknown")
    if row.revoked_at is None:
        bump_policy(session)
        row.revoked_at = now
        session.flush()
    return row.agency


def list_credentials(session: AnySession, *, agency: str | None = None) -> Sequence[Credential]:
    """The credentials of an agency, or of all, oldest first, whatever their state."""
    return credentials_of(session, agency)


def credential_status(row: Credential, now: datetime) -> Status:
    """Where a credential stands in its life."""
    return status_of(
        expires_at=row.expires_at, revoked_at=row.revoked_at, now=now, active_from=row.active_from,
        successor=row.successor,
    )  # fmt: skip


def read_public_key(pem: str) -> dict[str, Any]:
    """The JWK of a public key in PEM.

    Raises:
        AdministrationRefused: it is none, not one on P-256, or a private key, which nobody but its owner may see.
    """
    if "PRIVATE KEY" in pem:
        raise AdministrationRefused(
            "this is a private key; send the public half only, and make a new pair now"
        )
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise AdministrationRefused("this is no public key in PEM") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise AdministrationRefused("the key must be an elliptic-curve key on P-256 (for ES256)")
    return dict(jwk_of(key))


def _usable(session: WriteSession, client_id: str, now: datetime) -> Credential:
    row = session.get(Credential, client_id)
    if row is None:
        raise AdministrationRefused(f"credential {client_id!r} is unknown")
    status = credential_status(row, now)
    if status != "active":
        raise AdministrationRefused(f"credential {client_id} is {status}")
    return row


def _is_network(text: str) -> bool:
    try:
        return len(read_networks(text)) == 1
    except ValueError:
        return False
