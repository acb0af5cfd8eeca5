"""Chief quality officer (首席质量官): that a firm has one, trained and appointed; who it is stays a matter of persons."""

from typing import Final

from services.kernel.kinds.kind import PERSONAL, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

CHIEF_QUALITY_OFFICER: Final = Kind(
    code="chief_quality_officer",
    label=Text("首席质量官", "Chief quality officer"),
    assertion=Assertion.DETERMINED,
    headers={
        "/source_record_id": ("任职备案编号",),
        "/subject/name": ("任职企业名称",),
        "/occurred_on": ("任命日期", "任职日期", "聘任日期"),
        "/valid_until": ("证书有效期至", "任期至"),
        "/document_number": ("任命文号",),
    },
    members=(
        Member("state", MemberType.CHOICE, Text("任职状态", "State"), required=True,
            choices={"in_office": "在任", "left": "离任"}, synonyms={"在职": "in_office", "离职": "left"}),
        Member("officer", MemberType.TEXT, Text("首席质量官姓名", "Chief quality officer"), ("姓名",), group=PERSONAL, mask="name"),
        Member("officer_id_number", MemberType.TEXT, Text("首席质量官证件号码", "Number of the officer's document"), ("身份证号", "证件号码"),
            group=PERSONAL, mask="number"),
        Member("position", MemberType.TEXT, Text("职务", "Position in the firm"), ("企业职务",)),
        Member("trained_on", MemberType.DATE, Text("培训日期", "Trained on"), ("培训合格日期",)),
        Member("training_body", MemberType.TEXT, Text("培训机构", "Who trained")),
        Member("left_on", MemberType.DATE, Text("离任日期", "Left on")),
    ),
)  # fmt: skip
