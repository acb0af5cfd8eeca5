"""Quality commitment (质量承诺): what a firm promised in public, and whether an authority found it kept or broken.

The promise is the firm's own word; only a determined statement of how it was kept can count.
"""

from typing import Final

from services.kernel.kinds.kind import Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

QUALITY_COMMITMENT: Final = Kind(
    code="quality_commitment",
    label=Text("质量承诺", "Quality commitment"),
    assertion=Assertion.SELF_DECLARED,
    headers={
        "/subject/name": ("承诺主体名称", "承诺企业名称", "承诺人"),
        "/occurred_on": ("承诺日期", "承诺作出日期"),
        "/valid_until": ("承诺有效期至", "承诺有效期"),
        "/authority/name": ("承诺受理单位", "履约认定机关"),
        "/document_number": ("履约认定文号", "承诺书编号"),
    },
    members=(
        Member("content", MemberType.TEXT, Text("承诺内容", "Content"), ("承诺事由",), required=True, max_length=4000),
        Member("category", MemberType.CHOICE, Text("承诺类型", "Type"), ("承诺类别",),
            choices={"product_quality": "产品质量承诺", "service": "售后服务承诺", "notification": "告知承诺", "credit_repair": "信用修复承诺",
                     "industry": "行业自律承诺", "other": "其他"},
            synonyms={"主动型": "other", "审批替代型": "notification", "信用修复型": "credit_repair", "行业自律型": "industry"}),
        Member("fulfilment", MemberType.CHOICE, Text("承诺履行状态", "Whether it was kept"), ("履约状态", "履行情况"),
            choices={"pending": "履行中", "kept": "已履行", "broken": "未履行"}, synonyms={"履约": "kept", "违约": "broken", "违诺": "broken"}),
        Member("assessed_on", MemberType.DATE, Text("履约认定日期", "Found on"), ("认定日期",)),
        Member("broken_content", MemberType.TEXT, Text("违诺内容", "What was broken"), max_length=2000),
    ),
)  # fmt: skip
