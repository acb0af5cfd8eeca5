"""A body of several pages: arranged by enterprise on its way to credit, answered in the order of the body."""

import json
from hashlib import sha256

import httpx
import pytest
from anyio import from_thread

from services.exchange.service import batches as service
from services.exchange.store import batches
from tests.api.test_sheets import HEADER, clerks_row, push_sheet
from tests.door import NDJSON, claims_in, receipt_keys
from tests.filing import award, code_of, registration, rows

pytestmark = pytest.mark.anyio


@pytest.fixture
def exchange_settings(exchange_settings):
    return exchange_settings.model_copy(update={"page_items": 3})


async def pages_of(door, path):
    items = []
    while path:
        page = await door.get(path)
        items += page.json()["items"]
        path = page.links.get("next", {}).get("url")
    return items


async def test_verdicts_stand_in_the_order_of_the_body_and_the_receipt_signs_them_so(door):
    records = [
        *(registration(number) for number in range(4)),
        registration(9) | {"kind": "none"},
        *(award(number, f"a-{number}-{turn}") for turn in range(3) for number in range(4)),
    ]
    answer = (await door.push(*records)).json()
    items = await door.get(answer["items_url"], accept=NDJSON)
    assert [item["index"] for item in answer["items"]] == list(range(len(records)))
    assert [item["source_record_id"] for item in answer["items"]] == [
        record["source_record_id"] for record in records
    ]
    assert answer["counts"] == {"total": 17, "accepted": 16, "unchanged": 0, "held": 0, "rejected": 1}
    assert [json.loads(line) for line in items.content.splitlines()] == answer["items"]
    assert await pages_of(door, answer["items_url"]) == answer["items"]
    claims = claims_in(answer["receipt"], await receipt_keys(door))
    assert claims["verdicts_sha256"] == sha256(items.content).hexdigest()


async def test_a_record_that_goes_to_another_enterprise_within_the_body_ends_there(door):
    await door.push(*(registration(number) for number in range(4)), award(2, "a-moves"), award(1, "a-moves"))
    filed = rows(door.credit.database, "SELECT uscc FROM record WHERE source_record_id = 'a-moves'")
    assert [uscc for (uscc,) in filed] == [code_of(1)]


async def test_the_faults_of_a_sheet_stand_in_its_rows(door):
    lines = [clerks_row(n, 统一社会信用代码="0" if n % 7 == 0 else code_of(n % 5)) for n in range(1, 31)]
    text = "\n".join(",".join(map(str, line)) for line in [HEADER, *lines])
    answer = (await push_sheet(door, text.encode(), "text/csv")).json()
    faulty = [n for n in range(1, 31) if n % 7 == 0]
    rejected = [item for item in answer["items"] if item["verdict"] == "rejected"]
    copy = (await door.get(f"/v1/batches/{answer['id']}/annotated")).content.decode("utf-8-sig")
    assert [(item["index"], item["faults"][0]["row"]) for item in rejected] == [
        (n - 1, n + 1) for n in faulty
    ]
    assert [n for n, line in enumerate(copy.splitlines()) if line.startswith("拒收")] == faulty


@pytest.mark.parametrize("stored_by", ["this release", "an earlier release"])
async def test_a_window_that_was_left_before_its_verdicts_were_in_order_is_gone_on_with(
    door, monkeypatch, stored_by
):
    """Credit tells the verdicts again; an earlier release had stored them page by page, as these are arranged."""
    left = {}

    def stop(_exchange, batch_id, _window, verdicts):
        left.update({"batch": batch_id, "pages": verdicts})
        raise httpx.ReadError("the process ended here")

    records = [
        *(registration(number) for number in range(4)),
        registration(9) | {"kind": "none"},
        *(award(number, f"a-{number}-{turn}") for turn in range(3) for number in range(4)),
    ]
    with monkeypatch.context() as patched:
        patched.setattr(service, "put_in_order", stop)
        assert (await door.push(*records)).status_code == 202
    if stored_by == "an earlier release":
        with door.exchange.database.write("test") as session:
            for number, verdicts in left["pages"].items():
                batches.answer_page(
                    session,
                    left["batch"],
                    number,
                    verdicts=verdicts,
                    counts='{"total":0}',
                    claimed_until=door.clock(),
                )
                break  # the others were still to come
    await service.process(door.exchange, left["batch"])
    described = (await door.get(f"/v1/batches/{left['batch']}")).json()
    items = await pages_of(door, described["items_url"])
    assert [item["index"] for item in items] == list(range(len(records)))
    assert sum(item["verdict"] == "accepted" for item in items) == 16
    refused = rows(door.exchange.database, "SELECT sum(rejected) FROM supply_day")
    assert refused == [(1,)]


async def test_a_worker_that_was_overtaken_leaves_the_order_that_the_other_made(door, monkeypatch):
    in_order, overtaken = service.put_in_order, []

    def slowly(exchange, batch_id, window, verdicts):
        if not overtaken:
            overtaken.append(batch_id)
            from_thread.run(service.process, exchange, batch_id)
        in_order(exchange, batch_id, window, verdicts)

    monkeypatch.setattr(service, "put_in_order", slowly)
    records = [award(number, f"a-{number}-{turn}") for turn in range(3) for number in range(4)]
    answer = (await door.push(*records)).json()
    items = await door.get(f"/v1/batches/{overtaken[0]}/items", accept=NDJSON)
    told = [json.loads(line) for line in items.content.splitlines()]
    assert [item["source_record_id"] for item in told] == [record["source_record_id"] for record in records]
    claims = claims_in(answer["receipt"], await receipt_keys(door))
    assert claims["verdicts_sha256"] == sha256(items.content).hexdigest()
