"""Quality accident (质量安全事故): reported at once, charged to nobody until the inquiry has found who is responsible."""

from typing import Final

from services.kernel.kinds.kind import RESTRICTED, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

QUALITY_ACCIDENT: Final = Kind(
    code="quality_accident",
    label=Text("质量事故", "Quality accident"),
    assertion=Assertion.DETERMINED,
    headers={
        "/source_record_id": ("事故编号",),
        "/subject/name": ("事故企业名称", "责任企业名称", "涉事企业名称"),
        "/occurred_on": ("事故发生日期", "事故日期"),
        "/document_number": ("事故调查处理文号", "事故批复文号"),
        "/authority/name": ("事故调查机关", "调查机关"),
    },
    members=(
        Member("severity", MemberType.CHOICE, Text("事故等级", "Severity"), required=True,
            choices={"general": "一般事故", "larger": "较大事故", "major": "重大事故", "extraordinary": "特别重大事故"},
            synonyms={"一般": "general", "较大": "larger", "重大": "major", "特别重大": "extraordinary"}),
        Member("description", MemberType.TEXT, Text("事故经过", "What happened"), ("事故描述", "事故概况"), required=True, max_length=4000),
        Member("deaths", MemberType.INTEGER, Text("死亡人数", "Deaths")),
        Member("injured", MemberType.INTEGER, Text("受伤人数", "Injured"), ("重伤人数",)),
        Member("loss", MemberType.MONEY, Text("直接经济损失（元）", "Direct loss in yuan"), ("直接经济损失", "直接经济损失(万元)")),
        Member("cause", MemberType.TEXT, Text("事故原因", "Cause"), max_length=2000, group=RESTRICTED),
        Member("finding", MemberType.CHOICE, Text("责任认定", "Finding of responsibility"), ("责任认定结论",),
            choices={"under_inquiry": "调查中", "responsible": "负有责任", "not_responsible": "无责任"},
            synonyms={"主要责任": "responsible", "全部责任": "responsible", "不负责任": "not_responsible"}),
        Member("found_on", MemberType.DATE, Text("认定日期", "Found on")),
        Member("handling", MemberType.TEXT, Text("处理情况", "What was done"), ("整改情况",), max_length=2000),
    ),
)  # fmt: skip
