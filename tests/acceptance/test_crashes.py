"""Invariants I1 and I3: whatever process dies at whatever commit of a push, nothing is lost and nothing happens twice.

Every commit has a name, and a process dies right before or right after the one that ZHIXIN_CRASH_AT names. Here each
commit that a push passes kills once before and once after it: a register is pushed, the process dies with status 137,
another starts with the next appointment, and at the end every push is run again by the same command until it ends.
The made-up registers are 演示. ZHIXIN_FULL_CRASH=1 takes the real register through its deaths on both databases.
"""

import csv
import hashlib
import json
import os
import re
import subprocess
import time
from types import SimpleNamespace

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from services.kernel import uscc
from tests.acceptance.conftest import LAYOUTS
from tests.acceptance.deployment import KILLED, ROOT, SHARED, ZHIXIN, clean_environment
from tests.conftest import BACKENDS

REGISTER = SHARED / "data" / "hunan_register.csv"
PAGE = 1_000
"""Smaller than by default, so that a push has pages enough to die at, and work left after each death."""
ROWS = 2_400
pytestmark = pytest.mark.timeout(1500)

PUSHING = {
    "exchange.batch_received": 1,
    "exchange.batch_claimed": 1,
    "credit.page_taken": 2,
    "exchange.page_answered": 2,
    "exchange.journal_appended": 1,
    "credit.events_acknowledged": 1,
    "exchange.verdicts_ordered": 1,
    "exchange.batch_completed": 1,
    "exchange.lease_taken": 3,
    "credit.outbox_rewound": 1,
}
"""The commits that a large push passes, and at which passage the process dies."""
ELSEWHERE = {
    "exchange.batch_promised": "only of a small push while credit does not answer: not of a large one",
    "exchange.lease_given_back": "when a process is stopped in peace",
    "exchange.bodies_forgotten": "retention",
    "exchange.floor_raised": "retention",
    "exchange.numbers_raised": "when a restored exchange starts: tests/service/exchange/test_relay.py",
    "credit.cards_rolled": "when dates pass",
    "credit.products_filed": "after a migration, in steps that may be broken off: test_products.py",
    "credit.acts_linked": "decisions about acts: one transaction each, tests/api/test_act_links.py",
    "credit.acts_unlinked": "decisions about acts: one transaction each, tests/api/test_act_links.py",
    "credit.remedy_filed": "remedies: one transaction each, tests/api/test_objections.py",
    "credit.remedy_advanced": "remedies: one transaction each, tests/api/test_objections.py",
    "credit.held_item_decided": "held items: one transaction each, tests/api/test_held_items.py",
    "credit.restructuring_entered": "when an officer enters one, tests/api/test_restructurings.py",
    "credit.restructuring_undone": "when an officer undoes one, tests/api/test_restructurings.py",
    "credit.held_decision_undone": "held items: one transaction each, tests/api/test_held_items.py",
    "credit.grade_cycle_opened": "grade decisions: one transaction, tests/api/test_grade_decisions.py",
    "credit.grades_proposed": "grade decisions: a chunk with how far it came, taken up again from there",
    "credit.grade_decision_advanced": "grade decisions: one transaction, tests/api/test_grade_decisions.py",
    "credit.rulebook_seeded": "the first start of a database",
    "credit.rulebook_asked": "when an officer proposes or confirms a rule book",
    "credit.rulebook_withdrawn": "when an officer withdraws an activation",
    "credit.rulebook_cards_built": "while a rule book is being activated",
    "credit.rulebook_caught_up": "while a rule book is being activated",
    "credit.rulebook_activated": "when a rule book takes over",
    "credit.simulation_requested": "when a simulation is asked for",
    "credit.simulation_claimed": "when a simulation is asked for",
    "credit.simulation_advanced": "while a simulation runs",
    "credit.simulation_completed": "when a simulation ends",
    "signing_keys_first": "the first start of a database",
    "demo.enrolled": "the demo: test_demo.py",
    "demo.settled": "the demo: test_demo.py",
    "exchange.login_attempted": "when staff log in",
    "exchange.staff_logged_in": "when staff log in",
    "exchange.staff_enrolled": "when staff set their accounts up",
    "exchange.session_seen": "once a minute, when staff are at work",
    "exchange.sessions_forgotten": "retention",
    "exchange.handover_redeemed": "when staff go over to credit",
    "credit.session_opened": "when staff come over from the exchange",
    "credit.session_seen": "once a minute, when staff are at work",
    "credit.session_ended": "when staff leave",
    "credential_touch": "once an hour, when a token is asked for",
    "credit.access_noted": "a restricted read: test_access_log.py",
    "credit.access_entries_acknowledged": "a restricted read: test_access_log.py",
    "exchange.supply_counted": "seconds after a push, once a chunk: test_supply_quality.py",
    "exchange.access_noted": "a pull beyond public fields: test_access_entries.py",
    "exchange.firm_view_noted": "a firm is shown who looked: test_firm_view.py",
    "exchange.access_log_kept": "a restricted read: test_access_log.py",
    "credit.firm_reads_stored": "when firms are asked about: test_quotas.py",
    "attempt_failed": "when a client's proof fails",
    "assertion_use": "when a token is asked for by key",
    "token_revoke": "when a token is given back",
}
POINTS = [
    f"{commit}:{side}#{passage}"
    for commit, passage in PUSHING.items()
    for side in ("before_commit", "after_commit")
]


