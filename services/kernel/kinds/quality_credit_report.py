"""Quality credit report (企业质量信用报告), published yearly by the firm itself on the outline of GB/T 31870-2015.

The standard's text was not read: the chapters are those of published reports, and none of them is required.
"""

from typing import Final

from services.kernel.kinds.kind import Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

_CHAPTER: Final = 5000


def _chapter(name: str, zh: str, en: str, *headers: str) -> Member:
    return Member(name, MemberType.TEXT, Text(zh, en), headers, max_length=_CHAPTER)


QUALITY_CREDIT_REPORT: Final = Kind(
    code="quality_credit_report",
    label=Text("质量信用报告", "Quality credit report"),
    assertion=Assertion.SELF_DECLARED,
    headers={"/subject/name": ("报告企业名称",), "/occurred_on": ("报告发布日期",)},
    members=(
        Member("year", MemberType.INTEGER, Text("报告年度", "Year"), ("报告年份",), required=True),
        _chapter("preface", "编制说明", "How it was made: scope, time, data, access", "前言"),
        _chapter("leadership_statement", "高层致辞", "Statement of the leadership"),
        _chapter("profile", "企业简介", "The firm", "企业概况"),
        _chapter("philosophy", "企业质量理念", "Idea of quality", "质量理念"),
        _chapter("management", "企业质量管理", "Management of quality: bodies, system, risks"),
        _chapter("integrity", "企业质量诚信管理", "Management of good faith: commitments, operation, marketing"),
        _chapter("foundations", "企业质量管理基础", "Foundations: standards, metrology, certification, testing"),
        _chapter("responsibility", "产品质量责任", "Responsibility for products: level, after-sales, credit record"),
        _chapter("culture", "质量文化建设", "Culture of quality"),
        _chapter("closing", "报告结语", "Closing words", "结语"),
        Member("url", MemberType.TEXT, Text("报告全文网址", "Where the whole report is"), ("报告网址",), max_length=500),
    ),
)  # fmt: skip
