"""Access tokens: issued to proven clients, given back, and explained to the client that holds them (RFC 9068)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from services.exchange.context import Exchange
from services.exchange.domain.credential import Refused, decide_scopes, end_of_token
from services.exchange.service.clients import Client
from services.exchange.store.credentials import is_token_revoked, revoke_token
from services.exchange.store.grants import grants_of
from services.exchange.store.policy import bump_policy, grant_fact
from services.kernel.authenticator import CONFIRMATION, audience_of
from services.kernel.clock import shanghai_day
from services.kernel.db import ReadSession
from services.kernel.policy import GrantFact, scopes_of
from services.kernel.tokens import ACCESS_TYPE, KeyRing, TokenError

LIFETIME: Final = timedelta(minutes=5)


class ScopeRefused(Exception):  # noqa: N818 - says what happened to the request
    """Scopes were asked for that the client may not have."""

    def __init__(self, scopes: Iterable[str]) -> None:
        self.scopes = tuple(sorted(scopes))
        super().__init__(" ".join(self.scopes))


class ForeignToken(Exception):  # noqa: N818 - names what was handed in
    """The token was issued to another client."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new access token: its life in seconds, and its scopes in order."""

    token: str
    expires_in: int
    scopes: tuple[str, ...]


def issue_token(exchange: Exchange, client: Client, requested: Iterable[str] | None) -> IssuedToken:
    """An access token for a client, with the scopes asked for or with all that it may have.

    Grants themselves never ride in a token: they are looked up at each request.

    Raises:
        ScopeRefused: more was asked for than the agency's live grants and the credential allow.
    """
    now = exchange.clock()
    with exchange.database.read() as session:
        live = _live_grants(exchange, session, client.agency)
    decided = decide_scopes(requested, allowed=scopes_of(live), narrowed_to=client.scopes)
    if isinstance(decided, Refused):
        raise ScopeRefused(decided.scopes)
    scopes = tuple(sorted(decided.scopes))
    issued = int(now.timestamp())
    expires = int(end_of_token(now, lifetime=LIFETIME, ends=client.ends).timestamp())
    claims: dict[str, Any] = {
        "iss": exchange.settings.issuer,
        "aud": audience_of(exchange.settings.issuer),
        "sub": client.agency,
        "client_id": client.client_id,
        "scope": " ".join(scopes),
        "iat": issued,
        "exp": expires,
        "jti": uuid4().hex,
    }
    if client.certificate is not None:
        claims["cnf"] = {CONFIRMATION: client.certificate}
    token = exchange.keys.signing_key("access", now).sign(claims, ACCESS_TYPE)
    return IssuedToken(token, expires - issued, scopes)


def give_back(exchange: Exchange, client: Client, token: str) -> None:
    """Make a client's own token worthless everywhere; a token that is worthless already is no error (RFC 7009, 2.2).

    Raises:
        ForeignToken: it was issued to another client.
    """
    claims = _claims(exchange, token)
    if claims is None:
        return
    if claims["client_id"] != client.client_id:
        raise ForeignToken
    now = exchange.clock()
    with exchange.database.write("token_revoke") as session:
        bump_policy(session)
        revoke_token(
            session, jti=claims["jti"], expires_at=datetime.fromtimestamp(claims["exp"], UTC), now=now
        )


def explain_token(exchange: Exchange, client: Client, token: str) -> dict[str, Any] | None:
    """The claims of a client's own live token, with the scopes that are still granted; None of any other token, so that
    nobody learns of foreign ones."""
    claims = _claims(exchange, token)
    if claims is None or claims["client_id"] != client.client_id:
        return None
    with exchange.database.read() as session:
        if is_token_revoked(session, claims["jti"]):
            return None
        allowed = scopes_of(_live_grants(exchange, session, client.agency))
    scopes = [scope for scope in str(claims["scope"]).split() if scope in allowed]
    return claims | {"scope": " ".join(scopes)}


def _live_grants(exchange: Exchange, session: ReadSession, agency: str) -> list[GrantFact]:
    on = shanghai_day(exchange.clock())
    return [fact for row in grants_of(session, agency) if (fact := grant_fact(row)).in_force(on)]


def _claims(exchange: Exchange, token: str) -> dict[str, Any] | None:
    try:
        return KeyRing(exchange.keys.jwks("access")).verify(
            token,
            typ=ACCESS_TYPE,
            issuer=exchange.settings.issuer,
            audience=audience_of(exchange.settings.issuer),
            now=exchange.clock(),
            required=("client_id", "scope"),
        )
    except TokenError:
        return None
