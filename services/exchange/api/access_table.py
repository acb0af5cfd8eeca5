"""Who may enter which route of the exchange. A route that is not here keeps the service from starting."""

from typing import Final

from services.kernel.access import (
    ANY_STAFF,
    CLIENT,
    PUBLIC,
    SERVICE,
    AccessTable,
    Role,
    Scope,
    agency,
    agency_or_staff,
    staff,
)

_ADMINISTRATORS: Final = (Role.AGENCY_ADMINISTRATOR, Role.PLATFORM_ADMINISTRATOR)
_OVERSEERS: Final = (*_ADMINISTRATORS, Role.AUDITOR)

TABLE: Final[AccessTable] = {
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): PUBLIC,
    ("GET", "/.well-known/oauth-authorization-server"): PUBLIC,
    ("GET", "/.well-known/jwks.json"): PUBLIC,
    ("GET", "/.well-known/receipt-keys.json"): PUBLIC,
    ("GET", "/.well-known/package-keys.json"): PUBLIC,
    ("POST", "/oauth2/token"): CLIENT,
    ("POST", "/oauth2/revoke"): CLIENT,
    ("POST", "/oauth2/introspect"): CLIENT,
    ("GET", "/v1/departments"): agency(Scope.CATALOGUE_READ),
    ("GET", "/v1/agencies"): agency_or_staff(Scope.CATALOGUE_READ, *Role),
    ("GET", "/v1/grants"): agency_or_staff(Scope.CATALOGUE_READ, *_OVERSEERS),
    ("GET", "/v1/supply-quality"): agency_or_staff(Scope.CATALOGUE_READ, *_OVERSEERS, Role.COORDINATOR),
    ("GET", "/v1/catalogue"): agency(Scope.CATALOGUE_READ),
    ("GET", "/v1/catalogue/{kind}/template"): agency(Scope.CATALOGUE_READ),
    ("POST", "/v1/batches"): agency(Scope.BATCHES_WRITE),
    ("GET", "/v1/batches"): agency(Scope.BATCHES_READ),
    ("GET", "/v1/batches/{batch_id}"): agency(Scope.BATCHES_READ),
    ("GET", "/v1/batches/{batch_id}/items"): agency(Scope.BATCHES_READ),
    ("GET", "/v1/batches/{batch_id}/receipt"): agency(Scope.BATCHES_READ),
    ("GET", "/v1/batches/{batch_id}/annotated"): agency(Scope.BATCHES_READ),
    ("POST", "/v1/packages"): agency(Scope.BATCHES_WRITE),
    ("POST", "/v1/packages/answer"): agency(Scope.BATCHES_WRITE),
    ("GET", "/v1/changes"): agency(Scope.CHANGES_READ, discloses=True),
    ("POST", "/v1/staff/sessions"): PUBLIC,
    ("GET", "/v1/staff/sessions"): ANY_STAFF,
    ("DELETE", "/v1/staff/sessions/{session_id}"): ANY_STAFF,
    ("GET", "/v1/staff/me"): ANY_STAFF,
    ("POST", "/v1/staff/handovers"): ANY_STAFF,
    ("POST", "/v1/staff/enrolments/{enrolment}"): PUBLIC,
    ("POST", "/v1/staff/enrolments/{enrolment}/completion"): PUBLIC,
    ("GET", "/v1/staff"): staff(*_OVERSEERS),
    ("POST", "/v1/staff"): staff(*_ADMINISTRATORS, fresh=True),
    ("GET", "/v1/staff/{username}"): staff(*_OVERSEERS),
    ("PATCH", "/v1/staff/{username}"): staff(*_ADMINISTRATORS, fresh=True),
    ("POST", "/v1/staff/{username}/enrolments"): staff(*_ADMINISTRATORS, fresh=True),
    ("GET", "/v1/credentials"): staff(*_OVERSEERS),
    ("POST", "/v1/credentials"): staff(*_ADMINISTRATORS, fresh=True),
    ("GET", "/v1/credentials/{client_id}"): staff(*_OVERSEERS),
    ("POST", "/v1/credentials/{client_id}/rotations"): staff(*_ADMINISTRATORS, fresh=True),
    ("POST", "/v1/credentials/{client_id}/revocation"): staff(*_ADMINISTRATORS, fresh=True),
    ("GET", "/v1/audit"): staff(Role.AUDITOR),
    ("POST", "/v1/access-requests"): agency(Scope.ACCESS_REQUESTS_WRITE),
    ("GET", "/v1/access-requests"): agency_or_staff(
        Scope.ACCESS_REQUESTS_WRITE, *_OVERSEERS, Role.COORDINATOR
    ),
    ("GET", "/v1/access-requests/{request_id}"): agency_or_staff(
        Scope.ACCESS_REQUESTS_WRITE, *_OVERSEERS, Role.COORDINATOR
    ),
    ("POST", "/v1/access-requests/{request_id}/decision"): staff(
        Role.AGENCY_ADMINISTRATOR, Role.COORDINATOR, fresh=True
    ),
    ("GET", "/v1/access-log"): agency_or_staff(
        Scope.ACCESS_LOG_READ, Role.AUDITOR, Role.AGENCY_ADMINISTRATOR
    ),
    ("POST", "/v1/access-log/closures"): agency_or_staff(
        Scope.ACCESS_LOG_WRITE, Role.INSPECTOR, Role.AGENCY_ADMINISTRATOR
    ),
    ("GET", "/internal/policy"): SERVICE,
    ("POST", "/internal/handovers"): SERVICE,
}
