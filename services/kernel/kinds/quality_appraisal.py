"""Quality appraisal (产品质量鉴定): experts' finding on a product in dispute, with cause and responsibility as they see it."""

from typing import Final

from services.kernel.kinds.kind import RESTRICTED, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

QUALITY_APPRAISAL: Final = Kind(
    code="quality_appraisal",
    label=Text("质量鉴定", "Quality appraisal"),
    assertion=Assertion.DETERMINED,
    headers={
        "/source_record_id": ("鉴定报告编号",),
        "/subject/name": ("生产者名称", "生产企业名称", "被鉴定产品生产者"),
        "/occurred_on": ("鉴定日期", "鉴定报告日期"),
        "/document_number": ("鉴定文号",),
        "/product/name": ("鉴定产品", "产品名称"),
    },
    members=(
        Member("organiser", MemberType.TEXT, Text("鉴定组织单位", "Who organised it"), ("鉴定机构", "质量鉴定组织单位"), required=True),
        Member("conclusion", MemberType.TEXT, Text("鉴定结论", "Conclusion"), required=True, max_length=4000),
        Member("defect_found", MemberType.BOOLEAN, Text("是否存在质量问题", "Whether a defect was found"), ("是否存在缺陷",)),
        Member("responsibility", MemberType.CHOICE, Text("责任方", "On whose side the cause lies"), ("责任归属",),
            choices={"producer": "生产者", "seller": "销售者", "user": "使用者", "shared": "多方", "unclear": "无法判定"}),
        Member("cause", MemberType.TEXT, Text("问题原因", "Cause"), ("质量问题原因",), max_length=2000, group=RESTRICTED),
        Member("applicant_type", MemberType.CHOICE, Text("申请人类别", "Who asked for it"), ("委托方类别",),
            choices={"court": "司法机关", "arbitration": "仲裁机构", "authority": "行政机关", "consumer_body": "消费者组织", "parties": "争议双方"}),
    ),
)  # fmt: skip
