"""Quality award (质量荣誉): government quality awards, famous brands and the like, conferred by a document."""

from typing import Final

from services.kernel.kinds.kind import Assertion, Kind, Member, MemberType
from services.kernel.kinds.spot_check import LEVELS
from services.kernel.texts import Text

QUALITY_AWARD: Final = Kind(
    code="quality_award",
    label=Text("质量荣誉", "Quality award"),
    assertion=Assertion.DETERMINED,
    document_number_required=True,
    headers={
        "/document_number": ("授奖文号", "表彰文号", "文件号"),
        "/occurred_on": ("授予日期", "表彰日期"),
        "/valid_until": ("有效期至",),
        "/authority/name": ("颁发机关", "授予机关"),
    },
    members=(
        Member("name", MemberType.TEXT, Text("荣誉名称", "Name of the award"), ("荣誉名称", "奖项名称"), required=True),
        Member("level", MemberType.CHOICE, Text("荣誉级别", "Level of the award"), ("荣誉级别", "级别"), required=True, choices=LEVELS),
    ),
)  # fmt: skip
