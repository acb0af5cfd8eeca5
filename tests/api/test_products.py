"""Product files: what records in force say of a product, and who sees which of it."""

import pytest

from services.credit.service.product_filing import file_products
from tests.casework import Casework, problem, pushed, sound
from tests.filing import check, code_of, name_of, penalty, record, registration, rows

pytestmark = pytest.mark.anyio
NOODLES = {"name": "米粉", "class": "food", "brand": "湘味"}


def sample(source, result="pass", occurred_on="2026-06-01", *, number=1, batch=None, items=(), **changed):
    confirmed = True if result != "pass" else None
    made = check(
        number, source, occurred_on, result=result, confirmed=confirmed, product=NOODLES | {"batch": batch}
    )
    made["details"] |= {"failed_items": list(items)}
    return made | changed


def declared(source="d-1", **changed):
    details = {"standard_number": "Q/YS 1", "standard_name": "演示", "indicators": ["净含量：不低于标示值"]}
    return record(
        1, "standard_declaration", source, "2026-01-05", details, product={"name": "米粉"}, assertion="self_declared",
    ) | changed  # fmt: skip


def recalled(**changed):
    details = {
        "initiation": "ordered",
        "defect": "演示",
        "recalled_quantity": 10,
        "sales_channels": "演示渠道",
    }
    stated = {"document_number": "演示召〔2026〕1号", "product": NOODLES | {"batch": "B2"}} | changed
    return record(1, "recall", "z-1", "2026-09-01", details, **stated)


