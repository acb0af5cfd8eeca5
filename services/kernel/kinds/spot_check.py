"""Spot check (监督抽查): one sampled batch and its result.

A failure waits until its named producer is confirmed: producers do deny samples, and are sometimes right
(产品质量监督抽查管理暂行办法, SAMR Order 18). What was sampled to compare or to watch a risk (比对抽查, 风险监测) is no
supervision and charges nobody. Real tables write the day of production as they like, join several failed items in one
cell and put measured values such as 3.7×10^4 beside them: all of that is text.
"""

from typing import Final

from services.kernel.kinds.codes import synonyms_of
from services.kernel.kinds.kind import (
    LEVELS,
    RESTRICTED,
    Assertion,
    Confirmation,
    Kind,
    Member,
    MemberType,
    PartyRole,
)
from services.kernel.texts import Text

SPOT_CHECK: Final = Kind(
    code="spot_check",
    label=Text("监督抽查", "Spot check"),
    assertion=Assertion.DETERMINED,
    confirmation=Confirmation(PartyRole.PRODUCER, "result", "fail"),
    headers={
        "/occurred_on": ("抽样日期", "抽查日期", "检验日期"),
        "/subject/name": ("标称生产企业名称", "标称生产企业", "生产企业名称", "生产企业"),
        "/product/name": ("产品名称", "样品名称"),
        "/product/model": ("规格型号", "型号规格"),
        "/product/brand": ("商标",),
        "/product/batch": ("批号", "生产日期/批号", "生产日期(批号)/出厂编号", "生产日期或批号"),
        "/authority/name": ("发布机关", "抽查机关"),
    },
    members=(
        Member("result", MemberType.CHOICE, Text("检验结果", "Result"), ("抽查结果", "结论", "检验结论"), required=True,
            choices={"pass": "合格", "fail": "不合格", "refused": "拒检"},
            synonyms={"未检出不合格": "pass", "合格产品": "pass", "不合格产品": "fail", "拒绝抽查": "refused", "拒绝检查": "refused"}),
        Member("failed_items", MemberType.LIST, Text("不合格项目", "Failed items"), ("主要不合格项目", "抽查不合格项目")),
        Member("measured_values", MemberType.LIST, Text("检验结果(实测值)", "Measured values, in the order of the failed items"),
            ("实测值", "检测值", "检验值")),
        Member("required_values", MemberType.LIST, Text("标准值", "Required values, in the order of the failed items"),
            ("标准值/要求", "标准要求", "技术要求")),
        Member("level", MemberType.CHOICE, Text("抽查级别", "Level of the check"), ("抽查类别", "级别"), required=True,
            choices=LEVELS, synonyms=synonyms_of("levels")),
        Member("sampling", MemberType.CHOICE, Text("抽样性质", "Purpose of the sampling"), ("抽查性质", "抽样类型", "任务类别"),
            choices={"supervision": "监督抽查", "comparison": "比对抽查", "risk_monitoring": "风险监测"},
            synonyms={"比对": "comparison", "比对评估": "comparison", "风险监测抽样": "risk_monitoring"}),
        Member("production_date", MemberType.TEXT, Text("生产日期", "Day of production, as the sample says it")),
        Member("serial_number", MemberType.TEXT, Text("出厂编号", "Serial number")),
        Member("approval_number", MemberType.TEXT, Text("批准文号", "Approval number")),
        Member("producer_address", MemberType.TEXT, Text("标称生产企业地址", "Address of the named producer"), max_length=500),
        Member("sampled_at", MemberType.TEXT, Text("受检单位", "Where the sample was taken"),
            ("被抽样单位", "被抽样单位名称", "受检单位名称", "受检企业"), max_length=500),
        Member("sampled_at_address", MemberType.TEXT, Text("受检单位地址", "Address or page where the sample was taken"),
            ("被抽样单位地址", "受检企业地址"), max_length=500),
        Member("origin", MemberType.TEXT, Text("进货来源", "Where the seller got it"), max_length=500, group=RESTRICTED),
        Member("laboratory", MemberType.TEXT, Text("承检机构", "Laboratory"), ("检验机构", "初检机构")),
        Member("second_laboratory", MemberType.TEXT, Text("复检机构", "Laboratory of the second test"), ("复查检验机构",)),
        Member("is_recheck", MemberType.BOOLEAN, Text("是否复查", "Whether it is a re-check"), ("复查",)),
        Member("announcement", MemberType.TEXT, Text("公告号", "Announcement"), ("公告文号",)),
        Member("remarks", MemberType.TEXT, Text("备注", "Remarks"), max_length=2000, group=RESTRICTED),
    ),
)  # fmt: skip
