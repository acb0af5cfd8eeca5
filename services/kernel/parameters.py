"""Strict query parameters: a name that the route does not know is an error, not silence."""

from typing import Final

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from services.kernel.problems import Problem


def _known(route: APIRoute) -> frozenset[str]:
    return frozenset(_names(route.dependant))


def _names(dependant: Dependant) -> list[str]:
    own = [parameter.alias for parameter in dependant.query_params]
    return own + [name for dependency in dependant.dependencies for name in _names(dependency)]


def _refuse_unknown(request: Request) -> None:
    if any("\0" in str(value) for value in request.path_params.values()):
        raise Problem("not_found")  # no name holds a NUL, and PostgreSQL would not even compare one
    if not request.scope["query_string"]:
        return
    names = [name for name, _ in request.query_params.multi_items()]
    for name in names:
        if name not in _known(request.scope["route"]):
            raise Problem("parameter_unknown", name=name)
        if names.count(name) > 1:
            repeated = {"code": "repeated", "field": f"query:{name}", "message": "the parameter is repeated"}
            raise Problem("parameter_invalid", faults=[repeated])
        if "\0" in request.query_params[name]:
            damaged = {
                "code": "text_control_character",
                "field": f"query:{name}",
                "message": "it holds a NUL",
            }
            raise Problem("parameter_invalid", faults=[damaged])


StrictParameters: Final = Depends(_refuse_unknown)
"""The dependency that refuses unknown and repeated query parameters on every route."""
