"""The token endpoint (RFC 6749, 4.4; RFC 7523), revocation (RFC 7009) and introspection (RFC 7662)."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.exchange.api.oauth_form import FORM, NO_STORE, OAuthError, OAuthRoute, client_proof, read_form
from services.exchange.api.sessions import ThisExchange
from services.exchange.context import Exchange
from services.exchange.domain.attempts import FORGOTTEN_AFTER, FREE
from services.exchange.service.clients import Client, ClientMustWait, ClientRefused, authenticate
from services.exchange.service.tokens import ForeignToken, ScopeRefused, explain_token, give_back, issue_token
from services.kernel.clock import to_wire
from services.kernel.rate_limit import refusal_headers

router: Final = APIRouter(route_class=OAuthRoute, tags=["oauth"])
Form = Annotated[dict[str, str], Depends(read_form)]


class TokenAnswer(BaseModel):
    """An access token for `Authorization: Bearer`."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a type, not a secret
    expires_in: int = Field(description="Seconds until it ends")
    scope: str = Field(description="What it may be used for, separated by spaces")


class IntrospectionAnswer(BaseModel):
    """What a token says, when it is the caller's own and lives; else only `active: false`."""

    active: bool
    scope: str | None = None
    client_id: str | None = None
    token_type: str | None = None
    exp: int | None = None
    iat: int | None = None
    sub: str | None = None
    aud: str | None = None
    iss: str | None = None
    jti: str | None = None
    cnf: dict[str, str] | None = Field(
        default=None, description="The certificate to which the token is bound (RFC 8705): `x5t#S256`"
    )


class OAuthProblem(BaseModel):
    """A refusal as in RFC 6749, 5.2."""

    error: str
    error_description: str


_CLIENT_FIELDS: Final = {
    "client_id": "With client_secret_post; optional with an assertion",
    "client_secret": "client_secret_post",
    "client_assertion_type": "private_key_jwt: urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "client_assertion": "private_key_jwt: a JWT by ES256 with iss = sub = client id, aud = issuer, exp, jti",
}
_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": OAuthProblem},
    401: {"model": OAuthProblem},
    429: {"model": OAuthProblem, "description": "Too many proofs failed; wait for `Retry-After`."},
}
CREDENTIAL_END: Final = "Zhixin-Credential-Expires"
_END_HEADER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "headers": {
            CREDENTIAL_END: {
                "description": "When the credential ends; only while that is less than 30 days ahead.",
                "schema": {"type": "string", "format": "date-time"},
            }
        }
    }
}


def _form_of(required: str, **fields: str) -> dict[str, Any]:
    """The description of a form for the OpenAPI document; HTTP Basic may prove the client instead of its fields."""
    described = {
        name: {"type": "string", "description": text} for name, text in {**fields, **_CLIENT_FIELDS}.items()
    }
    schema = {"type": "object", "required": [required], "properties": described}
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema}}}}


@router.post(
    "/oauth2/token",
    response_model=TokenAnswer,
    responses=_REFUSALS | _END_HEADER,
    openapi_extra=_form_of("grant_type", grant_type="client_credentials", scope="Scopes; all when absent"),
)
def issue(request: Request, form: Form, exchange: ThisExchange) -> Response:
    """An access token for an agency's system, by `client_credentials`. In the last 30 days of the credential the answer
    tells its end in `Zhixin-Credential-Expires`."""
    client = _client(exchange, request, form)
    if "grant_type" not in form:
        raise OAuthError("invalid_request", "grant_type is missing")
    if form["grant_type"] != "client_credentials":
        raise OAuthError("unsupported_grant_type", "the only grant type is client_credentials")
    requested = form["scope"].split(" ") if "scope" in form else None
    try:
        issued = issue_token(exchange, client, requested)
    except ScopeRefused as refusal:
        raise OAuthError("invalid_scope", _printable(f"not granted: {' '.join(refusal.scopes)}")) from None
    scope = " ".join(issued.scopes)
    return _json(
        {
            "access_token": issued.token,
            "token_type": "Bearer",
            "expires_in": issued.expires_in,
            "scope": scope,
        },
        {CREDENTIAL_END: to_wire(client.warned_end)} if client.warned_end else {},
    )


@router.post("/oauth2/revoke", responses=_REFUSALS, openapi_extra=_form_of("token", token="The access token"))  # noqa: S106
def revoke(request: Request, form: Form, exchange: ThisExchange) -> Response:
    """Give a token back: it is refused everywhere from then on. A token that is over already is no error."""
    client = _client(exchange, request, form)
    try:
        give_back(exchange, client, _token(form))
    except ForeignToken:
        raise OAuthError("invalid_grant", "the token was issued to another client") from None
    return Response(status_code=200, headers=NO_STORE)


@router.post(
    "/oauth2/introspect",
    response_model=IntrospectionAnswer,
    responses=_REFUSALS,
    openapi_extra=_form_of("token", token="The access token"),  # noqa: S106 - its description, not a secret
)
def introspect(request: Request, form: Form, exchange: ThisExchange) -> Response:
    """What a client's own token says, and whether it still lives."""
    client = _client(exchange, request, form)
    claims = explain_token(exchange, client, _token(form))
    return _json({"active": False} if claims is None else {"active": True, "token_type": "Bearer", **claims})


def _client(exchange: Exchange, request: Request, form: Mapping[str, str]) -> Client:
    proof = client_proof(request.headers.getlist("authorization"), form)
    try:
        return authenticate(exchange, proof, request.app.state.guard.peers.of(request.scope))
    except ClientMustWait as wait:
        headers = refusal_headers("proofs", FREE, int(FORGOTTEN_AFTER.total_seconds()), wait.seconds)
        raise OAuthError("rate_limited", "too many failed attempts", status=429, headers=headers) from None
    except ClientRefused:
        raise OAuthError("invalid_client", "client authentication failed") from None


def _token(form: Mapping[str, str]) -> str:
    if "token" not in form:
        raise OAuthError("invalid_request", "token is missing")
    return form["token"]


def _json(value: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        msgspec.json.encode(value), headers={**NO_STORE, **(headers or {})}, media_type="application/json"
    )


def _printable(text: str) -> str:
    """The text in the characters that an error_description may have (RFC 6749, 5.2)."""
    return "".join(char if " " <= char <= "~" and char not in '"\\' else "?" for char in text)[:200]
