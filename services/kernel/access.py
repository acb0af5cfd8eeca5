"""Who may call what: principals, scopes, and the one table from route to permission. What is not in it is refused.

Each service keeps a table `(method, path) → Rule`. `install` checks at start that every route has a rule and every
rule a route, and then puts the check in front of every endpoint. A right is the token's scope, and a live grant or
binding behind it, evaluated at each request by the service's `Authenticator`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Protocol

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from services.kernel import opaque_tokens
from services.kernel.peer import Binding, Peers
from services.kernel.problems import Problem


class Scope(StrEnum):
    """What a token may be used for; never more than the agency's grants allow."""

    BATCHES_WRITE = "batches:write"
    BATCHES_READ = "batches:read"
    CHANGES_READ = "changes:read"
    ENTERPRISES_READ = "enterprises:read"
    GRADES_READ = "grades:read"
    CATALOGUE_READ = "catalogue:read"
    REMEDIES_READ = "remedies:read"
    REMEDIES_WRITE = "remedies:write"
    ACTS_READ = "acts:read"
    ACTS_WRITE = "acts:write"
    GRADE_DECISIONS_READ = "grade_decisions:read"
    GRADE_DECISIONS_WRITE = "grade_decisions:write"
    ACCESS_LOG_READ = "access_log:read"
    ACCESS_LOG_WRITE = "access_log:write"
    ACCESS_REQUESTS_WRITE = "access_requests:write"


class Role(StrEnum):
    """What a staff member may do, within the reach of its agency."""

    INSPECTOR = "inspector"
    AGENCY_ADMINISTRATOR = "agency_administrator"
    PLATFORM_ADMINISTRATOR = "platform_administrator"
    AUDITOR = "auditor"
    COORDINATOR = "coordinator"


class Authentication(StrEnum):
    """How a caller proves who it is."""

    NONE = "none"
    CLIENT = "client"
    AGENCY_TOKEN = "agency_token"  # noqa: S105 - the name of a method, not a secret
    STAFF_SESSION = "staff_session"
    AGENCY_OR_STAFF = "agency_or_staff"
    SERVICE_TOKEN = "service_token"  # noqa: S105 - the name of a method, not a secret


@dataclass(frozen=True, slots=True)
class Rule:
    """How one route is entered: the method of authentication; for agencies the scope; for staff the roles, and whether
    the session must be fresh. `discloses` says that it may hand out fields beyond the public: every such answer leaves
    exactly one entry in the access log, and no other route hands any out."""

    authentication: Authentication
    scope: Scope | None = None
    roles: frozenset[Role] = frozenset()
    is_for_fresh: bool = False
    discloses: bool = False


PUBLIC: Final = Rule(Authentication.NONE)
CLIENT: Final = Rule(Authentication.CLIENT)
SERVICE: Final = Rule(Authentication.SERVICE_TOKEN)


def agency(scope: Scope, *, discloses: bool = False) -> Rule:
    """A route for agencies whose token carries a scope."""
    return Rule(Authentication.AGENCY_TOKEN, scope, discloses=discloses)


def staff(*roles: Role, fresh: bool = False) -> Rule:
    """A route for staff members of some roles, with a session; `fresh` asks for one that has just been opened."""
    return Rule(Authentication.STAFF_SESSION, roles=frozenset(roles), is_for_fresh=fresh)


def agency_or_staff(scope: Scope, *roles: Role) -> Rule:
    """A route for agencies whose token carries a scope, and for staff members of some roles."""
    return Rule(Authentication.AGENCY_OR_STAFF, scope, frozenset(roles))


ANY_STAFF: Final = staff(*Role)


@dataclass(frozen=True, slots=True)
class AgencyPrincipal:
    """An agency's system that called with an access token.

    `scopes` are the token's that a live grant still allows; `claimed` are all that the token carries. `binding` is what
    the token is bound to besides its bearer: a certificate, networks.
    """

    agency: str
    client_id: str
    scopes: frozenset[str]
    expires_at: float
    token_id: str = ""
    claimed: frozenset[str] = frozenset()
    binding: Binding | None = None


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    """The other service, and the agency on whose behalf it acts, if any."""

    service: str
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class StaffPrincipal:
    """A staff member with a live session. Two acts are of two persons when both username and session differ."""

    username: str
    role: Role
    agency: str
    session: str
    is_fresh: bool


Principal = AgencyPrincipal | StaffPrincipal | ServicePrincipal
StaffSource = Callable[[str], StaffPrincipal]
"""The staff member behind a session's token; raises `Problem("session_invalid")`."""
AccessTable = Mapping[tuple[str, str], Rule]


class Authenticator(Protocol):
    """What a service knows about tokens."""

    def agency(self, token: str) -> AgencyPrincipal:
        """The agency behind an access token, rechecked against live policy; raises `Problem`."""
        ...

    def service(self, token: str) -> ServicePrincipal:
        """The service behind a service token; raises `Problem`."""
        ...


