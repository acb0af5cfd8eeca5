"""Clients that we did not write: one that a public generator makes of each OpenAPI document, and an OAuth library.

The generated code is used with its types: what it cannot say, the document does not say.
"""

import importlib
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey

from services.kernel import uscc
from services.kernel.tokens import SigningKey
from tests.acceptance.conftest import LAYOUTS
from tests.acceptance.deployment import ROOT

pytestmark = pytest.mark.timeout(900)
GENERATOR = Path(sys.executable).with_name("openapi-python-client")
CONFIG = "post_hooks: []\n"
REVOKED_WITHIN = 5
UNKNOWN = uscc.make("91430102", "KXF99999")


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The packages that the generator makes of both documents, and what it complained of."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "config.yaml").write_text(CONFIG)
    complaints = ""
    for service in ("exchange", "credit"):
        done = subprocess.run(
            [
                GENERATOR, "generate", "--meta", "none", "--config", folder / "config.yaml",
                "--path", ROOT / "openapi" / f"{service}.json", "--output-path", folder / f"generated_{service}",
            ],
            check=True, capture_output=True, text=True, cwd=folder,
        )  # fmt: skip
        complaints += done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield SimpleNamespace(complaints=complaints)
    sys.path.remove(str(folder))


def part(service, name):
    """A module of the generated package of a service."""
    return importlib.import_module(f"generated_{service}.{name}")


@pytest.fixture(scope="module", params=LAYOUTS)
def deployed(request, deploy):
    deployment = deploy(*request.param)
    key = SigningKey.generate()
    pem = deployment.folder / "public.pem"
    pem.write_text(key.public_pem)
    market = deployment.enrol("industry_commerce", "push *")
    reform = deployment.enrol("development_reform", "pull *", "pull grade")
    keyed = deployment.enrol("quality_supervision", "pull *", issue=("--public-key", pem))
    return SimpleNamespace(deployment=deployment, market=market, reform=reform, keyed=keyed, key=key)


def client_of(agency, service):
    """The generated client of a service, with a token of the agency."""
    base = agency.deployment.exchange_url if service == "exchange" else agency.deployment.credit_url
    httpx_args = {"trust_env": False}
    return part(service, "client").AuthenticatedClient(base, agency.token(), httpx_args=httpx_args)


def test_the_generator_only_misses_bodies_that_are_files(generated):
    warnings = [line for line in generated.complaints.splitlines() if "WARNING" in line]
    unsupported = {line for line in generated.complaints.splitlines() if "Unsupported" in line}
    assert set(warnings) == {
        "WARNING parsing POST /v1/batches within batches.",
        "WARNING parsing POST /v1/packages within packages. Endpoint will not be generated.",
        "WARNING parsing POST /v1/packages/answer within packages. Endpoint will not be generated.",
    }
    assert unsupported == {
        "Unsupported content type application/x-ndjson",
        "Unsupported content type application/jose",
        "Unsupported content type application/vnd.zhixin.package",
        "Unsupported content type text/csv",
        "Unsupported content type application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }


def test_generated_clients_push_look_up_and_pull(generated, deployed):
    models = part("exchange", "models")
    code = uscc.make("91430102", "KXF00001")
    details = models.PushRecordDetails.from_dict(
        {
            "violation": "演示违法行为", "basis": "演示依据", "penalty_types": ["罚款"], "fine_amount": "20000.00",
            "content": "演示罚款",
        }
    )  # fmt: skip
    penalty = models.PushRecord(
        source_record_id="演示-1", kind="administrative_penalty", region="430102",
        subject=models.PushSubject(uscc=code, name="长沙演示食品有限公司"), document_number="演示〔2026〕1号",
        occurred_on=part("exchange", "models.push_record").datetime.date(2026, 3, 2), details=details,
    )  # fmt: skip

    with client_of(deployed.market, "exchange") as client:
        batch = part("exchange", "api.batches.push_batch").sync(
            client=client, body=models.Push(records=[penalty]), idempotency_key="generated-1"
        )
    assert (batch.status, batch.items[0].verdict, batch.items[0].faults) == ("completed", "accepted", [])
    with client_of(deployed.reform, "credit") as client:
        grade = part("credit", "api.enterprises.read_grade").sync(code, client=client, explain=True)
        many = part("credit", "api.grades.look_up_grades").sync(
            client=client, body=part("credit", "models").LookupRequest(codes=[code, UNKNOWN])
        )
    deployed.reform.await_head(1)
    with client_of(deployed.reform, "exchange") as client:
        page = part("exchange", "api.changes.list_changes").sync(client=client, limit=10, wait=5)

    assert grade.grade != "unrated"
    assert [line.record_id for line in grade.explanation] == [batch.items[0].record_id]
    assert [item.found for item in many.items] == [True, False]
    assert page.events[0].record_id == batch.items[0].record_id
    assert (page.covers.after, page.events[0].seq) == (0, 1)


def test_a_generated_client_understands_a_refusal(generated, deployed):
    with client_of(deployed.reform, "credit") as client:
        problem = part("credit", "api.enterprises.read_grade").sync(UNKNOWN, client=client)
    assert (problem.code, problem.status) == ("not_found", 404)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_an_oauth_library_obtains_a_token_by_secret(deployed, method):
    agency = deployed.market
    endpoint = f"{deployed.deployment.exchange_url}/oauth2/token"
    with OAuth2Client(
        agency.client_id, agency.secret, token_endpoint_auth_method=method, trust_env=False
    ) as library:
        token = library.fetch_token(endpoint, grant_type="client_credentials")
        batches = library.get(f"{deployed.deployment.exchange_url}/v1/batches")
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 300)
    assert batches.status_code == 200


def test_an_oauth_library_obtains_a_token_by_key(deployed):
    issuer = deployed.deployment.exchange_url
    key = ECKey.import_key(deployed.key.pem)
    with OAuth2Client(
        deployed.keyed.client_id, key, token_endpoint_auth_method="private_key_jwt", trust_env=False
    ) as library:
        # The library's assertions live an hour unless told otherwise; here they live at most five minutes.
        claims = {"exp": int(time.time()) + 60}
        library.register_client_auth_method(PrivateKeyJWT(token_endpoint=issuer, alg="ES256", claims=claims))
        token = library.fetch_token(f"{issuer}/oauth2/token", grant_type="client_credentials")
        changes = library.get(f"{issuer}/v1/changes")
    assert token["token_type"] == "Bearer"
    assert changes.status_code == 200


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout.values[0][0] == "postgresql"])
def test_a_revoked_credential_is_refused_by_every_instance_within_five_seconds(layout, deploy):
    deployment = deploy(*layout)
    reform = deployment.enrol("development_reform", "pull *", "pull grade")
    deployment.add_process("exchange")
    deployment.add_process("credit")
    paths = {"exchange": "/v1/changes", "credit": "/v1/enterprises?q=演示"}
    headers = {"Authorization": f"Bearer {reform.token()}"}
    addresses = [process.url + paths[process.name] for process in deployment.processes]
    before = [httpx.get(url, headers=headers, trust_env=False).status_code for url in addresses]

    deployment.zhixin("credential", "revoke", reform.client_id)
    time.sleep(REVOKED_WITHIN)
    after = [httpx.get(url, headers=headers, trust_env=False).status_code for url in addresses]
    assert (before, after) == ([200] * 4, [401] * 4)
