"""Files that mean harm: each gets a problem with code and cure, in bounded time and memory, and the service goes on."""

import resource

import pytest

from tests.api.test_sheets import HEADER, KIND, clerks_row
from tests.filing import code_of
from tests.hostile_files import XLSX, corpus, good

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]
UNPACKED = 24 << 20
SECONDS = 4
LONGEST = SECONDS + 2


def processor_seconds():
    """What the ended children have used; the clock on the wall says more of the machine than of the file."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture
def exchange_settings(exchange_settings):
    """The limits of a small deployment, so that the files that break them need not be large."""
    return exchange_settings.model_copy(
        update={
            "sheet_unpacked_bytes": UNPACKED,
            "sheet_memory_bytes": 768 << 20,
            "sheet_seconds": SECONDS,
        }
    )


@pytest.mark.parametrize("backend", ["sqlite"])  # none of them comes as far as a database
async def test_no_hostile_file_does_harm(door):
    files = corpus(HEADER, clerks_row(1), UNPACKED)
    assert len(files) >= 50
    before, wrong = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, {}
    for name, file in files.items():
        started = processor_seconds()
        answer = await door.send(file.body, media_type=file.media_type, params=KIND)
        seconds, code = processor_seconds() - started, answer.json().get("code", "")
        has_cure = not code or bool(answer.json()["detail"])
        if code not in file.codes or answer.status_code >= 500 or seconds > LONGEST or not has_cure:
            wrong[name] = (answer.status_code, code, round(seconds, 1))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    after = await door.send(
        good(HEADER, clerks_row(2)),
        media_type=XLSX,
        params=KIND,
    )
    assert wrong == {}
    assert grown < 200, f"{grown} MB more than before"
    assert after.json()["counts"]["accepted"] == 1


async def test_what_looks_like_a_formula_is_a_text_and_a_formula_is_its_value(door):
    import io

    import xlsxwriter

    file, row = io.BytesIO(), clerks_row(1)
    row[HEADER.index("处罚内容")] = "=cmd|' /C calc'!A0"
    row[HEADER.index("违法行为类型")] = "@SUM(1+1)"
    row[HEADER.index("处罚依据")] = "-2+3"
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("处罚")
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, row)
        sheet.write_formula(1, HEADER.index("罚款金额(万元)"), "=1+1", None, 2)
    answer = await door.send(file.getvalue(), media_type=XLSX, params=KIND)
    assert answer.json()["counts"]["accepted"] == 1
    records = await door.get(f"/v1/enterprises/{code_of(1)}/records", caller="reader")
    details = records.json()["items"][0]["details"]
    assert (details["content"], details["violation"], details["basis"]) == (
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)",
        "-2+3",
    )
    assert details["fine_amount"] == "20000"


async def test_zero_bytes_in_a_row_cost_that_row_alone(door):
    bad, fine = clerks_row(1, 处罚内容="a\0b"), clerks_row(2)
    text = "\n".join(",".join(map(str, line)) for line in (HEADER, bad, fine))
    items = (await door.send(text.encode(), media_type="text/csv", params=KIND)).json()["items"]
    assert [item["verdict"] for item in items] == ["rejected", "accepted"]
    assert ("text_control_character", 2) in [(fault["code"], fault["row"]) for fault in items[0]["faults"]]


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_reader_that_takes_too_long_is_ended(door):
    """A hundred thousand quotes that are never closed: each is looked for in the lines behind it."""
    text = ",".join(HEADER) + "\n" + ('"' + "x" * 2_000 + "\n") * 100_000
    started = processor_seconds()
    answer = await door.send(text.encode(), media_type="text/csv", params=KIND)
    assert (answer.status_code, answer.json()["code"]) == (413, "sheet_too_large")
    assert processor_seconds() - started < LONGEST
