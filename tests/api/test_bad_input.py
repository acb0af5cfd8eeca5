"""Bad input: each refusal names the place and the cure in the caller's language, and no input breaks the services."""

import asyncio
import json
from datetime import date

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.credit.service.inspection import inspect
from services.credit.service.reading import Reader
from services.kernel import regions, uscc
from services.kernel.faults import FAULTS
from services.kernel.kinds import KINDS
from services.kernel.policy import Reach
from services.kernel.problems import PROBLEMS
from tests.door import NDJSON, codes_of, json_body, ndjson_body, until
from tests.filing import EVERYTHING, PROVINCIAL, award, check, code_of, penalty, registration, rows

pytestmark = pytest.mark.anyio
TODAY = date(2026, 11, 23)
JSON_LIMIT, NDJSON_LIMIT = 4_000, 8_000
SOUND = [registration(1), penalty(1), check(1, result="fail", confirmed=True), award(1)]


@pytest.fixture
def exchange_settings(exchange_settings):
    return exchange_settings.model_copy(update={"json_bytes": JSON_LIMIT, "upload_bytes": NDJSON_LIMIT})


def stored(door):
    """What a refused body must leave behind in neither service: batches, pages, records."""
    exchange = [
        rows(door.exchange.database, f"SELECT count(*) FROM {table}") for table in ("batch", "batch_page")
    ]
    credit = [
        rows(door.credit.database, f"SELECT count(*) FROM {table}") for table in ("batch_page", "record")
    ]
    return [count for found in exchange + credit for (count,) in found]


def raw(record, **texts):
    """A record as bytes, members replaced by JSON text."""
    body = json.dumps(record | dict.fromkeys(texts, "@"), ensure_ascii=False)
    for name, value in texts.items():
        body = body.replace(f'"{name}": "@"', f'"{name}": {value}')
    return body.encode()


# --- faults of an item


def without(record, *names):
    return {name: value for name, value in record.items() if name not in names}


def subject(**changed):
    return registration(1) | {"subject": registration(1)["subject"] | changed}


def in_details(record, **changed):
    return record | {"details": record["details"] | changed}


def swapped(code, place):
    """The code with another character at one place; a check digit of the whole behind it fits again."""
    changed = code[:place] + ("0" if code[place] != "0" else "1") + code[place + 1 :]
    return changed if place == 17 else changed[:17] + uscc.check_digit(changed[:17])


ITEMS = {
    "a code of 17 places": (subject(uscc=code_of(1)[:-1]), "uscc_length", "/subject/uscc"),
    "a code with a letter that is not used": (subject(uscc=code_of(1)[:-1] + "I"), "uscc_character", "/subject/uscc"),
    "a wrong check digit": (subject(uscc=swapped(code_of(1), 17)), "uscc_check_digit", "/subject/uscc"),
    "a wrong inner digit": (subject(uscc=swapped(code_of(1), 16)), "uscc_organisation_digit", "/subject/uscc"),
    "a sound code among too many blanks": (subject(uscc=" " * 30 + code_of(1)), "text_too_long", "/subject/uscc"),
    "a party's wrong code": (
        check(1) | {"parties": [{"role": "producer", "subject": {"uscc": swapped(code_of(1), 17)}}]},
        "uscc_check_digit", "/parties/0/subject/uscc",
    ),
    "a day that is not one": (registration(1) | {"occurred_on": "2026-02-30"}, "date_invalid", "/occurred_on"),
    "a day with a time": (registration(1) | {"occurred_on": "2026-02-03T00:00:00Z"}, "date_invalid", "/occurred_on"),
    "tomorrow": (registration(1) | {"occurred_on": "2026-11-24"}, "date_in_future", "/occurred_on"),
    "published tomorrow": (registration(1) | {"published_on": "2026-11-24"}, "date_in_future", "/published_on"),
    "served tomorrow": (penalty(1, served_on="2026-11-24"), "date_in_future", "/served_on"),
    "no such kind": (registration(1) | {"kind": "weather"}, "kind_unknown", "/kind"),
    "no such region": (registration(1) | {"region": "439999"}, "region_unknown", "/region"),
    "a region elsewhere": (registration(1) | {"region": "440100"}, "region_not_granted", "/region"),
    "no such member": (registration(1) | {"colour": "red"}, "field_unknown", "/colour"),
    "no such detail": (in_details(penalty(1), colour="red"), "field_unknown", "/details/colour"),
    "a member whose name needs escapes": (registration(1) | {"a/b~c": 1}, "field_unknown", "/a~1b~0c"),
    "no day": (without(registration(1), "occurred_on"), "field_missing", "/occurred_on"),
    "no subject": (without(registration(1), "subject"), "field_missing", "/subject"),
    "no document number": (without(penalty(1), "document_number"), "field_missing", "/document_number"),
    "a number as text": (in_details(penalty(1), penalty_types="罚款"), "type_mismatch", "/details/penalty_types"),
    "text as a number": (registration(1) | {"source_record_id": 7}, "type_mismatch", "/source_record_id"),
    "money as a number": (in_details(penalty(1), fine_amount=5000), "type_mismatch", "/details/fine_amount"),
    "money with an end of line": (in_details(penalty(1), fine_amount="5000.00\n"), "money_invalid", "/details/fine_amount"),
    "confirmed as text": (
        check(1) | {"parties": [{"role": "producer", "subject": {"uscc": code_of(1)}, "confirmed": "true"}]},
        "type_mismatch", "/parties/0/confirmed",
    ),
    "details of a withdrawal that are no object": (
        registration(1) | {"operation": "withdraw", "reason": "revoked", "details": 5}, "type_mismatch", "/details",
    ),
    "a NUL": (subject(name="演示\0公司"), "text_control_character", "/subject/name"),
    "half a surrogate pair": (subject(name="演示\ud800公司"), "text_control_character", "/subject/name"),
    "a name of 201 characters": (subject(name="演" * 201), "text_too_long", "/subject/name"),
    "an empty name": (subject(name=""), "text_empty", "/subject/name"),
    "a text destroyed by its encoding": (subject(name="演示\ufffd公司"), "text_damaged", "/subject/name"),
    "an effect that there is not": (penalty(1, effect="pending"), "choice_unknown", "/effect"),
}  # fmt: skip


