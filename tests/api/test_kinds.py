"""Every kind of record through the whole platform: official columns in; file, journal event and grade out; no fault without its column."""

import csv
import json
import re

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.exchange.client.body import table_records
from services.exchange.client.catalogue import Entry
from services.exchange.client.heading import find_tables
from services.exchange.client.table import heads, layout_of
from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import PUBLIC, MemberType
from tests.door import NDJSON
from tests.filing import code_of, name_of, rows
from tests.official_sheets import OWN, SHEETS

pytestmark = pytest.mark.anyio
FUZZED = 200
LINES_OF_ONE_PUSH = 100


async def catalogue(door):
    answer = await door.get("/v1/catalogue")
    return msgspec.json.decode(msgspec.json.encode(answer.json()["items"]), type=list[Entry])


async def mapped(door, folder, cells, encoding="utf-8-sig"):
    """The record that the agency client makes of a sheet, without being told its kind."""
    path = folder / "sheet.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([cells.keys(), cells.values()])
    with path.open("rb") as file:
        layout = layout_of(file, "csv")
        tables = find_tables(heads(file, layout), await catalogue(door), kind=None, overrides={})
        assert [table.plan.missing for table in tables] == [[]]
        return [record for _, record in table_records(file, layout, tables)]


def told(record):
    """The details that a record tells."""
    return {name: value for name, value in record["details"].items() if value is not None}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
async def test_official_columns_in_and_file_event_and_grade_out(door, tmp_path, sheet):
    encoding = ("utf-8-sig", "gb18030")[SHEETS.index(sheet) % 2]
    body = b"\n".join(await mapped(door, tmp_path, sheet.cells, encoding))
    (verdict,) = (await door.send(body, media_type=NDJSON)).json()["items"]
    assert (verdict["verdict"], verdict["faults"]) == ("accepted", [])

    (stored,) = rows(door.credit.database, "SELECT content FROM record_version")[0]
    assert told(json.loads(stored)) == sheet.details

    (filed,) = (await door.get(f"/v1/enterprises/{OWN}", "reader")).json()["records"]
    public = {member.name for member in KINDS[sheet.kind].members if member.group == PUBLIC}
    assert (filed["kind"], told(filed)) == (
        sheet.kind,
        {name: value for name, value in sheet.details.items() if name in public},
    )
    assert {name: filed[name] for name in sheet.record} == sheet.record

    await door.relayed()
    event = (await door.page())["events"][0]
    assert (event["type"], event["kind"], event["record_id"]) == (
        "record_upserted",
        sheet.kind,
        filed["record_id"],
    )
    assert event["data"] == json.loads(stored)  # the grant gives every group, and persons are masked in each

    grade = (await door.get(f"/v1/enterprises/{OWN}/grade", "reader")).json()
    assert grade["grade"] == sheet.letter


def test_every_kind_has_a_sheet():
    assert {sheet.kind for sheet in SHEETS} == set(KINDS)


async def test_a_status_that_needs_asking_is_refused(door, tmp_path):
    cells = next(sheet.cells for sheet in SHEETS if sheet.name == "administrative_penalty of 2017")
    body = b"\n".join(await mapped(door, tmp_path, cells | {"CF_ZT": "3"}))
    (verdict,) = (await door.send(body, media_type=NDJSON)).json()["items"]
    assert [(fault["code"], fault["field"]) for fault in verdict["faults"]] == [("choice_unknown", "/effect")]
    assert "当前状态" in verdict["faults"][0]["message"]


# --- whatever stands in the details

TEXTS = st.text(max_size=8) | st.sampled_from(
    ["", "\0", "\ud800", "\ufffd", "2026-02-30", "2026-03-02", "5000.00", "5000.001", "-1", "演" * 201]
)
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.just([]) | st.just({})


PLAIN = st.text("质量演示ABC123", min_size=1, max_size=8)


def sound(member):
    """Values that a member takes."""
    one = st.sampled_from([*member.choices]) if member.choices else PLAIN
    return {
        MemberType.TEXT: PLAIN,
        MemberType.DATE: st.dates().map(str),
        MemberType.MONEY: st.integers(0, 10**10).map(str),
        MemberType.INTEGER: st.integers(0, 9999),
        MemberType.BOOLEAN: st.booleans(),
        MemberType.CHOICE: one,
        MemberType.LIST: st.lists(one, max_size=3),
    }[member.type]


@st.composite
def details_of(draw, kind):
    """Details of a kind, sound but for up to three members that may hold anything, or be missing or unknown."""
    members = KINDS[kind].members
    needed = {member.name: sound(member) for member in members if member.required}
    others = {member.name: sound(member) for member in members if not member.required}
    details = draw(st.fixed_dictionaries(needed, optional=others))
    names = st.sampled_from([*needed, *others, "colour", "a/b~c"])
    for name in draw(st.lists(names, max_size=3)):
        if draw(st.integers(0, 3)):
            details[name] = draw(
                ANYTHING | st.lists(ANYTHING, max_size=2) | st.just("演" * 5001) | st.just(["演"] * 101)
            )
        else:
            details.pop(name, None)
    return draw(st.sampled_from([details] * 9 + [None, [], "演示"]))


def fuzzed(kind):
    """200 details of a kind, the same at every run."""
    drawn = []

    @settings(
        max_examples=FUZZED, derandomize=True, database=None, phases=[Phase.generate], deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(details_of(kind))
    def draw(details):
        drawn.append(details)

    draw()
    return drawn


def item(kind, number, details):
    subject = {"uscc": code_of(number), "name": name_of(number)}
    return {
        "source_record_id": f"f-{number}", "kind": kind, "subject": subject, "occurred_on": "2026-03-02",
        "document_number": f"演示〔2026〕{number}号", "details": details,
    }  # fmt: skip


WHOLES = {"/details": ["信息项"], "/parties": ["当事方"]}


def titles(entry, field):
    """What a person calls the place: the column's names, or the name that stands there where there is no column."""
    path = re.sub(r"^(/details/\w+)/\d+$", r"\1", field)
    headers = [header for column in entry.columns if column.path == path for header in column.headers]
    unknown = field.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    return headers or WHOLES.get(path) or [f"“{unknown}”"]


async def answered(door, lines):
    """The verdicts on lines, whether the answer comes at once or, on a busy machine, later."""
    answer = await door.send(b"\n".join(lines), media_type=NDJSON)
    assert answer.status_code in {200, 202}, answer.text
    if answer.status_code == 202:
        await door.completed(answer.headers["location"])
        told = await door.get(f"{answer.headers['location']}/items", accept=NDJSON)
        return [json.loads(line) for line in told.text.splitlines()]
    return answer.json()["items"]


@pytest.mark.parametrize("kind", KINDS)
async def test_no_details_break_the_services_and_every_fault_names_its_column(door, kind):
    records = [item(kind, number, details) for number, details in enumerate(fuzzed(kind), 1)]
    assert len(records) == FUZZED
    entry = next(each for each in await catalogue(door) if each.kind == kind)
    faults, verdicts = [], set()
    for start in range(0, FUZZED, LINES_OF_ONE_PUSH):
        lines = [json.dumps(record).encode() for record in records[start : start + LINES_OF_ONE_PUSH]]
        items = await answered(door, lines)
        assert len(items) == len(lines)
        verdicts |= {each["verdict"] for each in items}
        faults += [fault for each in items for fault in each["faults"]]
    assert {"accepted", "rejected"} <= verdicts
    nameless = [
        fault for fault in faults
        if fault["field"] and not any(title in fault["message"] for title in titles(entry, fault["field"]))
    ]  # fmt: skip
    assert nameless == []
