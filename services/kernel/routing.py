"""The routes of a service, each behind its guard, put together once a process and shared by the applications in it."""

from collections.abc import Iterable

from fastapi import APIRouter
from starlette.routing import BaseRoute

from services.kernel.access import Authorised
from services.kernel.openapi import operation_id
from services.kernel.parameters import StrictParameters


def guarded(routers: Iterable[APIRouter]) -> list[BaseRoute]:
    """The routes of the routers, each of which asks the guard first and refuses parameters that it does not know.

    The framework resolves what an endpoint depends on where its router is included, which takes longer than all the
    rest of making an application; routes resolved here stay resolved when a further application takes them.
    """
    whole = APIRouter(dependencies=[Authorised, StrictParameters], generate_unique_id_function=operation_id)
    for router in routers:
        whole.include_router(router)
    return whole.routes
