"""Risk warning (风险警示) or advice to consumers (消费提示), published by an authority; a signal, not a finding of guilt."""

from typing import Final

from services.kernel.kinds.kind import RESTRICTED, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

RISK_WARNING: Final = Kind(
    code="risk_warning",
    label=Text("风险警示", "Risk warning"),
    assertion=Assertion.DETERMINED,
    headers={
        "/source_record_id": ("警示编号",),
        "/subject/name": ("涉及企业名称", "涉及企业"),
        "/occurred_on": ("警示发布日期", "发布日期"),
        "/document_number": ("警示文号",),
        "/product/name": ("涉及产品", "产品名称"),
        "/authority/name": ("警示发布机关", "发布机关"),
    },
    members=(
        Member("form", MemberType.CHOICE, Text("警示类型", "Form"), required=True,
            choices={"risk_warning": "风险警示", "consumer_advice": "消费提示", "internal_alert": "内部预警"}, synonyms={"消费警示": "consumer_advice"}),
        Member("title", MemberType.TEXT, Text("警示标题", "Title"), ("标题",), required=True, max_length=500),
        Member("risk_level", MemberType.CHOICE, Text("风险等级", "Risk"),
            choices={"high": "高", "medium": "中", "low": "低"}, synonyms={"高风险": "high", "中风险": "medium", "低风险": "low"}),
        Member("content", MemberType.TEXT, Text("警示内容", "Content"), max_length=4000),
        Member("advice", MemberType.TEXT, Text("消费建议", "Advice"), ("处置建议",), max_length=2000),
        Member("source", MemberType.TEXT, Text("风险信息来源", "Where the signal came from"), max_length=500, group=RESTRICTED),
        Member("ended_on", MemberType.DATE, Text("警示解除日期", "Ended on")),
    ),
)  # fmt: skip
