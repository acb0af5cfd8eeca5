"""Self-disclosure (产品质量信息自我披露): what a firm publishes about the quality of its own products."""

from typing import Final

from services.kernel.kinds.kind import Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

SELF_DISCLOSURE: Final = Kind(
    code="self_disclosure",
    label=Text("自我披露", "Self-disclosure"),
    assertion=Assertion.SELF_DECLARED,
    headers={"/subject/name": ("披露企业名称", "披露主体"), "/occurred_on": ("披露日期", "自我披露日期")},
    members=(
        Member("topic", MemberType.CHOICE, Text("披露类别", "Topic"), ("披露事项",), required=True,
            choices={"standard": "执行标准", "inspection": "检验检测结果", "defect": "缺陷与召回", "after_sales": "售后与投诉处理",
                     "quality_status": "质量状况", "other": "其他"}),
        Member("content", MemberType.TEXT, Text("披露内容", "Content"), required=True, max_length=4000),
        Member("period_from", MemberType.DATE, Text("披露期间起", "About the time from")),
        Member("period_until", MemberType.DATE, Text("披露期间止", "About the time until")),
        Member("report_number", MemberType.TEXT, Text("检验报告编号", "Number of the test report"), ("检测报告编号",)),
        Member("laboratory", MemberType.TEXT, Text("检验机构", "Laboratory"), ("检测机构",)),
        Member("url", MemberType.TEXT, Text("披露网址", "Where it was published"), max_length=500),
    ),
)  # fmt: skip
