"""Report of a violation (举报), by anybody; apart from complaints, and like them no ground for any point."""

from typing import Final

from services.kernel.kinds.kind import PERSONAL, RESTRICTED, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

VIOLATION_REPORT: Final = Kind(
    code="violation_report",
    label=Text("举报", "Report of a violation"),
    assertion=Assertion.THIRD_PARTY,
    headers={
        "/source_record_id": ("举报编号", "举报单号"),
        "/subject/name": ("被举报企业名称", "被举报方名称", "被举报企业", "被举报方"),
        "/subject/uscc": ("被举报企业统一社会信用代码", "被举报方统一社会信用代码"),
        "/occurred_on": ("举报日期", "举报登记日期"),
        "/authority/name": ("核查单位", "承办单位"),
    },
    members=(
        Member("channel", MemberType.CHOICE, Text("举报渠道", "Channel"), ("来源渠道",), required=True,
            choices={"12315": "12315", "12345": "12345", "letter": "来信来访", "online": "网络平台", "insider": "内部知情人", "other": "其他"},
            synonyms={"12315平台": "12315", "12345热线": "12345", "内部举报": "insider", "互联网": "online"}),
        Member("suspected_violation", MemberType.TEXT, Text("涉嫌违法行为", "Suspected violation"), ("举报问题类别",), required=True, max_length=500),
        Member("content", MemberType.TEXT, Text("举报内容", "Content"), max_length=4000, group=RESTRICTED),
        Member("reporter", MemberType.TEXT, Text("举报人姓名", "Who reports"), ("举报人",), group=PERSONAL),
        Member("reporter_phone", MemberType.TEXT, Text("举报人电话", "Telephone of who reports"), ("举报人联系电话", "联系电话"), group=PERSONAL),
        Member("anonymous", MemberType.BOOLEAN, Text("是否匿名", "Whether it is anonymous"), group=RESTRICTED),
        Member("checked_on", MemberType.DATE, Text("核查日期", "Checked on")),
        Member("outcome", MemberType.CHOICE, Text("核查结果", "What the check found"), ("办理结果", "处理结果"),
            choices={"case_filed": "立案", "not_filed": "不予立案", "transferred": "移送", "unfounded": "不属实", "pending": "核查中"}),
        Member("case_number", MemberType.TEXT, Text("立案编号", "Number of the case"), group=RESTRICTED),
        Member("rewarded", MemberType.BOOLEAN, Text("是否奖励", "Whether a reward was paid"), group=RESTRICTED),
    ),
)  # fmt: skip