async def test_every_fault_of_an_item_has_its_code_and_place_and_the_good_rows_pass(door):
    for start in range(0, len(ITEMS), 8):
        cases = list(ITEMS.values())[start : start + 8]
        body = b"".join(
            json.dumps(item).encode() + b"\n" for item, *_ in [*cases, (registration(start + 1),)]
        )
        items = (await door.send(body, media_type=NDJSON)).json()["items"]
        assert [codes_of(item["faults"]) for item in items[:-1]] == [[(code, at)] for _, code, at in cases]
        assert {item["verdict"] for item in items[:-1]} == {"rejected"}
        assert items[-1]["verdict"] == "accepted"


LINES = {
    "cut off": (raw(registration(1))[:-1], "json_malformed"),
    "an end of nothing": (b"}", "json_malformed"),
    "no object": (b"[]", "json_malformed"),
    "NaN": (raw(registration(1), document_number="NaN"), "json_malformed"),
    "a raw NUL": (raw(registration(1), document_number='"a\0b"'), "json_malformed"),
    "a repeated member": (raw(registration(1))[:-1] + b',"kind":"spot_check"}', "json_duplicate_member"),
    "a repeated member behind a blank": (raw(registration(1))[:-1] + b',"kind" :"spot_check"}', "json_duplicate_member"),
    "a member repeated in an escape": (raw(registration(1))[:-1] + b',"k\\u0069nd":"spot_check"}', "json_duplicate_member"),
    "a repeated member far inside": (raw(registration(1), details='{"city":"a","city":"b"}'), "json_duplicate_member"),
    "brackets without end": (b"[" * 5_000, "json_malformed"),
    "a number that no machine holds": (raw(registration(1), source_record_id="1e999"), "type_mismatch"),
    "a number of 5,000 digits": (raw(registration(1), source_record_id="9" * 5_000), "json_malformed"),
    "a kind of half a character": (raw(registration(1), kind='"\\ud800"'), "kind_unknown"),
    "a member of half a character": (raw(registration(1))[:-1] + b',"\\ud800":1}', "field_unknown"),
}  # fmt: skip


async def test_a_broken_line_is_a_fault_of_its_own(door):
    found = {}
    for case, (line, _) in LINES.items():
        body = b"\n".join([raw(registration(7)), line, raw(registration(8))])
        sound, broken, behind = (await door.send(body, media_type=NDJSON)).json()["items"]
        found[case] = (broken["verdict"], broken["faults"][0]["code"])
        assert "rejected" not in {sound["verdict"], behind["verdict"]}
    assert found == {case: ("rejected", code) for case, (_, code) in LINES.items()}


