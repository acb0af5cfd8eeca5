"""Who may enter which route of the exchange. A route that is not here keeps the service from starting."""

from typing import Final

from services.kernel.access import CLIENT, PUBLIC, SERVICE, AccessTable, Scope, agency

TABLE: Final[AccessTable] = {
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): PUBLIC,
    ("GET", "/.well-known/oauth-authorization-server"): PUBLIC,
    ("GET", "/.well-known/jwks.json"): PUBLIC,
    ("GET", "/.well-known/receipt-keys.json"): PUBLIC,
    ("POST", "/oauth2/token"): CLIENT,
    ("POST", "/oauth2/revoke"): CLIENT,
    ("POST", "/oauth2/introspect"): CLIENT,
    ("GET", "/v1/departments"): agency(Scope.CATALOGUE_READ),
    ("GET", "/v1/agencies"): agency(Scope.CATALOGUE_READ),
    ("GET", "/v1/grants"): agency(Scope.CATALOGUE_READ),
    ("GET", "/v1/catalogue"): agency(Scope.CATALOGUE_READ),
    ("POST", "/v1/batches"): agency(Scope.BATCHES_WRITE),
    ("GET", "/v1/batches"): agency(Scope.BATCHES_READ),
    ("GET", "/v1/batches/{batch_id}"): agency(Scope.BATCHES_READ),
    ("GET", "/v1/batches/{batch_id}/items"): agency(Scope.BATCHES_READ),
    ("GET", "/v1/batches/{batch_id}/receipt"): agency(Scope.BATCHES_READ),
    ("GET", "/v1/changes"): agency(Scope.CHANGES_READ),
    ("GET", "/internal/policy"): SERVICE,
}
