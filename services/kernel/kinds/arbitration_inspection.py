"""Arbitration inspection (质量仲裁检验): a laboratory's finding in a dispute, on which others decide."""

from typing import Final

from services.kernel.kinds.kind import RESTRICTED, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

ARBITRATION_INSPECTION: Final = Kind(
    code="arbitration_inspection",
    label=Text("仲裁检验", "Arbitration inspection"),
    assertion=Assertion.DETERMINED,
    headers={
        "/source_record_id": ("仲裁检验报告编号",),
        "/subject/name": ("生产者名称", "生产企业名称"),
        "/occurred_on": ("仲裁检验日期", "报告签发日期", "检验日期"),
        "/document_number": ("报告编号", "仲裁检验报告文号"),
    },
    members=(
        Member("institution", MemberType.TEXT, Text("仲裁检验机构", "Laboratory"), ("检验机构", "承检机构"), required=True),
        Member("result", MemberType.CHOICE, Text("检验结论", "Result"), ("检验结果", "结论"), required=True,
            choices={"pass": "合格", "fail": "不合格", "inconclusive": "无法判定"}),
        Member("failed_items", MemberType.LIST, Text("不合格项目", "Failed items")),
        Member("basis", MemberType.TEXT, Text("检验依据", "What it was tested by"), max_length=500),
        Member("commissioned_by", MemberType.CHOICE, Text("委托方类别", "Who asked for it"), ("申请人类别",),
            choices={"court": "司法机关", "arbitration": "仲裁机构", "authority": "行政机关", "consumer_body": "消费者组织", "parties": "争议双方"}),
        Member("dispute", MemberType.TEXT, Text("争议事项", "What is in dispute"), max_length=2000, group=RESTRICTED),
    ),
)  # fmt: skip