def test_every_commit_of_the_services_has_its_place_here():
    written = re.compile(r'database\.write\(\s*"([^"]+)"')
    named = {
        name
        for file in (ROOT / "services").rglob("*.py")
        for name in written.findall(file.read_text("utf-8"))
    }
    assert named == PUSHING.keys() | ELSEWHERE.keys()


class Crashing:
    """A deployment whose processes are told to die, and the pushes that went on meanwhile."""

    def __init__(self, deployment) -> None:
        self.deployment = deployment
        deployment.stop()
        deployment.env["ZHIXIN_EXCHANGE_PAGE_ITEMS"] = str(PAGE)
        deployment.start()
        self.market = deployment.enrol("industry_commerce", "push *", "pull *", "pull grade")
        self.market.login()
        self.clients = []
        self.statuses = {}

    def die_at(self, point, file, key) -> None:
        """Push while the process that passes the point is told to die there; wait until it has."""
        process = self.deployment.process_of(point.split(".")[0])
        process.kill()
        for other in self.deployment.processes:
            if other is not process and not other.is_up:
                other.start()
        process.start(ZHIXIN_CRASH_AT=point)
        with (self.deployment.folder / "clients.log").open("ab") as log:
            client = subprocess.Popen(
                [ZHIXIN, "agency", *self.command(file, key)], env=clean_environment() | self.market.env,
                stdout=log, stderr=log,
            )  # fmt: skip
        self.clients.append(client)
        try:
            self.statuses[point] = process.running.wait(60)
        except subprocess.TimeoutExpired:
            self.statuses[point] = None

    def command(self, file, key) -> tuple:
        receipt = self.deployment.folder / f"{key}.jws"
        return ("push", file, "--idempotency-key", key, "--receipt", receipt, "--json")

    def settle(self, pushes) -> dict[str, dict]:
        """Start what is down without any appointment, interrupt the clients, and run each push again until it ends."""
        self.deployment.stop()
        for client in self.clients:
            client.kill()
            client.wait()
        self.deployment.start()
        return {key: self.finish(file, key) for key, file in pushes.items()}

    def finish(self, file, key) -> dict:
        for _ in range(5):
            done = self.market.zhixin(*self.command(file, key), expect=None)
            if done.returncode == 0:
                return json.loads(done.stdout)["counts"] | {"batch": json.loads(done.stdout)["batch"]}
            time.sleep(1)
        raise AssertionError(f"{key} did not end: {done.stdout} {done.stderr}")

    def events(self) -> list[dict]:
        output = self.deployment.folder / "changes.ndjson"
        self.market.zhixin("pull", "--output", output, "--json")
        return [json.loads(line) for line in output.read_bytes().splitlines()]

    def claims_of(self, key) -> dict:
        """The claims of a receipt, its signature checked by a library that we did not write."""
        url = f"{self.deployment.exchange_url}/.well-known/receipt-keys.json"
        keys = KeySet.import_key_set(httpx.get(url, trust_env=False).json())
        signed = (self.deployment.folder / f"{key}.jws").read_text().strip()
        return json.loads(jws.deserialize_compact(signed, keys, algorithms=["ES256"]).payload)


