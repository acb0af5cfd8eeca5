"""Administrative penalty (行政处罚), on the layout of 双公示 (field codes CF_*, 2019, with the names of 2017)."""

from typing import Final

from services.kernel.kinds.kind import Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

PENALTY_TYPES: Final[dict[str, str]] = {
    name: name
    for name in (
        "警告", "通报批评", "罚款", "没收违法所得", "没收非法财物", "暂扣许可证件", "降低资质等级", "吊销许可证件",
        "限制开展生产经营活动", "责令停产停业", "责令关闭", "限制从业", "行政拘留", "其他",
    )
}  # fmt: skip
"""行政处罚法 (2021) § 9, from light to heavy; the vocabulary of CF_CFLB, sent in Chinese as in the official sheets."""

ADMINISTRATIVE_PENALTY: Final = Kind(
    code="administrative_penalty",
    label=Text("行政处罚", "Administrative penalty"),
    assertion=Assertion.DETERMINED,
    document_number_required=True,
    headers={
        "/document_number": ("行政处罚决定书文号", "处罚决定书文号", "CF_WSH"),
        "/occurred_on": ("处罚决定日期", "CF_JDRQ"),
        "/subject/name": ("行政相对人名称", "CF_XDR_MC"),
        "/subject/uscc": ("CF_XDR_SHXYM", "行政相对人代码_1(统一社会信用代码)"),
        "/subject/registration_number": ("CF_XDR_GSZC", "行政相对人代码_2(工商注册号)"),
        "/subject/organisation_code": ("CF_XDR_ZZJG", "行政相对人代码_3(组织机构代码)"),
        "/authority/name": ("处罚机关", "CF_CFJG", "CF_XZJG"),
        "/authority/uscc": ("处罚机关统一社会信用代码", "CF_CFJGDM"),
    },
    members=(
        Member("violation", MemberType.TEXT, Text("违法行为类型", "Violation"), ("违法行为类型", "CF_WFXW", "处罚名称", "CF_CFMC"),
            required=True, max_length=2000),
        Member("basis", MemberType.TEXT, Text("处罚依据", "Legal basis"), ("处罚依据", "CF_YJ"), required=True, max_length=2000),
        Member("penalty_types", MemberType.LIST, Text("处罚类别", "Types of penalty"), ("处罚类别", "CF_CFLB", "CF_CFLB1"),
            required=True, choices=PENALTY_TYPES),
        Member("fine_amount", MemberType.MONEY, Text("罚款金额（元）", "Fine in yuan"), ("罚款金额", "罚款金额(万元)", "CF_NR_FK(万元)")),
        Member("content", MemberType.TEXT, Text("处罚内容", "Content of the penalty"), ("处罚内容", "CF_NR", "处罚结果", "CF_JG"),
            required=True, max_length=4000),
    ),
)  # fmt: skip