async def test_a_kind_that_is_not_granted(door):
    items = await door.verdicts(penalty(1), registration(1), caller="checks")
    assert [codes_of(item["faults"]) for item in items] == [[("kind_not_granted", "/kind")]] * 2


async def test_every_fault_of_an_item_is_told_at_once(door):
    bad = penalty(1, occurred_on="2026-02-30", effect="pending") | {"region": "439999", "colour": "red"}
    assert {code for code, _ in codes_of((await door.verdicts(bad))[0]["faults"])} == {
        "date_invalid", "choice_unknown", "region_unknown", "field_unknown",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "language"), [(None, "zh"), ("en", "en"), ("de, en;q=0.5, zh;q=0.1", "en"), ("zh-CN", "zh")]
)
async def test_faults_are_told_in_the_callers_language(door, asked, language):
    own = {"accept_language": asked} if asked else {}
    item = (await door.verdicts(registration(1) | {"occurred_on": "2026-02-30"}, **own))[0]
    named = {"zh": "“注册日期”：", "en": "Day of the act (注册日期): "}[language]
    assert item["faults"][0]["message"] == named + FAULTS["date_invalid"].to(language)


# --- faults of a body

BODIES = {
    "cut off": (b'{"records":[{"a":', {}, 400, "json_malformed", "17"),
    "nothing": (b"", {}, 400, "json_malformed", "0"),
    "something behind the end": (b'{"records":[]} x', {}, 400, "json_malformed", "15"),
    "broken UTF-8": ('{"records":["质'.encode() + b'\xff"]}', {}, 400, "encoding_invalid", "16"),
    "a character cut off": ('{"records":["质'.encode()[:-1], {}, 400, "encoding_invalid", "13"),
    "GB18030": ('{"records":["质"]}'.encode("gb18030"), {}, 400, "encoding_invalid", "13"),
    "a repeated member": (b'{"records":[],"records":[]}', {}, 400, "json_duplicate_member", "records"),
    "a repeated member at depth": (b'{"records":[{"a":{"b":[{"c":1,"c":2}]}}]}', {}, 400, "json_duplicate_member", "c"),
    "a repeated member behind a blank": (b'{"records":[{"a":1,"a" :2}]}', {}, 400, "json_duplicate_member", "a"),
    "no records": (b'{"items":[]}', {}, 422, "parameter_invalid", ""),
    "a list": (b"[]", {}, 422, "parameter_invalid", ""),
    "brackets without end": (b'{"records":' + b"[" * 3_000, {}, 400, "json_malformed", ""),
    "over the limit": (json_body([registration(n) for n in range(30)]), {}, 413, "body_too_large", str(JSON_LIMIT)),
    "lines over the limit": (b"{}\n" * 3_000, {"media_type": NDJSON}, 413, "body_too_large", str(NDJSON_LIMIT)),
    "fewer bytes than announced": (b"{}\n", {"media_type": NDJSON, "content_length": "9"}, 400, "upload_incomplete", ""),
    "another type": (b"a,b\n", {"media_type": "text/plain"}, 415, "media_type_unsupported", "NDJSON"),
    "compressed": (b"\x1f\x8b", {"content_encoding": "gzip"}, 415, "media_type_unsupported", ""),
    "an unknown parameter": (b'{"records":[]}', {"params": {"colour": "red"}}, 400, "parameter_unknown", "colour"),
    "a parameter twice": (b'{"records":[]}', {"params": {"dry_run": ["true", "false"]}}, 422, "parameter_invalid", ""),
}  # fmt: skip


async def test_a_refused_body_is_named_and_leaves_nothing(door):
    found = {}
    for case, (body, how, _, _, told) in BODIES.items():
        answer = await door.send(body, **how)
        problem = answer.json()
        found[case] = (answer.status_code, problem["code"])
        assert told in problem["detail"], case
    assert found == {case: (status, code) for case, (_, _, status, code, _) in BODIES.items()}
    assert stored(door) == [0, 0, 0, 0]


@pytest.mark.parametrize(("asked", "language"), [(None, "zh"), ("en-GB", "en")])
async def test_a_refused_body_is_told_in_the_callers_language(door, asked, language):
    own = {"accept_language": asked} if asked else {}
    answer = await door.send(b"", **own)
    assert answer.json()["title"] == PROBLEMS["json_malformed"].title.to(language)
    assert answer.headers["content-language"] == {"zh": "zh-CN", "en": "en"}[language]
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("length", ["nine", "-1", "1e3", "9" * 5_000])
async def test_a_content_length_that_is_no_number_breaks_nothing(door, length):
    answer = await door.send(json_body([registration(1)]), content_length=length)
    assert answer.status_code < 500


