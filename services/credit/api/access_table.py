"""Who may enter which route of the credit service. A route that is not here does not start."""

from typing import Final

from services.kernel.access import ANY_STAFF, PUBLIC, SERVICE, AccessTable, Scope, agency

TABLE: Final[AccessTable] = {
    ("GET", "/v1/enterprises"): agency(Scope.ENTERPRISES_READ),
    ("GET", "/v1/enterprises/{uscc}"): agency(Scope.ENTERPRISES_READ),
    ("GET", "/v1/enterprises/{uscc}/grade"): agency(Scope.GRADES_READ),
    ("GET", "/v1/enterprises/{uscc}/history"): agency(Scope.GRADES_READ),
    ("GET", "/v1/enterprises/{uscc}/outlook"): agency(Scope.GRADES_READ),
    ("GET", "/v1/enterprises/{uscc}/peers"): agency(Scope.GRADES_READ),
    ("GET", "/v1/enterprises/{uscc}/records"): agency(Scope.ENTERPRISES_READ),
    ("POST", "/v1/grades/lookup"): agency(Scope.GRADES_READ),
    ("GET", "/v1/rulebooks"): PUBLIC,
    ("POST", "/v1/rulebooks/simulations"): agency(Scope.GRADES_READ),
    ("GET", "/v1/rulebooks/simulations/{simulation_id}"): agency(Scope.GRADES_READ),
    ("GET", "/v1/rulebooks/{rulebook_id}"): PUBLIC,
    ("POST", "/v1/sessions"): PUBLIC,
    ("GET", "/v1/sessions/me"): ANY_STAFF,
    ("DELETE", "/v1/sessions/current"): ANY_STAFF,
    ("POST", "/internal/batches/{batch_id}/pages/{number}"): SERVICE,
    ("GET", "/internal/outbox"): SERVICE,
    ("POST", "/internal/outbox/acknowledgements"): SERVICE,
    ("POST", "/internal/outbox/rewind"): SERVICE,
    ("GET", "/internal/access-entries"): SERVICE,
    ("POST", "/internal/access-entries/acknowledgements"): SERVICE,
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): PUBLIC,
}
