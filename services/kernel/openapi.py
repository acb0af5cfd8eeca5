"""The OpenAPI document of a service: what the framework knows, completed with what the access table knows."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.kernel.access import Authentication, Guard
from services.kernel.problems import MEDIA_TYPE, PROBLEMS

_SCHEMES: Final[dict[str, Any]] = {
    "agency_token": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": {}}},
    },
    "client": {"type": "http", "scheme": "basic"},
    "staff_session": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of POST /v1/staff/sessions",
    },
}
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "An error (RFC 9457) with a stable code of the registry; text in the caller's language.",
    "required": ["type", "title", "status", "code", "detail", "instance", "request_id", "faults"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(PROBLEMS)},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "faults": {"type": "array", "items": {"type": "object"}},
    },
}


_REQUIRED_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "Idempotency-Key": {"type": "string", "maxLength": 200},
    "If-Match": {"type": "string"},
}
"""Headers that the routes read by themselves, because their absence is a problem of its own."""


def operation_id(route: APIRoute) -> str:
    """What a generated client calls an operation: the verb and noun of its function."""
    return route.name


def _shapes_of(models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """Shapes of bodies that are read as streams, which the framework therefore does not see."""
    _, made = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    return dict(made.get("$defs", {}))


def document(app: FastAPI) -> dict[str, Any]:
    """The document: routes and shapes, who may call them with which scope, and how errors look."""
    made = get_openapi(title=app.title, version=app.version, routes=app.routes)
    guard: Guard = app.state.guard
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"] = _PROBLEM
    scopes: dict[str, str] = {}
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            rule = guard.table[method.upper(), path]
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in _REQUIRED_HEADERS:
                    parameter |= {"required": True, "schema": dict(_REQUIRED_HEADERS[parameter["name"]])}
            operation["responses"].pop("422", None)
            if not path.startswith("/oauth2/"):
                operation["responses"]["default"] = {
                    "description": "A problem",
                    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            if rule.scope is not None:
                scopes[rule.scope] = rule.scope
                operation["security"] = [{"agency_token": [str(rule.scope)]}]
                if rule.authentication is Authentication.AGENCY_OR_STAFF:
                    operation["security"].append({"staff_session": []})
            elif rule.authentication is Authentication.STAFF_SESSION:
                operation["security"] = [{"staff_session": []}]
            elif rule.authentication is Authentication.CLIENT:
                operation["security"] = [{"client": []}]
    schemes = {name: dict(scheme) for name, scheme in _SCHEMES.items()}
    schemes["agency_token"]["flows"] = {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": scopes}}
    made["components"]["securitySchemes"] = schemes
    schemas |= _shapes_of(app.state.body_models)
    return made