@pytest.fixture(scope="module", params=LAYOUTS)
def survived(request, deploy, tmp_path_factory):
    """Everything that is left after a death at every point."""
    crashing = Crashing(deploy(*request.param))
    folder = tmp_path_factory.mktemp("registers")
    pushes = {}
    for number, point in enumerate(POINTS):
        key = point.replace(":", ".").replace("#", ".")
        pushes[key] = made_up_register(folder / f"{key}.csv", number)
        crashing.die_at(point, pushes[key], key)
    counts = crashing.settle(pushes)
    crashing.market.await_head(ROWS * len(POINTS))
    return SimpleNamespace(crashing=crashing, deployment=crashing.deployment, pushes=pushes, counts=counts)


def made_up_register(path, number):
    """A register of firms that do not exist."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["企业名称", "统一社会信用代码", "注册日期", "所在省份", "地区"])
        for row in range(number * ROWS, (number + 1) * ROWS):
            code = uscc.make("91430102", f"KXE{row:05d}")
            writer.writerow([f"长沙演示{row}号有限公司", code, "2004-05-17", "湖南", "长沙"])
    return path


@pytest.mark.parametrize("point", POINTS)
def test_the_process_died_at(survived, point):
    assert survived.crashing.statuses[point] == KILLED


def test_every_row_is_accepted_once(survived):
    counts = {key: (found["total"], found["accepted"]) for key, found in survived.counts.items()}
    assert counts == dict.fromkeys(survived.pushes, (ROWS, ROWS))


def test_the_journal_has_no_gap_and_no_duplicate(survived):
    events = survived.crashing.events()
    assert [event["seq"] for event in events] == list(range(1, ROWS * len(POINTS) + 1))
    assert len({event["id"] for event in events}) == len({event["uscc"] for event in events}) == len(events)


def test_every_receipt_verifies(survived):
    with survived.crashing.market.http("exchange") as http:
        for key, found in survived.counts.items():
            claims = survived.crashing.claims_of(key)
            verdicts = http.get(
                f"/v1/batches/{found['batch']}/items", headers={"Accept": "application/x-ndjson"}
            )
            assert claims["verdicts_sha256"] == hashlib.sha256(verdicts.content).hexdigest(), key
            assert (claims["batch"], claims["counts"]["accepted"]) == (found["batch"], ROWS)


def test_the_databases_hold_what_must_always_be_true(survived):
    assert "all holds" in survived.deployment.zhixin("check").stdout


DEATHS_OF_A_REGISTER = (  # each leaves enough of its eighteen pages for the next
    "exchange.batch_received:after_commit#1",
    "credit.page_taken:before_commit#2",
    "credit.page_taken:after_commit#1",
    "exchange.page_answered:before_commit#2",
    "exchange.journal_appended:after_commit#1",
    "credit.events_acknowledged:before_commit#1",
    "exchange.batch_completed:after_commit#1",
)


@pytest.mark.skipif(
    not REGISTER.exists(), reason="no ../shared/data beside the project: the register is not here"
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_real_register_comes_through_a_row_of_deaths(layout, deploy):
    if layout[0] != BACKENDS[-1] and not os.environ.get("ZHIXIN_FULL_CRASH"):
        pytest.skip("the real register dies on one database; ZHIXIN_FULL_CRASH=1 takes it through both")
    crashing = Crashing(deploy(*layout))
    for point in DEATHS_OF_A_REGISTER:
        crashing.die_at(point, REGISTER, "register")
    counts = crashing.settle({"register": REGISTER})["register"]
    crashing.market.await_head(17_795)
    events = crashing.events()
    assert set(crashing.statuses.values()) == {KILLED}
    assert (counts["total"], counts["accepted"]) == (17_795, 17_795)
    assert [event["seq"] for event in events] == list(range(1, 17_796))
    assert crashing.claims_of("register")["counts"]["accepted"] == 17_795
    assert "all holds" in crashing.deployment.zhixin("check").stdout
