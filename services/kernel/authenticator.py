"""Who calls, decided offline from the policy: access tokens of agencies, service tokens of the peer.

A verified token is remembered with its signature's work done; its expiry, its revocation, its credential and the age
of the policy are checked again at every request.
"""

from collections.abc import Callable

from services.kernel.access import AgencyPrincipal, ServicePrincipal, is_expired
from services.kernel.clock import Clock
from services.kernel.policy import Policy
from services.kernel.problems import Problem
from services.kernel.service_client import read_service_token
from services.kernel.tokens import ACCESS_TYPE, KeyRing, TokenError

_REMEMBERED = 10_000

PolicySource = Callable[[], Policy]
"""Answers the policy in force, or raises `Problem("policy_stale")`."""


class PolicyAuthenticator:
    """The authenticator of both services."""

    def __init__(
        self, *, policy: PolicySource, issuer: str, clock: Clock, service: str, peer: str, peer_keys: KeyRing
    ) -> None:
        self._policy, self._issuer, self._audience, self._clock = policy, issuer, audience_of(issuer), clock
        self._service, self._peer, self._peer_keys = service, peer, peer_keys
        self._remembered: dict[str, AgencyPrincipal] = {}
        self._ring: tuple[int, KeyRing] = (-1, KeyRing())

    def agency(self, token: str) -> AgencyPrincipal:
        """The agency behind an access token.

        Raises:
            Problem: `token_invalid`, `token_expired`, or `policy_stale` when nothing can be decided.
        """
        policy = self._policy()
        principal = self._remembered.get(token) or self._verify(token, policy)
        if is_expired(principal, self._clock()):
            self._remembered.pop(token, None)
            raise Problem("token_expired")
        credential = policy.credential.get(principal.client_id)
        if (
            credential is None
            or credential.agency != principal.agency
            or principal.token_id in policy.revoked
        ):
            self._remembered.pop(token, None)
            raise Problem("token_invalid")
        if credential.expires_at is not None and credential.expires_at <= self._clock().timestamp():
            self._remembered.pop(token, None)
            raise Problem("token_invalid")
        return principal

    def _verify(self, token: str, policy: Policy) -> AgencyPrincipal:
        if self._ring[0] != policy.version:
            self._ring = (policy.version, KeyRing(policy.jwks))
            self._remembered.clear()
        try:
            claims = self._ring[1].verify(
                token, typ=ACCESS_TYPE, issuer=self._issuer, audience=self._audience, now=self._clock(),
                required=("client_id", "scope"),
            )  # fmt: skip
        except TokenError as refusal:
            raise Problem(refusal.code) from None
        principal = AgencyPrincipal(
            agency=str(claims["sub"]),
            client_id=str(claims["client_id"]),
            scopes=frozenset(str(claims["scope"]).split()),
            expires_at=float(claims["exp"]),
            token_id=str(claims["jti"]),
        )
        if len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
        self._remembered[token] = principal
        return principal

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
