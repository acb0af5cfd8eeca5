"""The envelope of a pushed record: the members outside `details`, each with the column names under which it arrives.

What has no place in one cell of a table (`parties`) is sent as JSON and has no column here.
"""

from dataclasses import dataclass, field
from typing import Final

from services.kernel.kinds.kind import PRODUCT_CLASSES, PUBLIC, MemberType
from services.kernel.texts import Text


@dataclass(frozen=True)
class EnvelopeMember:
    """One member of the envelope: its JSON pointer, its type, and its official column names with their aliases."""

    path: str
    type: MemberType
    label: Text
    headers: tuple[str, ...] = ()
    required: bool = False
    choices: dict[str, str] = field(default_factory=dict)
    group: str = PUBLIC


_ASSERTIONS: Final = {"determined": "依法认定", "self_declared": "主体自述", "third_party": "第三方陈述"}
_EFFECTS: Final = {
    "not_final": "未生效", "under_review": "复议或诉讼中", "suspended": "停止执行", "final": "已生效",
    "changed": "已变更", "revoked": "已撤销", "unlawful": "确认违法",
}  # fmt: skip
_OPERATIONS: Final = {"upsert": "报送", "correct": "更正", "withdraw": "撤回"}
_REASONS: Final = {"revoked": "已撤销", "changed": "已变更", "unlawful": "确认违法"}
_STAGES: Final = {"production": "生产", "circulation": "流通", "use": "使用", "consumption": "消费"}

ENVELOPE: Final[tuple[EnvelopeMember, ...]] = (
    EnvelopeMember("/source_record_id", MemberType.TEXT, Text("来源记录号", "Number in the agency's own system"),
        ("报送编号", "记录编号", "来源记录号", "信息编号"), required=True),
    EnvelopeMember("/operation", MemberType.CHOICE, Text("操作", "Operation"), ("操作", "操作类型"), choices=_OPERATIONS),
    EnvelopeMember("/reason", MemberType.CHOICE, Text("撤回原因", "Why it is withdrawn"), ("撤回原因", "撤销原因"), choices=_REASONS),
    EnvelopeMember("/subject/uscc", MemberType.TEXT, Text("统一社会信用代码", "Unified social credit code"),
        ("统一社会信用代码", "信用代码", "社会信用代码", "USCC"), required=True),
    EnvelopeMember("/subject/name", MemberType.TEXT, Text("企业名称", "Name of the enterprise"),
        ("企业名称", "名称", "单位名称", "主体名称", "市场主体名称"), required=True),
    EnvelopeMember("/subject/organisation_code", MemberType.TEXT, Text("组织机构代码", "Organisation code (GB 11714)"),
        ("组织机构代码",)),
    EnvelopeMember("/subject/registration_number", MemberType.TEXT, Text("工商注册号", "Registration number"),
        ("工商注册号", "注册号", "工商登记码")),
    EnvelopeMember("/authority/uscc", MemberType.TEXT, Text("决定机关统一社会信用代码", "Code of the deciding authority"),
        ("决定机关统一社会信用代码", "机关统一社会信用代码")),
    EnvelopeMember("/authority/name", MemberType.TEXT, Text("决定机关", "Deciding authority"), ("决定机关", "机关名称", "作出机关")),
    EnvelopeMember("/assertion", MemberType.CHOICE, Text("陈述性质", "Assertion"), ("陈述性质",), choices=_ASSERTIONS),
    EnvelopeMember("/effect", MemberType.CHOICE, Text("效力状态", "Legal effect"), ("效力状态", "文书效力"), choices=_EFFECTS),
    EnvelopeMember("/document_number", MemberType.TEXT, Text("文书号", "Document number"), ("文书号", "文号", "决定书文号")),
    EnvelopeMember("/occurred_on", MemberType.DATE, Text("发生日期", "Day of the act"), ("发生日期", "决定日期", "日期"), required=True),
    EnvelopeMember("/served_on", MemberType.DATE, Text("送达日期", "Day of service"), ("送达日期",)),
    EnvelopeMember("/published_on", MemberType.DATE, Text("公示日期", "Day of publication"), ("公示日期", "公开日期", "发布日期")),
    EnvelopeMember("/obligation_fulfilled_on", MemberType.DATE, Text("义务履行日期", "Day on which the obligation was fulfilled"),
        ("义务履行日期", "履行完毕日期")),
    EnvelopeMember("/valid_until", MemberType.DATE, Text("有效期至", "Valid until"), ("有效期至", "有效期截止日期", "截止日期")),
    EnvelopeMember("/stage", MemberType.CHOICE, Text("环节", "Stage"), ("环节", "所属环节"), choices=_STAGES),
    EnvelopeMember("/region", MemberType.TEXT, Text("行政区划代码", "Region (GB/T 2260)"), ("行政区划代码", "行政区划", "区划代码")),
    EnvelopeMember("/product/name", MemberType.TEXT, Text("产品名称", "Product"), ("产品名称",)),
    EnvelopeMember("/product/class", MemberType.CHOICE, Text("产品类别", "Product class"), ("产品类别", "重点产品类别"),
        choices=PRODUCT_CLASSES),
    EnvelopeMember("/product/brand", MemberType.TEXT, Text("品牌", "Brand"), ("品牌", "商标")),
    EnvelopeMember("/product/model", MemberType.TEXT, Text("规格型号", "Model"), ("规格型号", "型号")),
    EnvelopeMember("/product/batch", MemberType.TEXT, Text("批号", "Batch"), ("批号", "生产批号")),
)  # fmt: skip
"""Every member of the envelope that has a column, in the order of a template's columns."""
