"""Refusals of the service as problems of the API."""

from fastapi import Request
from starlette.responses import Response

from services.exchange.service.administration import AdministrationRefused
from services.kernel.problems import Problem, respond


async def refuse_administration(request: Request, error: Exception) -> Response:
    """What an administrator asked for cannot be done: every reason is a fault."""
    assert isinstance(error, AdministrationRefused)  # noqa: S101 - narrows the type that the framework erases
    faults = [{"code": "refused", "field": "", "message": reason} for reason in error.reasons]
    return respond(request, Problem("administration_refused", faults=faults))
