"""A client library that we did not write obtains tokens by each of the three methods."""

import time

import httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey

from services.exchange.app import create_app
from tests.conftest import ISSUER

pytestmark = pytest.mark.anyio


@pytest.fixture
async def transport(exchange_settings, serve):
    app = create_app(exchange_settings)  # the library reads the machine's clock
    async with serve(app):
        yield httpx.ASGITransport(app)


async def fetched(transport, **options):
    async with AsyncOAuth2Client(
        transport=transport, token_endpoint=f"{ISSUER}/oauth2/token", **options
    ) as client:
        if options.get("token_endpoint_auth_method") == "private_key_jwt":
            # The library's assertions live an hour unless told otherwise; here they live at most five minutes.
            claims = {"exp": int(time.time()) + 60}
            client.register_client_auth_method(
                PrivateKeyJWT(token_endpoint=ISSUER, alg="ES256", claims=claims)
            )
        return await client.fetch_token(grant_type="client_credentials")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_a_library_obtains_a_token_by_secret(transport, secret, method):
    token = await fetched(
        transport,
        client_id=secret.client_id,
        client_secret=secret.client_secret,
        token_endpoint_auth_method=method,
    )
    assert token["token_type"] == "Bearer"


async def test_a_library_obtains_a_token_by_key(transport, keyed, own_key):
    key = ECKey.import_key(own_key.pem)
    token = await fetched(
        transport, client_id=keyed.client_id, client_secret=key, token_endpoint_auth_method="private_key_jwt"
    )
    assert token["token_type"] == "Bearer"
