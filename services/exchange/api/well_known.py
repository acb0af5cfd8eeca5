"""What the exchange publishes about itself: server metadata (RFC 8414) and its public keys (RFC 7517)."""

from typing import Any, Final

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from services.exchange.api.sessions import ThisExchange
from services.exchange.service.packages import sealing_jwks
from services.kernel.access import Scope
from services.kernel.tokens import ALGORITHM

router: Final = APIRouter(tags=["well-known"])
_METHODS: Final = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
_KEPT_SECONDS: Final = 300
"""How long the key sets may be kept; a key is published three times as long before it signs."""


class ServerMetadata(BaseModel):
    """The authorization server's metadata."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    revocation_endpoint: str
    introspection_endpoint: str
    scopes_supported: list[str]
    response_types_supported: list[str] = Field(description="Empty: there is no authorization endpoint")
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_signing_alg_values_supported: list[str]
    tls_client_certificate_bound_access_tokens: bool = Field(description="RFC 8705, 3.3")


class KeySet(BaseModel):
    """Public keys."""

    keys: list[dict[str, Any]]


@router.get("/.well-known/oauth-authorization-server")
def server_metadata(exchange: ThisExchange) -> ServerMetadata:
    """Where tokens are had, and how."""
    issuer = exchange.settings.issuer
    return ServerMetadata(
        issuer=issuer,
        token_endpoint=f"{issuer}/oauth2/token",
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        revocation_endpoint=f"{issuer}/oauth2/revoke",
        introspection_endpoint=f"{issuer}/oauth2/introspect",
        scopes_supported=list(Scope),
        response_types_supported=[],
        grant_types_supported=["client_credentials"],
        token_endpoint_auth_methods_supported=_METHODS,
        token_endpoint_auth_signing_alg_values_supported=[ALGORITHM],
        revocation_endpoint_auth_methods_supported=_METHODS,
        revocation_endpoint_auth_signing_alg_values_supported=[ALGORITHM],
        introspection_endpoint_auth_methods_supported=_METHODS,
        introspection_endpoint_auth_signing_alg_values_supported=[ALGORITHM],
        tls_client_certificate_bound_access_tokens=True,
    )


@router.get("/.well-known/jwks.json", response_model=KeySet)
def access_keys(exchange: ThisExchange) -> Response:
    """The keys of access tokens: those that sign, those that will, and those whose tokens still live."""
    return _key_set(exchange.keys.jwks("access"))


@router.get("/.well-known/receipt-keys.json", response_model=KeySet)
def receipt_keys(exchange: ThisExchange) -> Response:
    """The keys of receipts, every one that ever signed: this set only grows."""
    return _key_set(exchange.keys.jwks("receipt"))


@router.get("/.well-known/package-keys.json", response_model=KeySet)
def package_keys(exchange: ThisExchange) -> Response:
    """The key for which packages are sealed that travel on a medium (HPKE: P-256, HKDF-SHA256, AES-256-GCM)."""
    return _key_set(sealing_jwks(exchange))


def _key_set(jwks: dict[str, Any]) -> Response:
    headers = {"Cache-Control": f"public, max-age={_KEPT_SECONDS}"}
    return JSONResponse(jwks, headers=headers, media_type="application/jwk-set+json")
