"""Random inspection (双随机、一公开): firm and inspectors drawn by lot, the result published."""

from typing import Final

from services.kernel.kinds.kind import RESTRICTED, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

RANDOM_INSPECTION: Final = Kind(
    code="random_inspection",
    label=Text("随机检查", "Random inspection"),
    assertion=Assertion.DETERMINED,
    headers={
        "/source_record_id": ("检查记录编号",),
        "/subject/name": ("检查对象名称", "被检查对象", "抽查对象名称"),
        "/occurred_on": ("检查日期", "抽查日期", "检查完成日期"),
        "/authority/name": ("检查机关", "抽查机关"),
        "/published_on": ("结果公示日期", "公示日期"),
    },
    members=(
        Member("plan", MemberType.TEXT, Text("抽查计划名称", "Plan"), ("抽查计划编号",)),
        Member("task", MemberType.TEXT, Text("抽查任务名称", "Task"), ("抽查任务编号",)),
        Member("matters", MemberType.LIST, Text("检查事项", "What was inspected"), ("抽查事项",), required=True),
        Member("mode", MemberType.CHOICE, Text("抽查类型", "How the firm was drawn"), ("抽查方式",),
            choices={"undirected": "不定向抽查", "directed": "定向抽查"}, synonyms={"不定向": "undirected", "定向": "directed"}),
        Member("joint", MemberType.BOOLEAN, Text("是否部门联合", "Whether several departments took part"), ("是否联合抽查",)),
        Member("result", MemberType.CHOICE, Text("抽查结果", "Result"), ("检查结果",), required=True,
            choices={"no_problem": "未发现问题", "corrected": "发现问题已责令改正", "to_follow_up": "发现问题待后续处理",
                     "not_found": "通过登记的住所（经营场所）无法联系", "obstructed": "不配合检查情节严重", "not_active": "未发现开展本次抽查涉及的经营活动"},
            synonyms={"合格": "no_problem", "未发现违法行为": "no_problem", "已责令改正": "corrected"}),
        Member("problems", MemberType.TEXT, Text("发现的问题", "Problems found"), ("问题描述",), max_length=2000, group=RESTRICTED),
    ),
)  # fmt: skip
