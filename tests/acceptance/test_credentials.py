"""Rotation, revocation and the loss of the exchange, over two processes of each service and PostgreSQL.

Load runs while an operator types commands; every answer is kept with its time, so that a single refusal shows.
"""

import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import psycopg
import pytest

from services.launch.administration import credential
from tests.acceptance.deployment import APART
from tests.conftest import BACKENDS
from tests.filing import code_of, registration

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("acceptance-postgresql"),
    pytest.mark.skipif("postgresql" not in BACKENDS, reason="several processes of a service need PostgreSQL"),
]
EFFECTIVE_WITHIN = 5.0
"""Seconds after which nothing that was revoked is accepted anywhere (I9)."""
PATHS = {"exchange": "/v1/changes?limit=1", "credit": f"/v1/enterprises/{code_of(1)}/grade"}


@pytest.fixture(scope="module")
def twins(deploy):
    """Two processes of each service, with a firm on file."""
    deployment = deploy("postgresql", APART)
    market = deployment.enrol("industry_commerce", "push *")
    deployment.add_process("exchange")
    deployment.add_process("credit")
    with market.http("exchange") as http:
        pushed = http.post(
            "/v1/batches", json={"records": [registration(1)]}, headers={"Idempotency-Key": "one"}
        )
    assert pushed.json()["counts"]["accepted"] == 1, pushed.text
    return deployment


def places(processes):
    """The route that is asked on each process."""
    return [process.url + PATHS[process.name] for process in processes]


class Load:
    """Threads that obtain tokens and ask every process, again and again, with the credential that is current."""

    def __init__(self, deployment, agency, threads=3) -> None:
        self.processes, self.current = list(deployment.processes), (agency.client_id, agency.secret)
        self.answers, self.kids, self.used = Counter(), set(), Counter()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(threads)]

    def _run(self, number) -> None:
        with httpx.Client(trust_env=False, timeout=30) as http:
            while not self._stop.is_set():
                number += 1
                client_id, secret = self.current
                processes = self.processes
                doors = [process.url for process in processes if process.name == "exchange"]
                url = doors[number % len(doors)]
                answer = http.post(
                    f"{url}/oauth2/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret)
                )
                self.answers["token", answer.status_code] += 1
                if answer.status_code != 200:
                    continue
                token = answer.json()["access_token"]
                self.kids.add(jwt.get_unverified_header(token)["kid"])
                self.used[client_id] += 1
                for place in places(processes):
                    asked = http.get(place, headers={"Authorization": f"Bearer {token}"})
                    self.answers[place, asked.status_code] += 1

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def refused(self):
        return {what: count for what, count in self.answers.items() if what[1] != 200}


def test_keys_and_credentials_are_rotated_under_load_without_one_refusal(twins):
    reform = twins.enrol("development_reform", "pull *")
    with Load(twins, reform) as load:
        time.sleep(2)
        twins.zhixin("signing-key", "rotate", "access")
        time.sleep(2)
        # as if the quarter of an hour had passed by which a key is published ahead
        takes_over = datetime.now(UTC) + timedelta(seconds=2)
        with psycopg.connect(twins.env["ZHIXIN_EXCHANGE_DATABASE_URL"]) as database:
            database.execute("UPDATE signing_key SET retired_at = %s WHERE retired_at > now()", (takes_over,))
            database.execute(
                "UPDATE signing_key SET active_from = %s WHERE active_from > now()", (takes_over,)
            )
        added = twins.add_process("exchange")
        # it reads the keys now, the others sign with the old one for a while
        load.processes = [*load.processes, added]
        new = twins.administer(credential, "rotate", reform.client_id, "--overlap-hours", "1")
        load.current = (new["client_id"], new["client_secret"])
        time.sleep(4)
    assert load.refused == {}
    assert len(load.kids) == 2
    assert min(load.used[reform.client_id], load.used[new["client_id"]]) > 5
    assert sum(load.answers.values()) > 100


def refused_everywhere_after(deployment, token, code, act):
    """Seconds from an act until no process accepts the token; each then refuses with the code, and stays so."""
    headers = {"Authorization": f"Bearer {token}"}
    assert [
        httpx.get(at, headers=headers, trust_env=False).status_code for at in places(deployment.processes)
    ] == [200] * len(places(deployment.processes))
    act()
    done, open_still = time.monotonic(), set(places(deployment.processes))
    while open_still and time.monotonic() - done < 3 * EFFECTIVE_WITHIN:
        for place in sorted(open_still):
            answer = httpx.get(place, headers=headers, trust_env=False)
            if answer.status_code != 200:
                assert answer.json()["code"] == code, answer.text
                open_still.discard(place)
        time.sleep(0.05)
    seconds = time.monotonic() - done
    after = [
        httpx.get(at, headers=headers, trust_env=False).json()["code"] for at in places(deployment.processes)
    ]
    assert after == [code] * len(places(deployment.processes))
    return seconds


def test_a_revocation_holds_in_every_process_within_five_seconds(twins):
    agency = twins.enrol("agriculture", "pull *")
    seconds = refused_everywhere_after(
        twins, agency.token(), "token_invalid", lambda: twins.zhixin("credential", "revoke", agency.client_id)
    )
    assert seconds < EFFECTIVE_WITHIN


def test_the_end_of_a_grant_holds_in_every_process_within_five_seconds(twins):
    agency = twins.enrol("housing_construction", "pull *")
    with agency.http("exchange") as http:
        grant = http.get("/v1/grants").json()["items"][0]["id"]
    seconds = refused_everywhere_after(
        twins, agency.token(), "grant_missing", lambda: twins.zhixin("agency-admin", "end-grant", grant)
    )
    assert seconds < EFFECTIVE_WITHIN


def test_without_the_exchange_credit_serves_four_seconds_refuses_and_recovers_by_itself(twins):
    agency = twins.enrol("economy_information", "pull *")
    headers = {"Authorization": f"Bearer {agency.token()}"}
    serving = [process for process in twins.processes if process.name == "credit"]
    stopped = [process for process in twins.processes if process.name == "exchange"]

    def states():
        answers = [
            httpx.get(process.url + PATHS["credit"], headers=headers, trust_env=False) for process in serving
        ]
        return [
            answer.status_code if answer.status_code == 200 else answer.json()["code"] for answer in answers
        ]

    assert states() == [200, 200]
    for process in stopped:
        process.kill()
    lost = time.monotonic()
    while time.monotonic() - lost < 2.5:  # the last answer of the exchange is at most a second old
        assert states() == [200, 200]
        time.sleep(0.1)
    while states() != ["policy_stale"] * 2:
        assert time.monotonic() - lost < 6
        time.sleep(0.1)
    refused = httpx.get(serving[0].url + PATHS["credit"], headers=headers, trust_env=False)
    assert (refused.status_code, int(refused.headers["retry-after"]) >= 1) == (503, True)
    assert httpx.get(f"{serving[0].url}/readyz", trust_env=False).status_code == 503
    for process in stopped:
        process.start()
    for process in stopped:
        process.await_ready()
    back = time.monotonic()
    while states() != [200, 200]:
        assert time.monotonic() - back < EFFECTIVE_WITHIN
        time.sleep(0.1)
