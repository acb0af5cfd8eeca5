"""`zhixin demo` as a stranger meets it: up with one command, safe to run again, and nothing lost by a kill."""

import json
import shutil
import subprocess
import sys
import time
from types import SimpleNamespace

import httpx
import pytest

from tests.acceptance.deployment import SHARED, Process, clean_environment, free_port, run
from tests.conftest import BACKENDS

FIRMS = 300
CONFORMANCE = SHARED / "conformance" / "check.py"
pytestmark = pytest.mark.timeout(900)
PARAMS = [pytest.param(backend, marks=pytest.mark.xdist_group(f"demo-{backend}")) for backend in BACKENDS]


class Demo(Process):
    """A demo in a folder of its own."""

    def __init__(self, place, env) -> None:
        self.folder = place / ".zhixin"
        port = free_port()
        command = ["demo", "--directory", str(self.folder), "--port", str(port), "--enterprises", str(FIRMS)]
        super().__init__("demo", command, env, place / "demo.log", port)

    def introductions(self) -> list[str]:
        """What it has printed of itself, once for each time that it came up whole."""
        return self.log.read_text().split("Ctrl-C")[:-1]

    def come_up(self, seconds=180) -> None:
        """Start, and wait until the province is pushed and the introduction printed."""
        before = len(self.introductions()) if self.log.exists() else 0
        self.start()
        self.await_that(lambda: len(self.introductions()) > before, seconds)

    def await_that(self, reached, seconds) -> None:
        deadline = time.monotonic() + seconds
        while not reached():
            assert self.running.poll() is None, (
                f"the demo ended with {self.running.returncode}\n{self.tail()}"
            )
            assert time.monotonic() < deadline, f"not reached within {seconds} s\n{self.tail()}"
            time.sleep(0.1)

    def file(self) -> dict:
        return json.loads((self.folder / "demo.json").read_text())

    def credentials(self) -> dict:
        """The province's development and reform commission: it may pull every kind."""
        return next(
            each for each in self.file()["credentials"]
            if each["agency"] == "development_reform-430000" and "client_secret" in each
        )  # fmt: skip

    def settled(self) -> dict:
        """Its state once the journal stands still."""
        before = None
        while (state := self.state()) != before:
            before = state
            time.sleep(1)
        return state

    def state(self) -> dict:
        """What must not change by itself: the journal's head and last event, and how many firms the search knows."""
        known = self.credentials()
        with httpx.Client(base_url=self.url, trust_env=False, timeout=30) as http:
            asked = {"grant_type": "client_credentials"}
            answer = http.post("/oauth2/token", data=asked, auth=(known["client_id"], known["client_secret"]))
            http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            lines = http.get("/v1/changes", headers={"Accept": "application/x-ndjson"}).text.splitlines()
            control = json.loads(lines[-1])
            found = http.get("/v1/enterprises", params={"q": "演示", "limit": 5}).json()["items"]
        return {"head": control["head"], "events": len(lines) - 1, "last": lines[-2], "found": found}


def environment(backend, templates) -> dict:
    if backend == "sqlite":
        return {}
    return {
        f"ZHIXIN_{lineage.upper()}_DATABASE_URL": templates.copy(backend, None)
        for lineage in ("exchange", "credit")
    }


@pytest.fixture(scope="module", params=PARAMS)
def up(request, templates, tmp_path_factory):
    """A demo that came up whole."""
    env = environment(request.param, templates)
    demo = Demo(tmp_path_factory.mktemp("demo"), env)
    demo.come_up()
    yield SimpleNamespace(demo=demo, backend=request.param, state=demo.settled())
    demo.kill()
    for url in env.values():
        templates.drop(url)


def test_its_secrets_are_readable_to_their_owner_only(up):
    assert up.demo.folder.stat().st_mode & 0o777 == 0o700
    assert (up.demo.folder / "demo.json").stat().st_mode & 0o777 == 0o600


def test_run_a_second_time_it_says_that_it_is_up(up):
    again = run(*up.demo.command, env=up.demo.env)
    assert up.demo.url in again.stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_printed_curl_lines_work(up):
    printed = up.demo.introductions()[0].splitlines()
    lines = [line for line in printed if line.startswith(("TOKEN=", "curl "))]
    done = subprocess.run(
        ["bash", "-euc", "; echo; ".join(lines)],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    )
    grade, changes = (json.loads(line) for line in done.stdout.splitlines() if line)
    assert len(lines) == 3
    assert grade["explanation"]
    assert len(changes["events"]) == 5


def test_killed_and_started_again_it_has_lost_nothing_and_changed_nothing(up):
    file = up.demo.file()
    up.demo.kill()
    up.demo.come_up()
    assert (up.demo.file(), up.demo.settled()) == (file, up.state)


@pytest.mark.skipif(not CONFORMANCE.exists(), reason="no ../shared/conformance beside the project")
def test_every_promise_of_the_contract_is_kept(up):
    checked = subprocess.run(
        [sys.executable, CONFORMANCE, up.demo.folder / "demo.json"], capture_output=True, text=True, check=False,
        env=clean_environment(), timeout=180,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "FAIL" not in checked.stdout


def test_interrupted_while_it_pushes_it_goes_on_where_it_was(up, templates, tmp_path):
    env = environment(up.backend, templates)
    demo = Demo(tmp_path, env)
    try:
        demo.start()
        demo.await_ready()
        time.sleep(1)
        interrupted_early = not (demo.folder / "demo.json").exists()
        demo.kill()
        demo.come_up()
        state = demo.settled()
        assert interrupted_early
        assert (state["head"], state["events"]) == (up.state["head"], up.state["events"])
    finally:
        demo.kill()
        for url in env.values():
            templates.drop(url)
