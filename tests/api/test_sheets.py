"""Sheets as clerks write them, pushed as files, judged in their own rows, and handed back annotated."""

import io

import pytest

from services.exchange.client.limits import DEFAULT
from services.exchange.client.workbook import Workbook
from tests.door import codes_of
from tests.filing import code_of, rows
from tests.sheets import workbook

pytestmark = pytest.mark.anyio
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KIND = {"kind": "administrative_penalty"}
HEADER = [
    "序号", "记录编号", "行政相对人名称", "统一社会信用代码", "处罚决定书文号", "处罚决定日期", "违法行为类型", "处罚依据",
    "处罚类别", "罚款金额(万元)", "处罚内容", "行政区划代码", "经办人电话",
]  # fmt: skip


def clerks_row(number, **changes):
    """A row of a clerk's sheet with its habits; `changes` by header."""
    cells = dict(
        zip(
            HEADER,
            [
                number, f"'A-{number}", f" 长沙演示{number}有限公司 ", code_of(number), f"演罚〔2026〕{number}号", "二〇二六年三月二日",
                "演示违法", "演示依据", "罚款；警告", "1.5万元", "罚款", 430102, "—",
            ],
            strict=True,
        )
    )  # fmt: skip
    return list((cells | changes).values())


def clerks_book(*rows, **how):
    return workbook(
        ("处罚", [["2026年行政处罚信息汇总表"], ["填报单位：演示局"], HEADER, *rows]), **how
    ).getvalue()


async def push_sheet(door, body, media_type=XLSX, params=KIND, **how):
    return await door.send(body, media_type=media_type, params=params, **how)


def read_back(content, sheet="处罚"):
    return [row.cells for row in Workbook(io.BytesIO(content), DEFAULT).rows(sheet)]


async def test_a_clerks_workbook_goes_in(door):
    answer = await push_sheet(
        door,
        clerks_book(clerks_row(1), clerks_row(2, 处罚决定日期="2026.3.2"), clerks_row(3, 处罚决定日期=46083)),
    )
    assert answer.status_code == 200, answer.text
    assert [item["verdict"] for item in answer.json()["items"]] == ["accepted"] * 3
    file = (
        await door.client.get(f"/v1/enterprises/{code_of(3)}/records", headers=door.headers("reader"))
    ).json()
    record = file["items"][0]
    assert (record["occurred_on"], record["region"]) == ("2026-03-02", "430102")
    assert (record["details"]["fine_amount"], record["details"]["penalty_types"]) == (
        "15000",
        ["罚款", "警告"],
    )


async def test_the_answer_says_how_the_sheet_was_read(door):
    source = (await push_sheet(door, clerks_book(clerks_row(1)))).json()["source"]
    [sheet] = source["sheets"]
    assert (source["kind"], sheet["sheet"], sheet["header_row"]) == ("administrative_penalty", "处罚", 3)
    assert sheet["not_read"] == ["序号", "经办人电话"]
    assert {"title": "罚款金额(万元)", "field": "/details/fine_amount"} in sheet["columns"]


async def test_faults_name_sheet_row_and_column(door):
    body = clerks_book(
        clerks_row(1), [], clerks_row(2, 统一社会信用代码="91430102", 处罚决定日期="2026-02-30")
    )
    items = (await push_sheet(door, body)).json()["items"]
    assert [item["verdict"] for item in items] == ["accepted", "rejected"]
    assert [
        (fault["code"], fault["sheet"], fault["row"], fault["column"]) for fault in items[1]["faults"]
    ] == [
        ("uscc_length", "处罚", 6, "统一社会信用代码"),
        ("date_invalid", "处罚", 6, "处罚决定日期"),
    ]


async def test_a_csv_of_an_office_goes_in_with_its_encoding(door):
    lines = [["汇总表"], HEADER, clerks_row(1), clerks_row(2, 统一社会信用代码="0")]
    text = "\r\n".join(",".join(map(str, line)) for line in lines)
    for key, encoding in enumerate(("gb18030", "utf-8-sig", "utf-16")):
        answer = (
            await push_sheet(door, text.encode(encoding), "text/csv; charset=anything", key=f"c{key}")
        ).json()
        assert [item["verdict"] for item in answer["items"]] == [
            "unchanged" if key else "accepted",
            "rejected",
        ]
        assert (answer["items"][1]["faults"][0]["row"], answer["items"][1]["faults"][0]["sheet"]) == (4, None)