@dataclass
class Guard:
    """The table with the authenticator: answers who a caller is for a rule, or refuses."""

    authenticator: Authenticator
    table: AccessTable
    sessions: StaffSource
    peers: Peers

    def admit(self, rule: Rule, authorization: list[str], connection: Any) -> Principal | None:
        """The principal for the `Authorization` headers of a request that came over an ASGI connection.

        Raises:
            Problem: 401 without a sound token or its certificate, 403 from outside the credential's networks, without
                the scope, or without a live grant behind it.
        """
        if rule.authentication in (Authentication.NONE, Authentication.CLIENT):
            return None
        if rule.authentication is Authentication.STAFF_SESSION:
            return self._staff(rule, session_token(authorization))
        token = bearer_token(authorization)
        if rule.authentication is Authentication.SERVICE_TOKEN:
            return self.authenticator.service(token)
        if rule.authentication is Authentication.AGENCY_OR_STAFF and token.startswith(opaque_tokens.SESSION):
            return self._staff(rule, token)
        principal = self.authenticator.agency(token)
        if principal.binding is not None:
            peer = self.peers.of(connection)
            if not principal.binding.admits_certificate(peer):
                raise Problem("token_invalid")
            if not principal.binding.admits_address(peer):
                raise Problem("network_not_allowed")
        if rule.scope not in principal.scopes:
            if rule.scope in principal.claimed:
                raise Problem("grant_missing")
            raise Problem("scope_missing", scope=rule.scope)
        return principal

    def _staff(self, rule: Rule, token: str) -> StaffPrincipal:
        principal = self.sessions(token)
        if principal.role not in rule.roles:
            raise Problem("role_missing", roles=", ".join(sorted(rule.roles)))
        if rule.is_for_fresh and not principal.is_fresh:
            raise Problem("session_stale")
        return principal


def session_token(authorization: list[str]) -> str:
    """The session's token of a request's `Authorization` headers; any other bearer is none."""
    if not authorization:
        raise Problem("session_missing")
    try:
        token = bearer_token(authorization)
    except Problem:
        raise Problem("session_invalid") from None
    if not token.startswith(opaque_tokens.SESSION):
        raise Problem("session_invalid")
    return token


def bearer_token(authorization: list[str]) -> str:
    """The bearer token of a request's `Authorization` headers; two headers are refused, not chosen from."""
    if not authorization:
        raise Problem("token_missing")
    scheme, _, token = authorization[0].partition(" ")
    if len(authorization) > 1 or scheme.lower() != "bearer" or not token or " " in token:
        raise Problem("token_invalid")
    return token


def _authorise(request: Request) -> None:
    guard: Guard = request.app.state.guard
    rule = guard.table[(request.method if request.method != "HEAD" else "GET", _path_of(request))]
    request.state.principal = guard.admit(rule, request.headers.getlist("authorization"), request.scope)


def _path_of(request: Request) -> str:
    route: BaseRoute = request.scope["route"]
    assert isinstance(route, APIRoute)  # noqa: S101 - install() has refused any other kind of route
    return route.path


Authorised: Final = Depends(_authorise)
"""The dependency that stands in front of every endpoint of an application."""


def agency_principal(request: Request) -> AgencyPrincipal:
    """The calling agency of an endpoint behind an agency rule."""
    principal = request.state.principal
    assert isinstance(principal, AgencyPrincipal)  # noqa: S101 - the rule of the route admits agencies only
    return principal


def staff_principal(request: Request) -> StaffPrincipal:
    """The calling staff member of an endpoint behind a staff rule."""
    principal = request.state.principal
    assert isinstance(principal, StaffPrincipal)  # noqa: S101 - the rule of the route admits staff only
    return principal


def agency_or_staff_principal(request: Request) -> AgencyPrincipal | StaffPrincipal:
    """The calling agency or staff member of an endpoint that is open to both."""
    principal = request.state.principal
    assert isinstance(principal, AgencyPrincipal | StaffPrincipal)  # noqa: S101 - the rule of the route admits no other
    return principal


def service_principal(request: Request) -> ServicePrincipal:
    """The calling service of an endpoint behind a service rule."""
    principal = request.state.principal
    assert isinstance(principal, ServicePrincipal)  # noqa: S101 - the rule of the route admits services only
    return principal


CallingAgency = Annotated[AgencyPrincipal, Depends(agency_principal)]
AgencyOrStaff = Annotated[AgencyPrincipal | StaffPrincipal, Depends(agency_or_staff_principal)]
CallingStaff = Annotated[StaffPrincipal, Depends(staff_principal)]
CallingService = Annotated[ServicePrincipal, Depends(service_principal)]


def refuse_sessions(_: str) -> StaffPrincipal:
    """The source of sessions where there are none."""
    raise Problem("session_invalid")


def install(
    app: FastAPI,
    table: AccessTable,
    authenticator: Authenticator,
    sessions: StaffSource = refuse_sessions,
    peers: Peers | None = None,
) -> None:
    """Bind a table to an application; `peers` tells who stands behind the proxies that it trusts.

    Raises:
        RuntimeError: a route has no rule, a rule has no route, or a route is of a kind the guard cannot see.
    """
    declared = {
        (method, context.path or "")
        for context in iter_route_contexts(app.routes)
        for method in (context.methods or ())
    }
    if declared != set(table):
        raise RuntimeError(f"routes and access table differ: {sorted(declared ^ set(table))}")
    app.state.guard = Guard(authenticator, table, sessions, peers or Peers())


def is_expired(principal: AgencyPrincipal, now: datetime) -> bool:
    """Whether a cached principal's token is over."""
    return principal.expires_at <= now.timestamp()
