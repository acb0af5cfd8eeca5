"""A clerk's day over real processes: a sheet with every habit goes in, its faults come back in its rows, the corrected
copy goes in; and an agency without a line packs what another carries."""

from types import SimpleNamespace

import pytest

from services.exchange.client.limits import DEFAULT
from services.exchange.client.workbook import Workbook
from services.kernel import uscc
from services.kernel.tokens import SigningKey
from tests.acceptance.conftest import LAYOUTS
from tests.sheets import workbook

pytestmark = pytest.mark.timeout(900)
HEADER = [
    "序号", "记录编号", "行政相对人名称", "统一社会信用代码", "处罚决定书文号", "处罚决定日期", "违法行为类型", "处罚依据",
    "处罚类别", "罚款金额(万元)", "处罚内容", "行政区划代码",
]  # fmt: skip


def code(number):
    return uscc.make("91430102", f"KXD{number:05d}")


def row(number, day, fine, code_written=None):
    return [
        number, f"'演-{number}", f"长沙演示{number}有限公司　", code_written or code(number), f"演罚〔2026〕{number}号", day,
        "演示违法", "演示依据", "罚款；警告", fine, "演示内容", 430102.0,
    ]  # fmt: skip


ROWS = [
    row(1, "2026.3.2", "1.5万元"),
    row(2, "2026年3月2日", "1,234.50元"),
    row(3, "二〇二六年三月二日", "暂无"),
    row(4, 46083, "２０"),
    row(5, "2026/3/2", "/", code(5)[:17] + "0"),
    row(6, "2026-02-30", "—"),
]


@pytest.fixture(scope="module", params=LAYOUTS)
def clerk(request, deploy):
    deployment = deploy(*request.param)
    key = SigningKey.generate()
    public, private = deployment.folder / "public.pem", deployment.folder / "private.pem"
    public.write_text(key.public_pem)
    private.write_text(key.pem)
    market = deployment.enrol("industry_commerce", "push *", "pull *", "pull grade")
    remote = deployment.enrol("food_drug", "push *", issue=("--public-key", public))
    market.login()
    sheet = deployment.folder / "处罚.xlsx"
    content = workbook(
        ("一季度", [["行政处罚信息汇总表"], ["填报单位：演示局"], HEADER, *ROWS]), ("备注", [["无"]])
    )
    sheet.write_bytes(content.getvalue())
    return SimpleNamespace(
        deployment=deployment,
        market=market,
        remote=remote,
        sheet=sheet,
        folder=deployment.folder,
        private=private,
    )


def test_the_sheet_goes_in_and_its_corrected_copy_after_it(clerk):
    copy = clerk.folder / "批注.xlsx"
    tried = clerk.market.ask("push", clerk.sheet, "--dry-run", "--annotate", copy)
    assert tried["counts"] | {"unchanged": 0} == {
        "total": 6,
        "accepted": 4,
        "unchanged": 0,
        "held": 0,
        "rejected": 2,
    }
    pushed = clerk.market.ask("push", clerk.sheet, "--annotate", copy)
    assert [(item["sheet"], item["row"]) for item in pushed["rejected"]] == [("一季度", 8), ("一季度", 9)]
    with copy.open("rb") as file:
        cells = [found.cells for found in Workbook(file, DEFAULT).rows("一季度")]
    assert [line[0] for line in cells[3:]] == ["已接收"] * 4 + ["拒收"] * 2
    assert cells[7][1].startswith("统一社会信用代码：")
    assert cells[8][1].startswith("处罚决定日期：")

    cells[7][cells[2].index("统一社会信用代码")] = code(5)
    cells[8][cells[2].index("处罚决定日期")] = "2026.2.27"
    copy.write_bytes(workbook(("一季度", cells)).getvalue())
    again = clerk.market.ask("push", copy)
    assert again["counts"] == {"total": 6, "accepted": 2, "unchanged": 4, "held": 0, "rejected": 0}


def test_a_packed_sheet_is_carried_in_and_its_receipt_back(clerk):
    package, keys = clerk.folder / "药监.zxp", clerk.folder / "package-keys.json"
    with clerk.market.http("exchange") as http:
        keys.write_bytes(http.get("/.well-known/package-keys.json").content)
        receipt_keys = clerk.folder / "receipt-keys.json"
        receipt_keys.write_bytes(http.get("/.well-known/receipt-keys.json").content)
    clerk.remote.zhixin(
        "pack", clerk.sheet, "--out", package, "--kind", "administrative_penalty", "--private-key", clerk.private,
        "--client-id", clerk.remote.client_id, "--platform", clerk.deployment.exchange_url, "--seal-for", keys,
    )  # fmt: skip
    first = clerk.market.ask("intake", package)
    receipt = (package.parent / f"{package.name}.receipt.jws").read_bytes()
    again = clerk.market.ask("intake", package)
    assert (first["counts"]["total"], first["counts"]["rejected"]) == (6, 2)
    assert again["batch"] == first["batch"]
    assert (package.parent / f"{package.name}.receipt.jws").read_bytes() == receipt

    proven = clerk.remote.ask(
        "verify", f"{package}.receipt.jws", "--keys", receipt_keys, "--body", clerk.sheet, "--verdicts",
        f"{package}.verdicts.ndjson",
    )  # fmt: skip
    assert proven["checked"] == ["signature", "body", "verdicts"]
    assert proven["claims"]["sub"] == clerk.remote.id
