"""A deployment as an operator runs it: processes of `zhixin`, settings from the environment, logs in files."""

import json
import os
import random
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
from typer.testing import CliRunner

from services.kernel import regions, uscc
from services.kernel.tokens import SigningKey
from services.launch.administration import agency_admin, credential

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
ZHIXIN = Path(sys.executable).with_name("zhixin")
KILLED = 137
TOGETHER = ("both",)
APART = ("exchange", "credit")
POLICY_SECONDS = 1.5
"""Credit asks for the policy every second: until then it knows nothing of a new agency."""


def free_port() -> int:
    """A port below those that the system gives to clients, which could otherwise take it while a service is down."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def run(*command, env=None, expect=0, timeout=120, cwd=None) -> subprocess.CompletedProcess:
    """Run a `zhixin` command to its end; `expect` is its exit status, None for any."""
    done = subprocess.run(
        [ZHIXIN, *map(str, command)], env=clean_environment() | (env or {}), cwd=cwd, timeout=timeout,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if expect is not None:
        assert done.returncode == expect, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def clean_environment() -> dict[str, str]:
    """This process's environment without settings of any deployment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIXIN_")}
    return kept | {"COLUMNS": "200", "NO_COLOR": "1"}


class Process:
    """One serving process, which can be killed and started again."""

    def __init__(self, name, command, env, log, port) -> None:
        self.name, self.command, self.env, self.log, self.port = name, command, env, log, port
        self.url = f"http://127.0.0.1:{port}"
        self.running = None

    def start(self, **env) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [ZHIXIN, *self.command], env=clean_environment() | self.env | env, stdout=log, stderr=log
            )

    def await_ready(self, seconds=90) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.running.poll() is None, (
                f"{self.name} ended with {self.running.returncode}\n{self.tail()}"
            )
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False, timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"{self.name} was not ready after {seconds} s\n{self.tail()}")

    @property
    def is_up(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def kill(self) -> None:
        """End it without warning, as a power cut would."""
        if self.is_up:
            self.running.kill()
        if self.running:
            self.running.wait()

    def tail(self, lines=25) -> str:
        """The end of its log, without the requests that went well."""
        if not self.log.exists():
            return ""
        told = self.log.read_text(errors="replace").splitlines()
        return "\n".join([line for line in told if '"status": 20' not in line][-lines:])


class Deployment:
    """Both services over one pair of databases, in one process or in several, behind addresses of their own."""

    def __init__(self, folder, exchange_database, credit_database, layout=TOGETHER) -> None:
        self.folder = folder
        ports = [free_port() for _ in layout]
        addresses = {name: f"http://127.0.0.1:{port}" for name, port in zip(layout, ports, strict=True)}
        exchange = addresses.get("exchange") or addresses["both"]
        credit = addresses.get("credit") or addresses["both"]
        keys = {name: SigningKey.generate() for name in APART}
        self.env = {
            "ZHIXIN_EXCHANGE_DATABASE_URL": exchange_database,
            "ZHIXIN_EXCHANGE_ISSUER": exchange,
            "ZHIXIN_EXCHANGE_SECRET": secrets.token_urlsafe(48),
            "ZHIXIN_EXCHANGE_SERVICE_KEY": keys["exchange"].pem,
            "ZHIXIN_EXCHANGE_CREDIT_KEYS": json.dumps({"keys": [keys["credit"].jwk]}),
            "ZHIXIN_EXCHANGE_CREDIT_URL": credit,
            "ZHIXIN_EXCHANGE_STATE_DIR": str(folder / "uploads"),
            "ZHIXIN_CREDIT_DATABASE_URL": credit_database,
            "ZHIXIN_CREDIT_ISSUER": exchange,
            "ZHIXIN_CREDIT_SECRET": secrets.token_urlsafe(48),
            "ZHIXIN_CREDIT_SERVICE_KEY": keys["credit"].pem,
            "ZHIXIN_CREDIT_EXCHANGE_KEYS": json.dumps({"keys": [keys["exchange"].jwk]}),
            "ZHIXIN_CREDIT_EXCHANGE_URL": exchange,
        }
        self.exchange_url, self.credit_url = exchange, credit
        self.processes = [self._process(name, port) for name, port in zip(layout, ports, strict=True)]

    def _process(self, name, port) -> Process:
        only = [] if name == "both" else ["--only", name]
        log = self.folder / f"{name}-{port}.log"
        return Process(name, ["serve", *only, "--port", str(port)], self.env, log, port)

    def add_process(self, name, **env) -> Process:
        """One more process of a service, started."""
        added = self._process(name, free_port())
        self.processes.append(added)
        added.start(**env)
        added.await_ready()
        return added

    def process_of(self, service) -> Process:
        """The process in which a service runs."""
        return next(process for process in self.processes if process.name in (service, "both"))

    def start(self) -> None:
        """Start what is not up, and wait until it answers."""
        begun = [process for process in self.processes if not process.is_up]
        for process in begun:
            process.start()
        for process in begun:
            process.await_ready()

    def stop(self) -> None:
        """Kill every process."""
        for process in self.processes:
            process.kill()

    def zhixin(self, *command, **options) -> subprocess.CompletedProcess:
        """Run an operator's command in a process of its own."""
        return run(*command, env=self.env, **options)

    def administer(self, app, *command) -> dict:
        """Run an administration command in this process, since a dozen of them would wait for a dozen starts."""
        done = CliRunner().invoke(app, [*map(str, command), "--json"], env=self.env)
        assert done.exit_code == 0, f"{command}: {done.output} {done.exception!r}"
        return json.loads(done.stdout)

    def enrol(self, department, *grants, region="430000", **options) -> "Agency":
        """Register an agency with grants, each `push KIND` or `pull KIND`, and issue it a credential."""
        self.administer(agency_admin, "seed")
        serial = sum(map(ord, department)) % 100_000
        identity = self.administer(
            agency_admin, "add", "--department", department, "--name", f"演示·{regions.name_of(region)}{department}",
            "--level", regions.level_of(region), "--region", region,
            "--uscc", uscc.make("11" + region, f"KXB{serial:05d}"), "--valid-from", "2015-10-01",
        )["id"]  # fmt: skip
        for grant in grants:
            direction, kind = grant.split()
            self.administer(
                agency_admin, "grant", identity, "--direction", direction, "--kind", kind, "--region", region,
                "--purpose", "验收测试", "--basis", "测试依据", "--valid-from", "2015-10-01",
            )  # fmt: skip
        issued = self.administer(credential, "issue", identity, *options.get("issue", ()))
        time.sleep(POLICY_SECONDS)
        return Agency(self, identity, issued)


class Agency:
    """An agency's own machine: its credential, and the folder in which its client keeps what it needs."""

    def __init__(self, deployment, identity, issued) -> None:
        self.deployment, self.id = deployment, identity
        self.client_id, self.secret = issued["client_id"], issued.get("client_secret")
        self.env = {"ZHIXIN_AGENCY_HOME": str(deployment.folder / f"home-{identity}")}

    def zhixin(self, *command, **options) -> subprocess.CompletedProcess:
        """Run `zhixin agency …` in a process of its own."""
        return run("agency", *command, env=self.env, **options)

    def ask(self, *command, **options) -> dict:
        """The same, and the JSON that it printed."""
        return json.loads(self.zhixin(*command, "--json", **options).stdout)

    def login(self) -> dict:
        env = self.env | {"ZHIXIN_CLIENT_SECRET": self.secret}
        command = (
            "login",
            "--base-url",
            self.deployment.exchange_url,
            "--client-id",
            self.client_id,
            "--json",
        )
        return json.loads(run("agency", *command, env=env).stdout)

    def token(self) -> str:
        answer = httpx.post(
            f"{self.deployment.exchange_url}/oauth2/token", data={"grant_type": "client_credentials"},
            auth=(self.client_id, self.secret), trust_env=False,
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    def head(self) -> int:
        """The journal's head, as the agency is told."""
        with self.http("exchange") as http:
            return http.get("/v1/changes", params={"limit": 1}).json()["head"]

    def await_head(self, seq, seconds=60) -> None:
        """Wait until the journal has come so far."""
        deadline = time.monotonic() + seconds
        while (head := self.head()) < seq:
            assert time.monotonic() < deadline, f"the journal ends at {head}, not at {seq}"
            time.sleep(0.2)

    def http(self, service="credit") -> httpx.Client:
        """A client to a service with a fresh token."""
        base = self.deployment.credit_url if service == "credit" else self.deployment.exchange_url
        headers = {"Authorization": f"Bearer {self.token()}"}
        return httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=60)
