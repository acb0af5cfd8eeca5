"""Supervision spot check (监督抽查): one sampled batch and its result.

A failure waits until its named producer is confirmed: producers do deny samples, and are sometimes right
(产品质量监督抽查管理暂行办法, SAMR Order 18).
"""

from typing import Final

from services.kernel.kinds.kind import Assertion, Confirmation, Kind, Member, MemberType, PartyRole
from services.kernel.texts import Text

LEVELS: Final[dict[str, str]] = {
    "national": "国家级",
    "provincial": "省级",
    "municipal": "市级",
    "county": "县级",
}

SPOT_CHECK: Final = Kind(
    code="spot_check",
    label=Text("监督抽查", "Spot check"),
    assertion=Assertion.DETERMINED,
    confirmation=Confirmation(PartyRole.PRODUCER, "result", "fail"),
    headers={
        "/occurred_on": ("抽样日期", "抽查日期", "检验日期"),
        "/subject/name": ("标称生产企业名称", "生产企业", "受检单位"),
        "/product/name": ("产品名称", "样品名称"),
        "/product/model": ("规格型号",),
        "/product/brand": ("商标",),
        "/product/batch": ("生产日期/批号", "生产日期", "批号"),
        "/authority/name": ("发布机关", "抽查机关"),
    },
    members=(
        Member("result", MemberType.CHOICE, Text("检验结果", "Result"), ("检验结果", "抽查结果", "结论"), required=True,
            choices={"pass": "合格", "fail": "不合格", "refused": "拒检"}),
        Member("failed_items", MemberType.LIST, Text("不合格项目", "Failed items"), ("不合格项目", "主要不合格项目")),
        Member("level", MemberType.CHOICE, Text("抽查级别", "Level of the check"), ("抽查类别", "抽查级别"), required=True, choices=LEVELS),
        Member("announcement", MemberType.TEXT, Text("公告号", "Announcement"), ("公告号", "公告文号")),
    ),
)  # fmt: skip
