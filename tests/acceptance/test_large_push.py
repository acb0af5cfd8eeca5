"""Many records in one push: in bounded memory, and whatever dies meanwhile, nothing is lost and nothing happens twice.

`ZHIXIN_LARGE_PUSH` says how many records (12,000 when absent), `ZHIXIN_LARGE_PUSH_DEATHS` how many deaths: a million takes
some minutes and 6 GB of disk. `-s` shows what each process took.
"""

import hashlib
import os

import msgspec
import pytest

from tests.acceptance.conftest import LAYOUTS
from tests.acceptance.large_push import BOUND_MB, InterruptedPush, counted, write_file

RECORDS = int(os.environ.get("ZHIXIN_LARGE_PUSH") or 12_000)
DEATHS = int(os.environ.get("ZHIXIN_LARGE_PUSH_DEATHS") or 5)
CHECKED_WHOLE = 50_000
pytestmark = pytest.mark.timeout(max(600, RECORDS // 100))


@pytest.fixture(scope="module", params=LAYOUTS)
def pushed(request, deploy, tmp_path_factory):
    deployment = deploy(*request.param)
    if RECORDS <= CHECKED_WHOLE:  # in small pages, so that there are places enough to die at
        deployment.stop()
        deployment.env["ZHIXIN_EXCHANGE_PAGE_ITEMS"] = "100"
        deployment.start()
    agency = deployment.enrol("industry_commerce", "push *", "pull *", "pull grade")
    agency.login()
    file = tmp_path_factory.mktemp("large") / "records.ndjson"
    write_file(file, RECORDS)
    push = InterruptedPush(deployment, agency, file, RECORDS, DEATHS, seed=f"{RECORDS} {request.param}")
    push.run()
    yield push
    file.unlink()


def test_it_was_interrupted_and_ended(pushed):
    print(f"\n{RECORDS:,} records in {pushed.went.seconds:.0f} s; deaths: {', '.join(pushed.went.deaths)}")
    assert len(pushed.went.deaths) >= min(DEATHS, 3)
    counts = pushed.went.answer["counts"]
    assert (counts["total"], counts["accepted"]) == (RECORDS, RECORDS)


def test_each_process_stays_within_its_memory(pushed):
    for name, life in sorted(pushed.went.worst().items()):
        print(
            f"\n{name}: idle {life.idle:.0f} MB, at most {life.peak:.0f} MB, over idle {life.over_idle:.0f} MB"
        )
    assert {name: life for name, life in pushed.went.worst().items() if life.over_idle > BOUND_MB} == {}


def test_nothing_is_lost_and_nothing_happened_twice(pushed):
    env = pushed.deployment.env
    credit, exchange = env["ZHIXIN_CREDIT_DATABASE_URL"], env["ZHIXIN_EXCHANGE_DATABASE_URL"]
    records = "SELECT count(*), count(DISTINCT source_record_id), max(version) FROM record"
    assert counted(credit, records) == (RECORDS, RECORDS, 1)
    assert counted(credit, "SELECT count(*) FROM record_version") == (RECORDS,)
    [events] = counted(credit, "SELECT sum(events) FROM outbox")
    pushed.agency.await_head(events, seconds=300)
    journal = "SELECT count(*), count(DISTINCT event_id), min(seq), max(seq) FROM journal"
    assert counted(exchange, journal) == (events, events, 1, events)
    upserts = "SELECT count(*) FROM journal WHERE kind <> 'grade'"
    assert counted(exchange, upserts) == (RECORDS,)
    assert counted(exchange, "SELECT count(*) FROM batch") == (1,)


def test_every_record_has_its_verdict_and_the_receipt_signs_them(pushed):
    digest, written = hashlib.sha256(), 0
    with pushed.verdicts.open("rb") as verdicts, pushed.file.open("rb") as records:
        for index, (line, record) in enumerate(zip(verdicts, records, strict=True)):
            digest.update(line)
            verdict, stated = msgspec.json.decode(line), msgspec.json.decode(record)
            assert (verdict["index"], verdict["verdict"]) == (index, "accepted")
            assert verdict["source_record_id"] == stated["source_record_id"]
            written += 1
    assert written == RECORDS
    told = pushed.agency.ask("verify", pushed.receipt, "--body", pushed.file, "--verdicts", pushed.verdicts)
    assert told["valid"]
    assert told["claims"]["verdicts_sha256"] == digest.hexdigest()


def test_the_databases_hold_what_must_always_be_true(pushed):
    if RECORDS > CHECKED_WHOLE:
        pytest.skip("the check of everything is a matter of its own: zhixin check")
    assert "all holds" in pushed.deployment.zhixin("check").stdout
