"""Proving which client calls the token endpoint: by a secret or by a signed assertion, one of them, every time.

Whatever is wrong with a client, the answer is the same `invalid_client`, after the same work: one query, one keyed
hash or one signature check. What was wrong stands in the log. After several failures in a row at one address the
client waits, longer each time, and so does one that does not exist.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from jwt.algorithms import ECAlgorithm

from services.exchange.context import Exchange
from services.exchange.domain import assertion, secret
from services.exchange.domain.attempts import wait_after
from services.exchange.domain.credential import USABLE, Method, in_force, nearing_end, status_of
from services.exchange.store.attempts import attempts_of, forget_failures, note_failure
from services.exchange.store.credentials import find_credential, touch_credential, use_assertion
from services.exchange.tables import Agency, Credential
from services.kernel.clock import SHANGHAI, shanghai_day
from services.kernel.jws import NotCompact, take_apart
from services.kernel.peer import Peer, binding_of

SECRET_PURPOSE: Final = "client-secret"  # noqa: S105 - the purpose of a key, not a secret
_TOUCH_AFTER: Final = timedelta(hours=1)
"""`last_used_at` is for people who look for dead credentials; a write for each token would be the dearer half of it."""
_NOBODYS_HASH: Final = bytes(32)
_NOBODYS_JWK: Final = {
    # The generator of P-256, whose private key is 1: it stands in for an unknown client's key, and proves nobody.
    "kty": "EC",
    "crv": "P-256",
    "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
    "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
}
log = structlog.get_logger(__name__)


class ClientRefused(Exception):  # noqa: N818 - says what happened to the client
    """The client could not prove who it is; the reason is for the log, never for the caller."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ClientMustWait(Exception):  # noqa: N818 - says what happens to the client
    """Too many proofs failed; the next one is not looked at before some seconds are over."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class SecretProof:
    """A client id with its secret."""

    client_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class AssertionProof:
    """A signed assertion, and the client id that was named beside it, if any."""

    assertion: str
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A client that proved who it is."""

    client_id: str
    agency: str
    scopes: tuple[str, ...] | None
    ends: tuple[datetime | None, ...]
    """The instants at which its credential and its agency end."""
    certificate: str | None = None
    """The thumbprint of the certificate to which its tokens are bound."""
    warned_end: datetime | None = None
    """The end of its credential, once that is near."""


def authenticate(exchange: Exchange, proof: SecretProof | AssertionProof, peer: Peer) -> Client:
    """The client behind a proof that a peer offers.

    Raises:
        ClientMustWait: too many proofs failed just now.
        ClientRefused: unknown, not begun, revoked, expired, of an agency that is no more, not proven, or without the
            certificate or outside the networks to which the credential is bound.
    """
    now = exchange.clock()
    claimed, address = _claimed_id(proof), str(peer.address or "")
    with exchange.database.read() as session:
        failed = attempts_of(session, claimed, address)
    if wait := wait_after(failed, now):
        log.warning(
            "client_must_wait",
            client_id=claimed[:40],
            address=address,
            failures=failed.failures if failed else 0,
        )
        raise ClientMustWait(math.ceil(wait.total_seconds()))
    try:
        if isinstance(proof, SecretProof):
            credential, agency = _by_secret(exchange, proof)
        else:
            credential, agency = _by_assertion(exchange, proof, now)
        _refuse_foreign(credential, peer)
    except ClientRefused as refusal:
        log.warning("client_refused", client_id=claimed[:40], address=address, reason=refusal.reason)
        with exchange.database.write("attempt_failed") as session:
            note_failure(session, claimed, address, now)
        raise
    if failed or credential.last_used_at is None or now - credential.last_used_at > _TOUCH_AFTER:
        with exchange.database.write("credential_touch") as session:
            touch_credential(session, credential.client_id, now)
            forget_failures(session, claimed, address)
    return _client(credential, agency, now)


def _client(credential: Credential, agency: Agency, now: datetime) -> Client:
    return Client(
        client_id=credential.client_id,
        agency=agency.id,
        scopes=None if credential.scopes is None else tuple(credential.scopes),
        ends=(credential.expires_at, _end_of(agency)),
        certificate=credential.certificate,
        warned_end=nearing_end(credential.expires_at, now),
    )


def _refuse_foreign(credential: Credential, peer: Peer) -> None:
    binding = binding_of(credential.certificate, credential.networks)
    if binding is None:
        return
    if not binding.admits_certificate(peer):
        raise ClientRefused("certificate")
    if not binding.admits_address(peer):
        raise ClientRefused("network")


