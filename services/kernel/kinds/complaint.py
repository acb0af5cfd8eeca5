"""Complaint (投诉) of a consumer through 12315, 12345 and the like: it informs supervision and never grades anybody."""

from typing import Final

from services.kernel.kinds.kind import PERSONAL, RESTRICTED, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

COMPLAINT: Final = Kind(
    code="complaint",
    label=Text("投诉", "Complaint"),
    assertion=Assertion.THIRD_PARTY,
    headers={
        "/source_record_id": ("投诉编号", "投诉单号", "工单编号"),
        "/subject/name": ("被投诉企业名称", "被投诉方名称", "被投诉人名称", "被投诉企业", "被投诉方"),
        "/subject/uscc": ("被投诉企业统一社会信用代码", "被投诉方统一社会信用代码"),
        "/occurred_on": ("投诉日期", "登记日期", "投诉登记日期"),
        "/authority/name": ("处理单位", "承办单位", "受理单位"),
        "/product/name": ("投诉商品", "商品名称"),
    },
    members=(
        Member("channel", MemberType.CHOICE, Text("投诉渠道", "Channel"), ("受理渠道", "来源渠道"), required=True,
            choices={"12315": "12315", "12345": "12345", "letter": "来信来访", "online": "网络平台", "transferred": "其他部门转办", "other": "其他"},
            synonyms={"12315平台": "12315", "12345热线": "12345", "来访": "letter", "来信": "letter", "互联网": "online", "转办": "transferred"}),
        Member("issue", MemberType.TEXT, Text("投诉问题类别", "What it is about"), ("问题类别", "投诉类别"), required=True),
        Member("content", MemberType.TEXT, Text("投诉内容", "Content"), ("投诉事由",), max_length=4000, group=RESTRICTED),
        Member("claim", MemberType.TEXT, Text("投诉诉求", "What is claimed"), ("诉求",), max_length=1000, group=RESTRICTED),
        Member("amount", MemberType.MONEY, Text("争议金额（元）", "Amount in dispute, in yuan"), ("争议金额", "涉及金额"), group=RESTRICTED),
        Member("complainant", MemberType.TEXT, Text("投诉人姓名", "Who complains"), ("投诉人",), group=PERSONAL, mask="name"),
        Member("complainant_phone", MemberType.TEXT, Text("投诉人电话", "Telephone of who complains"), ("投诉人联系电话", "联系电话"),
            group=PERSONAL, mask="number"),
        Member("accepted_on", MemberType.DATE, Text("受理日期", "Accepted on")),
        Member("closed_on", MemberType.DATE, Text("办结日期", "Closed on")),
        Member("outcome", MemberType.CHOICE, Text("办理结果", "Outcome"), ("处理结果",),
            choices={"settled": "调解成功", "not_settled": "调解不成", "withdrawn": "撤回投诉", "not_accepted": "不予受理",
                     "transferred": "移送处理", "pending": "办理中"}),
        Member("recovered_amount", MemberType.MONEY, Text("挽回经济损失（元）", "Recovered, in yuan"), ("挽回经济损失", "挽回损失"), group=RESTRICTED),
    ),
)  # fmt: skip
