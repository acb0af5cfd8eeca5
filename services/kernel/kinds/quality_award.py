"""Quality award (质量荣誉): government quality awards, famous brands and the like, conferred by a document for a time."""

from typing import Final

from services.kernel.kinds.codes import synonyms_of
from services.kernel.kinds.kind import LEVELS, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

QUALITY_AWARD: Final = Kind(
    code="quality_award",
    label=Text("质量奖励", "Quality award"),
    assertion=Assertion.DETERMINED,
    document_number_required=True,
    headers={
        "/document_number": ("授奖文号", "表彰文号", "文件号"),
        "/occurred_on": ("授予日期", "表彰日期"),
        "/valid_until": ("有效期至",),
        "/authority/name": ("颁发机关", "授予机关", "颁发部门"),
    },
    members=(
        Member("name", MemberType.TEXT, Text("荣誉名称", "Name of the award"), ("奖项名称", "良好信息名称"), required=True),
        Member("level", MemberType.CHOICE, Text("荣誉级别", "Level of the award"), ("级别", "授予级别"), required=True, choices=LEVELS,
            synonyms=synonyms_of("levels")),
        Member("category", MemberType.CHOICE, Text("荣誉类别", "Category"), ("良好信息类别",),
            choices={"government_award": "政府质量奖", "famous_brand": "名牌产品", "benchmark": "质量标杆", "credit": "信用荣誉", "other": "其他"}),
        Member("edition", MemberType.TEXT, Text("届次", "Edition or year"), ("获奖年度",)),
        Member("valid_from", MemberType.DATE, Text("有效期自", "Valid from"), ("有效期起",)),
    ),
)  # fmt: skip