async def found(door, caller="whole", **params):
    answer = await door.get("/v1/products", caller, params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def file_of(door, product_id, caller="whole"):
    answer = await door.get(f"/v1/products/{product_id}", caller)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def noodles(door, caller="whole"):
    """The file of the branded noodles of firm 1."""
    [summary] = (await found(door, caller, q="湘味"))["items"]
    file = await file_of(door, summary["id"], caller)
    assert {name: file[name] for name in summary} == summary
    return file


async def test_a_file_tells_rate_batches_recalls_and_what_was_declared_beside_what_was_found(door):
    await pushed(
        door, registration(1), declared(), sample("c-1", batch="B1"), sample("c-2", "fail", batch="B2", items=["净含量"]),
        sample("c-3", batch="B3"), sample("c-4", batch="B4"), sample("c-5", "fail", "2024-03-01", batch="B0"), recalled(),
        caller="whole",
    )  # fmt: skip
    file = await noodles(door)
    assert (file["name"], file["brand"], file["model"]) == ("米粉", "湘味", None)
    assert file["producer"] == {"uscc": code_of(1), "name": name_of(1)}
    assert file["product_class"] == {"code": "food", "name": "食品及食品相关产品", "risk": "I"}
    assert file["pass_rate"] == {
        "months": 12, "checked": 4, "passed": 3, "share": "75.00", "interval": {"low": "30.06", "high": "95.45"},
    }  # fmt: skip
    assert [(year["year"], year["passed"], year["checked"]) for year in file["by_year"]] == [
        (2026, 3, 4),
        (2024, 0, 1),
    ]
    assert file["kinds"] == {"recall": 1, "spot_check": 5}
    assert file["batches"][0] == {
        "batch": "B2", "latest_on": "2026-09-01", "records": 2, "checked": 1, "passed": 0, "recalled": True,
    }  # fmt: skip
    assert [(recall["initiation"], recall["batch"]) for recall in file["recalls"]] == [("ordered", "B2")]
    [indicator] = file["declared"]
    assert (indicator["text"], [finding["item"] for finding in indicator["findings"]]) == (
        "净含量：不低于标示值",
        ["净含量"],
    )
    sound(door)


async def test_what_leaves_a_file_leaves_its_product(door):
    first = sample("c-1", "fail", batch="B1")
    [failed] = await pushed(door, first, caller="whole")
    await pushed(door, sample("c-2", batch="B2"), caller="whole")
    assert (await noodles(door))["pass_rate"]["share"] == "50.00"

    objections = Casework(door, "/v1/objections")
    case = await objections.filed("whole", {"record_id": failed, "ground": "other", "statement": "演示"})
    disputed = await noodles(door)
    assert (disputed["pass_rate"]["checked"], disputed["provisional"]) == (1, True)
    await objections.stepped("whole", case, "decision", {"outcome": "rejected", "reason": "演示"})
    assert (await noodles(door))["pass_rate"]["checked"] == 2

    await pushed(door, first | {"effect": "suspended"}, caller="whole")
    assert (await noodles(door))["pass_rate"]["checked"] == 1
    other = NOODLES | {"brand": "辣味"}
    await pushed(door, first | {"operation": "correct", "product": other}, caller="whole")
    assert (await noodles(door))["kinds"] == {"spot_check": 1}
    assert (await found(door, q="辣味"))["items"][0]["records"] == 1
    for gone in (first, sample("c-2", batch="B2")):
        await pushed(
            door, gone | {"operation": "withdraw", "reason": "revoked", "details": {}}, caller="whole"
        )
    assert (await found(door, uscc=code_of(1)))["items"] == []
    sound(door)


async def test_a_failure_in_a_shop_enters_the_product_of_the_confirmed_producer_alone(door):
    sold = check(2, "c-1", "2026-06-01", result="fail", product=NOODLES)
    named = {"role": "producer", "subject": {"uscc": code_of(1)}, "confirmed": False}
    await pushed(door, registration(1), registration(2), sample("c-2"), caller="whole")
    [held] = await door.verdicts(sold | {"parties": [named]}, caller="whole")
    assert held["verdict"] == "held"
    refused = check(2, "c-3", result="refused", product=NOODLES) | {"parties": [named]}
    await pushed(door, refused, caller="whole")
    assert (await noodles(door))["kinds"] == {"spot_check": 1}

    await pushed(door, sold | {"parties": [named | {"confirmed": True}]}, caller="whole")
    file = await noodles(door)
    assert (file["producer"]["uscc"], file["pass_rate"]["passed"], file["pass_rate"]["checked"]) == (
        code_of(1),
        1,
        2,
    )
    items = (await door.get(f"/v1/products/{file['id']}/records", "whole")).json()["items"]
    assert {item["subject"]["uscc"] for item in items} == {code_of(1), code_of(2)}
    assert (await found(door, uscc=code_of(2)))["items"] == []
    sound(door)


async def test_each_caller_sees_and_counts_what_its_grants_cover(door):
    await pushed(
        door,
        sample("c-1"),
        recalled(),
        penalty(1, product={"name": "面条"}, stage="production"),
        caller="whole",
    )
    mine, theirs = await noodles(door, "checks"), await noodles(door, "reader")
    assert (mine["kinds"], theirs["kinds"]) == ({"spot_check": 1}, {"recall": 1, "spot_check": 1})
    [noodle] = (await found(door, q="面条"))["items"]
    assert problem(await door.get(f"/v1/products/{noodle['id']}", "checks")) == (404, "not_found")
    assert problem(await door.get(f"/v1/products/{'0' * 32}", "whole")) == (404, "not_found")
    assert (await found(door, "checks", q="面条"))["items"] == []
    assert problem(await door.get("/v1/products", "pusher", {"q": "米粉"})) == (403, "grant_missing")
    for asked in ({}, {"q": "米"}, {"q": " 米 "}):
        assert problem(await door.get("/v1/products", "whole", asked)) == (422, "parameter_invalid")
    path = f"/v1/products/{theirs['id']}"
    tag = (await door.get(path, "reader")).headers["etag"]
    assert (await door.get(path, "reader", if_none_match=tag)).status_code == 304
    assert (await door.get(path, "checks", if_none_match=tag)).status_code == 200


async def test_restricted_fields_are_withheld(door):
    await pushed(door, recalled(), caller="whole")
    product_id = (await noodles(door))["id"]
    answer = await door.get(f"/v1/products/{product_id}/records", "reader")
    [shown] = answer.json()["items"]
    assert shown["withheld"] == ["personal", "restricted"]
    assert "演示渠道" not in answer.text


async def test_lists_are_paged(door):
    made = [
        check(number, f"c-{number}-{place}", product={"name": f"米粉{place:02d}", "batch": "B1"})
        for number in (1, 2)
        for place in range(31)
    ]
    await pushed(door, *made, caller="whole")
    names, cursor = [], None
    while True:
        page = await found(door, q="米粉", limit=25, **({"cursor": cursor} if cursor else {}))
        names += [(item["name"], item["producer"]["uscc"]) for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert len(names) == len(set(names)) == 62

    await pushed(
        door, *(sample(f"s-{n}", occurred_on=f"2026-06-{n:02d}") for n in range(1, 8)), caller="whole"
    )
    product_id = (await noodles(door))["id"]
    days, path = [], f"/v1/products/{product_id}/records?limit=3"
    while path:
        answer = await door.get(path, "whole")
        days += [item["occurred_on"] for item in answer.json()["items"]]
        path = answer.headers.get("link", "").partition(">")[0].removeprefix("<") or None
    assert days == [f"2026-06-{n:02d}" for n in range(7, 0, -1)]


async def test_records_that_came_before_products_are_filed_afterwards(door):
    await pushed(
        door,
        registration(1),
        sample("c-1"),
        sample("c-2", "fail"),
        penalty(1, product=NOODLES),
        caller="whole",
    )
    before = rows(door.credit.database, "SELECT record_id, product_id FROM record ORDER BY 1")
    with door.credit.database.write("test") as session:
        session.connection().exec_driver_sql("UPDATE record SET product_id = NULL")
        session.connection().exec_driver_sql("DELETE FROM product")
    assert file_products(door.credit.database) == 2
    assert rows(door.credit.database, "SELECT record_id, product_id FROM record ORDER BY 1") == before
    assert file_products(door.credit.database) == 0
    sound(door)
