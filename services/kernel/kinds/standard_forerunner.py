"""Forerunner of standards (企业标准“领跑者”): a ranking of declared standards by their key indicators, published yearly."""

from typing import Final

from services.kernel.kinds.kind import Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

STANDARD_FORERUNNER: Final = Kind(
    code="standard_forerunner",
    label=Text("标准领跑者", "Forerunner of standards"),
    assertion=Assertion.DETERMINED,
    headers={
        "/occurred_on": ("领跑者发布日期", "发布日期", "入围日期"),
        "/product/name": ("领跑者产品", "产品名称"),
        "/document_number": ("领跑者证书编号", "发布文号"),
    },
    members=(
        Member("list_name", MemberType.TEXT, Text("领跑者名单", "List"), ("排行榜名称", "重点领域"), required=True),
        Member("year", MemberType.INTEGER, Text("年度", "Year"), ("评估年度", "入围年度"), required=True),
        Member("standard_number", MemberType.TEXT, Text("标准编号", "Number of the standard")),
        Member("standard_name", MemberType.TEXT, Text("标准名称", "Name of the standard"), max_length=500),
        Member("rank", MemberType.INTEGER, Text("排名", "Rank"), ("排行榜名次", "名次")),
        Member("indicators", MemberType.LIST, Text("核心指标", "Key indicators, each with its value"), ("关键指标", "核心指标水平"), max_length=500),
        Member("assessor", MemberType.TEXT, Text("评估机构", "Who assessed it"), ("评估机构名称",)),
    ),
)  # fmt: skip