def _by_secret(exchange: Exchange, proof: SecretProof) -> tuple[Credential, Agency]:
    found = _find(exchange, proof.client_id)
    stored = found[0].secret_hash if found else None
    # An unknown client, or one without a secret, costs the same hash and the same comparison.
    matched = secret.matches(stored or _NOBODYS_HASH, exchange.key(SECRET_PURPOSE), proof.secret)
    if found is None or stored is None:
        raise ClientRefused("unknown" if found is None else "other_method")
    if not matched:
        raise ClientRefused("secret" if secret.is_well_formed(proof.secret) else "secret_malformed")
    return _usable(found, "secret", exchange.clock())


def _by_assertion(exchange: Exchange, proof: AssertionProof, now: datetime) -> tuple[Credential, Agency]:
    claimed = _unverified(proof.assertion)
    client_id = claimed.get("sub")
    if not isinstance(client_id, str) or proof.client_id not in (None, client_id):
        raise ClientRefused("subject")
    found = _find(exchange, client_id)
    jwk = found[0].public_jwk if found else None
    _verify(proof.assertion, _public_key(jwk or _NOBODYS_JWK))
    if found is None or jwk is None:
        raise ClientRefused("unknown" if found is None else "other_method")
    judged = assertion.judge(claimed, client_id=client_id, issuer=exchange.settings.issuer, now=now)
    if isinstance(judged, assertion.Unsound):
        raise ClientRefused(judged.fault)
    usable = _usable(found, "private_key_jwt", now)
    with exchange.database.write("assertion_use") as session:
        fresh = use_assertion(
            session, client_id=client_id, jti=judged.jti, expires_at=judged.expires_at, now=now
        )
    if not fresh:
        raise ClientRefused("replayed")
    return usable


def signer_of(exchange: Exchange, token: str, *, type_: str) -> tuple[dict[str, Any], Client]:
    """The claims of a statement of a type, and the client (its `iss`) whose registered key signed it.

    Raises:
        ClientRefused: as `authenticate`.
    """
    try:
        header, claims = take_apart(token)
    except NotCompact:
        raise ClientRefused("statement_malformed") from None
    client_id = claims.get("iss")
    if header != {"alg": assertion.ALGORITHM, "typ": type_} or not isinstance(client_id, str):
        raise ClientRefused("header")
    found = _find(exchange, client_id)
    jwk = found[0].public_jwk if found else None
    _verify(token, _public_key(jwk or _NOBODYS_JWK))
    if found is None or jwk is None:
        raise ClientRefused("unknown" if found is None else "other_method")
    now = exchange.clock()
    credential, agency = _usable(found, "private_key_jwt", now)
    return claims, _client(credential, agency, now)


def _find(exchange: Exchange, client_id: str) -> tuple[Credential, Agency] | None:
    if not client_id.isascii() or not client_id.isprintable():
        return None  # no such id was ever given, and PostgreSQL takes no NUL in a text
    with exchange.database.read() as session:
        return find_credential(session, client_id)


def _usable(found: tuple[Credential, Agency], method: Method, now: datetime) -> tuple[Credential, Agency]:
    credential, agency = found
    status = status_of(
        expires_at=credential.expires_at, revoked_at=credential.revoked_at, now=now, active_from=credential.active_from,
        successor=credential.successor,
    )  # fmt: skip
    if credential.method != method:
        raise ClientRefused("other_method")
    if status not in USABLE:
        raise ClientRefused(status)
    if not in_force(agency.valid_from, agency.valid_until, shanghai_day(now)):
        raise ClientRefused("agency_over")
    return found


def _unverified(token: str) -> dict[str, Any]:
    try:
        header, claims = take_apart(token)
    except NotCompact:
        raise ClientRefused("assertion_malformed") from None
    if not assertion.is_plain_header(header):
        raise ClientRefused("header")
    return claims


def _verify(token: str, key: EllipticCurvePublicKey) -> None:
    try:
        jwt.api_jws.PyJWS([assertion.ALGORITHM]).decode(token, key, algorithms=[assertion.ALGORITHM])
    except (jwt.InvalidTokenError, ValueError):
        raise ClientRefused("signature") from None


def _public_key(jwk: dict[str, Any]) -> EllipticCurvePublicKey:
    key = ECAlgorithm.from_jwk(jwk)
    assert isinstance(key, EllipticCurvePublicKey)  # noqa: S101 - only public keys are registered
    return key


def _end_of(agency: Agency) -> datetime | None:
    """The first instant after an agency's last day in China."""
    if agency.valid_until is None:
        return None
    return datetime.combine(agency.valid_until + timedelta(days=1), datetime.min.time(), SHANGHAI)


def _claimed_id(proof: SecretProof | AssertionProof) -> str:
    """Whom the proof speaks of, whether it is sound or not; empty when it cannot be read."""
    if isinstance(proof, SecretProof):
        return proof.client_id
    try:
        subject = take_apart(proof.assertion).claims.get("sub")
    except NotCompact:
        return ""
    return subject if isinstance(subject, str) else ""
