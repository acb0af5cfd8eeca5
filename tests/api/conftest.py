"""An exchange with one agency that has a credential by secret and one by key, and a client to it."""

import pytest

from services.exchange.app import create_app
from services.kernel.tokens import SigningKey
from tests.api.staff_office import make_office
from tests.factories import make_agency, make_credential
from tests.forgery import pem_of


@pytest.fixture(scope="module")
def own_key():
    return SigningKey.generate()


@pytest.fixture
def agency(exchange_database):
    return make_agency(exchange_database, grants=("push *", "pull spot_check"))


@pytest.fixture
def secret(exchange_database, exchange_settings, agency, clock):
    return make_credential(exchange_database, exchange_settings, agency, clock())


@pytest.fixture
def keyed(exchange_database, exchange_settings, agency, clock, own_key):
    return make_credential(
        exchange_database, exchange_settings, agency, clock(), public_key_pem=pem_of(own_key).decode()
    )


@pytest.fixture
async def client(exchange_settings, clock, serve, secret, keyed):
    async with serve(create_app(exchange_settings, clock=clock)) as serving:
        yield serving


@pytest.fixture
async def office(exchange_database, exchange_settings, clock, serve):
    """An exchange with agencies of several levels and people of every role; see `staff_office`."""
    async with serve(create_app(exchange_settings, clock=clock, workers=())) as serving:
        yield make_office(exchange_database, exchange_settings, clock, serving)