async def test_the_same_sheet_under_its_key_gets_the_stored_answer_and_another_kind_is_another_push(door):
    body = clerks_book(clerks_row(1))
    first = await push_sheet(door, body, key="k")
    again = await push_sheet(door, body, key="k")
    assert again.content == first.content
    other = await push_sheet(door, body, key="k", params={"kind": "quality_award"})
    assert (other.status_code, other.json()["code"]) in {
        (422, "idempotency_key_reused"),
        (422, "sheet_header_missing"),
    }


async def test_the_receipt_is_about_the_file_and_the_placed_verdicts(door):
    import hashlib

    import jwt

    body = clerks_book(clerks_row(1, 统一社会信用代码="0"))
    answer = (await push_sheet(door, body)).json()
    claims = jwt.decode(answer["receipt"], options={"verify_signature": False})
    verdicts = await door.get(answer["items_url"], accept="application/x-ndjson")
    assert claims["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert claims["verdicts_sha256"] == hashlib.sha256(verdicts.content).hexdigest()
    assert verdicts.json()["faults"][0]["column"] == "统一社会信用代码"


async def test_a_dry_run_places_faults_and_stores_nothing(door):
    answer = await push_sheet(
        door, clerks_book(clerks_row(1, 统一社会信用代码="0")), params=KIND | {"dry_run": "true"}
    )
    [item] = answer.json()["items"]
    assert (answer.json()["status"], item["faults"][0]["row"]) == ("dry_run", 4)
    assert (
        rows(door.exchange.database, "SELECT 1 FROM batch")
        == rows(door.exchange.database, "SELECT 1 FROM batch_file")
        == []
    )


@pytest.mark.parametrize(
    ("media_type", "params", "fault"),
    [
        (XLSX, {}, ("field_missing", "query:kind")),
        (XLSX, {"kind": "nonsense"}, ("kind_unknown", "query:kind")),
        ("application/json", KIND, ("field_unknown", "query:kind")),
    ],
)
async def test_a_sheet_needs_a_kind_and_only_a_sheet(door, media_type, params, fault):
    answer = await push_sheet(door, b'{"records": []}', media_type, params)
    assert (answer.status_code, answer.json()["code"], codes_of(answer.json()["faults"])) == (
        422,
        "parameter_invalid",
        [fault],
    )


async def test_a_sheet_without_required_columns_is_refused_whole_with_their_titles(door):
    answer = await push_sheet(
        door,
        workbook(("处罚", [["记录编号", "行政相对人名称"], ["1", "甲"]])).getvalue(),
        accept_language="en",
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "sheet_header_missing")
    messages = {fault["field"]: fault["message"] for fault in answer.json()["faults"]}
    assert "行政处罚决定书文号" in messages["/document_number"]
    assert set(messages) == {
        "/document_number", "/occurred_on", "/details/violation", "/details/basis", "/details/penalty_types",
        "/details/content",
    }  # fmt: skip


# --- annotated copies


async def test_the_annotated_copy_has_the_faults_in_their_rows_and_goes_in_corrected(door):
    answer = (
        await push_sheet(door, clerks_book(clerks_row(1), clerks_row(2, 统一社会信用代码="91430102")))
    ).json()
    copy = await door.get(f"/v1/batches/{answer['id']}/annotated")
    assert (copy.status_code, copy.headers["content-type"]) == (200, XLSX)
    cells = read_back(copy.content)
    assert cells[2][:2] == ["质信处理结果", "质信差错说明"]
    assert cells[3][:2] == ["已接收", ""]
    assert cells[4][0] == "拒收"
    assert cells[4][1].startswith("统一社会信用代码：")
    assert cells[4][2:5] == ["2", "'A-2", " 长沙演示2有限公司 "]

    cells[4][cells[2].index("统一社会信用代码")] = code_of(2)
    again = (await push_sheet(door, workbook(("处罚", cells)).getvalue())).json()
    assert [item["verdict"] for item in again["items"]] == ["unchanged", "accepted"]
    assert again["source"]["sheets"][0]["not_read"] == ["序号", "经办人电话"]


async def test_the_copy_of_a_csv_is_csv_that_no_program_evaluates(door):
    rows = [
        HEADER,
        clerks_row(1, 处罚内容="=HYPERLINK(0)", 经办人电话="+1+1"),
        clerks_row(2, 统一社会信用代码="0", 处罚内容="@x"),
    ]
    text = "\n".join(",".join(map(str, row)) for row in rows)
    answer = (await push_sheet(door, text.encode(), "text/csv")).json()
    copy = (await door.get(f"/v1/batches/{answer['id']}/annotated")).content.decode("utf-8-sig")
    lines = copy.splitlines()
    assert lines[0].startswith("质信处理结果,质信差错说明,序号")
    assert ",'=HYPERLINK(0)," in lines[1]
    assert lines[1].endswith(",'+1+1")
    assert lines[2].startswith("拒收,统一社会信用代码：")
    again = (await push_sheet(door, copy.encode("utf-8-sig"), "text/csv")).json()
    assert [item["verdict"] for item in again["items"]] == ["unchanged", "rejected"]


async def test_a_copy_is_the_agencys_own_and_only_of_sheets(door):
    sheet = (await push_sheet(door, clerks_book(clerks_row(1)))).json()
    plain = (await door.push()).json()
    foreign = await door.get(f"/v1/batches/{sheet['id']}/annotated", caller="checks")
    of_json = await door.get(f"/v1/batches/{plain['id']}/annotated")
    assert (foreign.status_code, of_json.status_code) == (404, 404)


async def test_a_copy_is_gone_with_its_file(door):
    from services.exchange.service.retention import forget_bodies

    sheet = (await push_sheet(door, clerks_book(clerks_row(1)))).json()
    door.clock.advance(days=31)
    forget_bodies(door.exchange)
    answer = await door.get(f"/v1/batches/{sheet['id']}/annotated")
    assert (answer.status_code, answer.json()["code"]) == (410, "sheet_gone")


async def test_the_file_is_sealed_in_the_database(door):
    await push_sheet(door, f"{','.join(HEADER)}\n{','.join(map(str, clerks_row(1)))}\n".encode(), "text/csv")
    [(body,)] = rows(door.exchange.database, "SELECT body FROM batch_file")
    assert "长沙".encode() not in bytes(body)


# --- templates


@pytest.mark.parametrize(("format_", "media_type"), [("xlsx", XLSX), ("csv", "text/csv")])
async def test_templates_as_they_are_map_every_column_and_hold_no_record(door, format_, media_type):
    catalogue = (await door.get("/v1/catalogue")).json()["items"]
    for entry in catalogue:
        template = await door.get(f"/v1/catalogue/{entry['kind']}/template", params={"format": format_})
        assert (template.status_code, template.headers["content-type"].split(";")[0]) == (200, media_type)
        params = {"kind": entry["kind"], "dry_run": "true"}
        answer = (await push_sheet(door, template.content, media_type, params)).json()
        [sheet] = answer["source"]["sheets"]
        mapped = [column["field"] for column in sheet["columns"]]
        assert (answer["counts"]["total"], sheet["not_read"]) == (0, [])
        assert mapped == [column["path"] for column in entry["columns"]]


async def test_a_template_offers_the_code_lists(door):
    template = await door.get("/v1/catalogue/spot_check/template")
    assert ["不合格", "fail"] in [cells[1:] for cells in read_back(template.content, "代码表")]
    assert Workbook(io.BytesIO(template.content), DEFAULT).names == ["监督抽查", "代码表", "填写说明"]


async def test_there_is_no_template_of_an_unknown_kind(door):
    assert (await door.get("/v1/catalogue/nonsense/template")).status_code == 404