async def test_a_connection_that_is_cut_leaves_nothing_and_the_key_stays_free(door):
    server = uvicorn.Server(uvicorn.Config(door.both, port=0, lifespan="off", log_config=None))
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    body, headers = json_body([registration(1)]), door.headers("pusher", content_type="application/json")
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(
        f"POST /v1/batches HTTP/1.1\r\nHost: x\r\n{head}Idempotency-Key: k\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body[:50]
    )
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.1)
    assert stored(door) == [0, 0, 0, 0]
    assert (await door.send(body, key="k")).json()["counts"]["accepted"] == 1
    server.should_exit = True
    await task


# --- whatever comes

TEXTS = st.text(max_size=12) | st.sampled_from(
    ["", "\0", "\u2028", "\x85", "\ud800", "\ufffd", "\ue000", "😀", "withdraw", "2026-02-30", "5000.00\n", code_of(1), "430100"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.just(10**30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
PLACES = [
    ("source_record_id",), ("kind",), ("operation",), ("reason",), ("subject",), ("subject", "uscc"), ("subject", "name"),
    ("authority",), ("parties",), ("assertion",), ("effect",), ("served_on",), ("stage",), ("region",), ("occurred_on",),
    ("published_on",), ("valid_until",), ("document_number",), ("product",), ("details",), ("details", "fine_amount"),
    ("details", "result"), ("details", "failed_items"), ("details", "level"), ("details", "violation"), ("extra",),
]  # fmt: skip
APT = st.sampled_from(
    ["withdraw", "correct", "upsert", "revoked", "final", "2026-03-02", "430100", "5000.00", [], {}, {"name": "演示"}, None,
     *KINDS, [{"role": "producer", "subject": {"uscc": code_of(1)}, "confirmed": True}]]
)  # fmt: skip


@st.composite
def nearly_sound(draw):
    """A sound record with a few members replaced, added or taken out."""
    record = json.loads(json.dumps(draw(st.sampled_from(SOUND))))
    for path in draw(st.lists(st.sampled_from(PLACES), max_size=3)):
        holder = record if len(path) == 1 else record.get(path[0])
        if not isinstance(holder, dict):
            continue
        if draw(st.booleans()):
            holder[path[-1]] = draw(APT | JSON)
        else:
            holder.pop(path[-1], None)
    return record


RECORDS = nearly_sound() | JSON
READER = Reader(PROVINCIAL, EVERYTHING, TODAY, "zh")
REACH = Reach(EVERYTHING.grants_of(PROVINCIAL.id, "push", TODAY), KINDS)


def may_push(kind, region):
    if kind not in REACH.kinds:
        return "kind_not_granted"
    return (
        None
        if region is None or (regions.known(region) and REACH.covers(kind, region))
        else "region_not_granted"
    )


@settings(max_examples=400, deadline=None)
@given(RECORDS, st.booleans())
def test_what_the_quick_path_accepts_has_no_faults_and_the_other_way_round(record, as_ascii):
    try:
        line = json.dumps(record, ensure_ascii=as_ascii, allow_nan=False).encode()
    except ValueError:  # a number or character that JSON or UTF-8 cannot carry
        return
    item = READER.read(line + b"\n")[0]
    slow = inspect(json.loads(line), today=TODAY, may_push=may_push, language="zh")
    assert (item.statement is not None) == (not slow)
    assert [(fault.code, fault.field) for fault in item.faults] == [
        (fault.code, fault.field) for fault in slow
    ]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    records=st.lists(RECORDS, max_size=6),
    lines=st.lists(st.binary(max_size=30), max_size=3),
    as_lines=st.booleans(),
)
async def test_no_body_breaks_the_services(door, records, lines, as_lines):
    if as_lines:
        texts = [json.dumps(record).encode() for record in records]
        answer = await door.send(b"\n".join(texts + lines), media_type=NDJSON)
    else:
        answer = await door.send(json.dumps({"records": records}).encode())
    assert answer.status_code in {200, 400, 413, 422}, answer.text
    if answer.status_code == 200:
        assert len(answer.json()["items"]) == answer.json()["counts"]["total"]


def test_a_day_in_beijing_decides_what_lies_ahead():
    late = Reader(PROVINCIAL, EVERYTHING, date(2026, 11, 24), "zh")
    body = ndjson_body([registration(1) | {"occurred_on": "2026-11-24"}])
    assert (READER.read(body)[0].statement, late.read(body)[0].faults) == (None, [])
