"""People at work over real processes: an administrator alone with the documentation, and one who is put out.

The commands of docs/administration.md are run as they stand there; only the address, what the operator handed over and a
password are put in.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import httpx
import pyotp
import pytest

from services.kernel import regions, uscc
from services.launch.administration import agency_admin
from tests.acceptance.conftest import LAYOUTS
from tests.acceptance.deployment import APART, ROOT, clean_environment
from tests.factories import PASSWORD

DOCUMENT = (ROOT / "docs" / "administration.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
PROMISED_SECONDS = 5
MARK = "@@@"
pytestmark = pytest.mark.timeout(600)


def register(deployment):
    """The agencies that the document speaks of: a province's market bureau and a city's below it."""
    deployment.administer(agency_admin, "seed")
    for number, (region, level) in enumerate((("430000", "province"), ("430100", "prefecture"))):
        superior = ("--superior", "industry_commerce-430000") if number else ()
        deployment.administer(
            agency_admin, "add", "--department", "industry_commerce", "--name", f"演示·{regions.name_of(region)}工商局",
            "--level", level, "--region", region, "--uscc", uscc.make("11" + region, f"KXF0000{number}"),
            "--valid-from", "2015-10-01", *superior,
        )  # fmt: skip


def invite(deployment, username, role):
    """Invite somebody by command; what the person is handed."""
    command = (
        "staff",
        "invite",
        username,
        "--name",
        "演示",
        "--role",
        role,
        "--agency",
        "industry_commerce-430000",
    )
    return json.loads(deployment.zhixin(*command, "--json").stdout)


def await_next_step():
    """Wait until an authenticator shows the next code."""
    time.sleep(30 - time.time() % 30 + 0.2)


def enrol(deployment, username, role):
    """Somebody whose account is set up."""
    handed = invite(deployment, username, role)
    secret = httpx.post(handed["url"], json={"code": handed["code"]}, trust_env=False).json()["totp_secret"]
    body = {"code": handed["code"], "password": PASSWORD, "totp_code": pyotp.TOTP(secret).now()}
    answer = httpx.post(f"{handed['url']}/completion", json=body, trust_env=False, timeout=30)
    assert answer.status_code == 200, answer.text
    return SimpleNamespace(username=username, secret=secret)


def log_in(deployment, person):
    body = {"username": person.username, "password": PASSWORD, "totp_code": pyotp.TOTP(person.secret).now()}
    answer = httpx.post(
        f"{deployment.exchange_url}/v1/staff/sessions", json=body, trust_env=False, timeout=30
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["token"]


# --- alone with the documentation


@pytest.fixture(scope="module")
def walked(deploy, tmp_path_factory):
    """What the document's commands answered, block by block, and the deployment on which they ran."""
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    deployment = deploy("sqlite")
    register(deployment)
    auditor = enrol(deployment, "auditor", "auditor")
    folder = tmp_path_factory.mktemp("desk")
    (folder / ".venv").symlink_to(Path(sys.prefix))
    invitation = deployment.zhixin(*BLOCKS[0].split()[1:]).stdout
    handed = dict(line.split(": ", 1) for line in invitation.splitlines())
    script = "\n".join([f"URL='{handed['url']}'", f"CODE='{handed['code']}'", f"PASSWORD='{PASSWORD}'"])
    for number, block in enumerate(BLOCKS[1:], start=1):
        own = re.sub(r"^(URL|CODE)=.*$", "", block, flags=re.MULTILINE)
        script += f"\necho '{MARK}'\n" + own.replace("http://127.0.0.1:8080", deployment.exchange_url)
        if number == 1:
            script += "sleep 30.5\n"
        if number == 2:
            script += f"AUDITOR=$(login auditor '{PASSWORD}' {auditor.secret})\n"
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=clean_environment() | {"PATH": os.environ["PATH"]},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    answers = [
        [json.loads(line) for line in part.splitlines() if line.startswith("{")]
        for part in done.stdout.split(MARK)[1:]
    ]
    return SimpleNamespace(deployment=deployment, folder=folder, answers=answers, all=[*chain(*answers)])


def test_an_administrator_alone_enrols_and_logs_in(walked):
    assert walked.answers[0] == [{"username": "li.na"}]
    assert (walked.answers[1][0]["username"], walked.answers[1][0]["role"]) == (
        "li.na",
        "agency_administrator",
    )


def test_an_administrator_alone_issues_rotates_and_revokes(walked):
    issued, rotated = (
        json.loads((walked.folder / f"{name}.json").read_text()) for name in ("issued", "rotated")
    )
    revoked = next(answer for answer in walked.all if answer.get("status") == "revoked")
    assert issued["client_secret"].startswith("zxs_")
    assert rotated["client_id"] != issued["client_id"] == revoked["client_id"]
    statuses = []
    for each in (issued, rotated):
        known = (each["client_id"], each["client_secret"])
        asked = {"grant_type": "client_credentials"}
        url = f"{walked.deployment.exchange_url}/oauth2/token"
        statuses.append(httpx.post(url, data=asked, auth=known, trust_env=False).status_code)
    assert statuses == [401, 200]


def test_an_administrator_alone_goes_over_to_credit(walked):
    assert any(answer.get("username") == "li.na" and "agency_name" not in answer for answer in walked.all[1:])


def test_an_auditor_sees_all_of_it(walked):
    acts = [item["act"] for item in walked.answers[-1][0]["items"]]
    assert acts == ["credential_revoked", "credential_rotated", "credential_issued"]


# --- put out


@pytest.mark.parametrize("layout", LAYOUTS)
def test_who_is_disabled_is_out_of_every_instance_within_five_seconds(deploy, layout):
    deployment = deploy(*layout)
    if layout[1] == APART:  # SQLite has one serving process
        for name in APART:
            deployment.add_process(name)
    register(deployment)
    person = enrol(deployment, "zhao.min", "inspector")
    await_next_step()
    token = log_in(deployment, person)
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=30) as http:
        code = http.post(f"{deployment.exchange_url}/v1/staff/handovers").json()["code"]
        opened = http.post(f"{deployment.credit_url}/v1/sessions", json={"code": code})
    assert opened.status_code == 201, opened.text
    doors = [
        (f"{process.url}{path}", {"Authorization": f"Bearer {held}"})
        for service, path, held in (
            ("exchange", "/v1/staff/me", token),
            ("credit", "/v1/sessions/me", opened.json()["token"]),
        )
        for process in deployment.processes
        if process.name in (service, "both")
    ]
    assert len(doors) == (4 if layout[1] == APART else 2)
    assert [ask(door) for door in doors] == [200] * len(doors)
    deployment.zhixin("staff", "disable", "zhao.min")
    disabled_at = time.monotonic()
    while set(map(ask, doors)) != {401}:
        assert time.monotonic() - disabled_at < PROMISED_SECONDS, list(map(ask, doors))
        time.sleep(0.1)
    assert [ask(door) for door in doors * 3] == [401] * len(doors) * 3


def ask(door):
    url, headers = door
    return httpx.get(url, headers=headers, trust_env=False, timeout=30).status_code
