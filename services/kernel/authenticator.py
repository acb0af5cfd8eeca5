"""Who calls, decided offline from the policy: access tokens of agencies, service tokens of the peer.

A verified token is remembered with its signature's work done, for one version of the policy and one day; its expiry, its
revocation, its credential and the age of the policy are checked again at every request. Its scopes count only as far as
a live grant stands behind them.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from services.kernel.access import AgencyPrincipal, ServicePrincipal, is_expired
from services.kernel.clock import Clock, shanghai_day
from services.kernel.peer import binding_of
from services.kernel.policy import Policy
from services.kernel.problems import Problem
from services.kernel.service_client import read_service_token
from services.kernel.tokens import ACCESS_TYPE, KeyRing, TokenError

_REMEMBERED = 10_000
CONFIRMATION = "x5t#S256"
"""The member of the claim `cnf` that names the certificate to which a token is bound (RFC 8705, 3.1)."""

PolicySource = Callable[[], Policy]
"""Answers the policy in force, or raises `Problem("policy_stale")`."""


class _Held(NamedTuple):
    """What is remembered under one version of the policy on one day; replaced as a whole, since threads share it."""

    version: int
    today: date
    ring: KeyRing
    known: dict[str, AgencyPrincipal]


class PolicyAuthenticator:
    """The authenticator of both services."""

    def __init__(
        self, *, policy: PolicySource, issuer: str, clock: Clock, service: str, peer: str, peer_keys: KeyRing
    ) -> None:
        self._policy, self._issuer, self._audience, self._clock = policy, issuer, audience_of(issuer), clock
        self._service, self._peer, self._peer_keys = service, peer, peer_keys
        self._held = _Held(-1, date.min, KeyRing(), {})

    def agency(self, token: str) -> AgencyPrincipal:
        """The agency behind an access token, with no more scopes than its live grants allow.

        Raises:
            Problem: `token_invalid`, `token_expired`, or `policy_stale` when nothing can be decided.
        """
        policy, now = self._policy(), self._clock()
        today = shanghai_day(now)
        held = self._held
        if held.version != policy.version or held.today != today:
            held = self._held = _Held(policy.version, today, KeyRing(policy.jwks), {})
        known = held.known
        principal = known.get(token) or self._verify(token, held.ring, policy, today)
        if is_expired(principal, now):
            known.pop(token, None)
            raise Problem("token_expired")
        credential = policy.credential.get(principal.client_id)
        if (
            credential is None
            or credential.agency != principal.agency
            or principal.token_id in policy.revoked
            or (credential.expires_at is not None and credential.expires_at <= now.timestamp())
        ):
            raise Problem("token_invalid")
        if len(known) >= _REMEMBERED:
            known.clear()
        known[token] = principal
        return principal

    def _verify(self, token: str, ring: KeyRing, policy: Policy, today: date) -> AgencyPrincipal:
        try:
            claims = ring.verify(
                token, typ=ACCESS_TYPE, issuer=self._issuer, audience=self._audience, now=self._clock(),
                required=("client_id", "scope"),
            )  # fmt: skip
        except TokenError as refusal:
            raise Problem(refusal.code) from None
        agency, claimed = str(claims["sub"]), frozenset(str(claims["scope"]).split())
        credential, confirmation = policy.credential.get(str(claims["client_id"])), claims.get("cnf")
        bound_to = confirmation.get(CONFIRMATION) if isinstance(confirmation, dict) else None
        if credential is not None and credential.certificate not in (None, bound_to):
            raise Problem(
                "token_invalid"
            )  # it was issued before its credential was bound to this certificate
        return AgencyPrincipal(
            agency=agency,
            client_id=str(claims["client_id"]),
            scopes=claimed & policy.scopes(agency, today),
            claimed=claimed,
            expires_at=float(claims["exp"]),
            token_id=str(claims["jti"]),
            binding=binding_of(bound_to, credential.networks if credential else ()),
        )

    def service(self, token: str) -> ServicePrincipal:
        """The peer service behind a service token.

        Raises:
            Problem: `token_invalid` or `token_expired`.
        """
        try:
            actor = read_service_token(
                self._peer_keys, token, issuer=self._peer, audience=self._service, now=self._clock()
            )
        except TokenError as refusal:
            raise Problem(refusal.code) from None
        return ServicePrincipal(self._peer, actor)


def audience_of(issuer: str) -> str:
    """The audience of access tokens: the API of an issuer, never the issuer itself, which client assertions name."""
    return f"{issuer}/v1"
