"""The registry of what can be wrong with one pushed item: stable codes with their text and cure in two languages."""

from typing import Any, Final

import msgspec

from services.kernel.column_titles import title_of
from services.kernel.texts import Language, Text


class Fault(msgspec.Struct, frozen=True):
    """One fault of an item: its stable code, the JSON pointer of the member, and the text for a person."""

    code: str
    field: str
    message: str


FAULTS: Final[dict[str, Text]] = {
    "uscc_length": Text(
        "统一社会信用代码应为18位，收到{length}位；请核对后重报",
        "A unified social credit code has 18 characters, this one has {length}; check it and send it again",
    ),
    "uscc_character": Text(
        "统一社会信用代码含有不允许的字符（不用 I、O、S、V、Z，第3至8位为数字）",
        "The code holds a character that GB 32100 does not allow (no I, O, S, V, Z; places 3 to 8 are digits)",
    ),
    "uscc_check_digit": Text(
        "统一社会信用代码校验码（第18位）不符；请对照营业执照核对",
        "The check digit (place 18) does not fit; compare the code with the business licence",
    ),
    "uscc_organisation_digit": Text(
        "代码中的组织机构代码校验码（第17位）不符；请对照营业执照核对",
        "The check digit of the organisation code inside (place 17, GB 11714) does not fit; compare with the licence",
    ),
    "date_invalid": Text("不是有效日期，应写作 YYYY-MM-DD", "Not a date; write YYYY-MM-DD"),
    "date_in_future": Text(
        "日期晚于今天（北京时间）；已发生的事实不能在将来",
        "The date is after today (Beijing time); a fact cannot lie ahead",
    ),
    "kind_unknown": Text(
        "信息类别“{value}”不存在；见 /v1/catalogue", "There is no kind “{value}”; see /v1/catalogue"
    ),
    "kind_not_granted": Text(
        "本单位未获授权报送“{value}”类信息；可申请授权",
        "The agency holds no grant to push records of kind “{value}”; apply for one",
    ),
    "region_unknown": Text(
        "行政区划代码“{value}”不存在（GB/T 2260）", "Region “{value}” does not exist (GB/T 2260)"
    ),
    "region_not_granted": Text(
        "行政区划“{value}”不在本单位的授权范围内",
        "Region “{value}” lies outside the regions granted to the agency",
    ),
    "field_unknown": Text(
        "没有“{value}”这个字段；请删除或改正字段名",
        "There is no field “{value}”; remove it or correct its name",
    ),
    "field_missing": Text("缺少必填字段", "This field is required"),
    "type_mismatch": Text("类型不符，应为{expected}", "Wrong type; expected {expected}"),
    "choice_unknown": Text("取值不在代码表内，可用：{expected}", "Not one of the allowed values: {expected}"),
    "money_invalid": Text(
        '金额应写作以元为单位的十进制文本，最多两位小数，如 "5000.00"',
        'Money is decimal text in yuan with at most two decimals, such as "5000.00"',
    ),
    "text_control_character": Text("含有控制字符，请清除", "The text holds a control character; remove it"),
    "text_damaged": Text(
        "文字已被错误的编码破坏（含替换符 U+FFFD），请从原系统重新导出",
        "The text was destroyed by a wrong encoding (it holds U+FFFD); export it again from its source",
    ),
    "text_too_long": Text("文字过长，最多{limit}个字符", "The text is too long; at most {limit} characters"),
    "text_empty": Text("文字为空；请填写或省略", "The text is empty; fill it in or leave it out"),
    "json_malformed": Text("这一行不是有效的 JSON 对象", "This line is not a valid JSON object"),
    "json_duplicate_member": Text("对象中字段重复：{value}", "The object repeats the member {value}"),
    "record_unknown": Text(
        "没有可更正或撤回的记录；请先以 upsert 报送",
        "There is no record to correct or withdraw; push it with upsert first",
    ),
    "effect_not_possible": Text(
        "效力状态不能由“{before}”变为“{after}”；如原陈述有误，请以 correct 更正",
        "The effect cannot go from {before} to {after}; if the statement was wrong, send it as a correction",
    ),
    "record_ambiguous": Text(
        "几个原机关以同一编号报送过记录；请在 /authority/uscc 写明原认定机关",
        "Several predecessors stated a record of this number; name the one that determined it in /authority/uscc",
    ),
    "producer_unconfirmed": Text(
        "不合格结果的标称生产者尚未确认；已暂存，在待定条目中确认或确认后重报即生效",
        "The named producer of a failed check is not confirmed; held until it is confirmed among the held items, or the"
        " record is sent again with confirmation",
    ),
    "producer_denied": Text(
        "标称生产者已否认该批次产品；已暂存，不计入其档案",
        "The named producer has denied these goods; held, and never entered into its file",
    ),
    "subject_uncertain": Text(
        "未能确定是哪一家企业；已暂存，在待定条目中选定企业或补充统一社会信用代码后重报即生效",
        "It is not certain which enterprise this is; held until one is chosen among the held items, or the record is sent"
        " again with the unified social credit code",
    ),
    "withdrawn_unfiled": Text(
        "记录尚未归入任何企业，已从待定条目中撤下",
        "The record was in no enterprise's file; it is taken out of the held items",
    ),
    "superseded": Text(
        "更晚接收的批次已写入此记录，本条较旧，不再生效",
        "A later batch has already written this record; this item is older",
    ),
}


_NAMED: Final = Text("“{title}”：{message}", "{own} ({title}): {message}")


def fault(code: str, field: str, language: Language, *, kind: str | None = None, **values: Any) -> Fault:
    """A fault with its text in a language, which begins with the official title of the column at fault.

    The title is the Chinese one in both languages, because the sheets bear it; `kind` says whose words to use.

    Raises:
        KeyError: the code is not in the registry.
    """
    message, title = FAULTS[code].to(language, **values), title_of(kind, field)
    if title is not None:
        message = _NAMED.to(language, title=title.zh, own=title.en, message=message)
    return Fault(code, _printable(field), _printable(message))


def _printable(text: str) -> str:
    # what a fault quotes may hold half a surrogate pair, which JSON can escape and UTF-8 cannot carry
    return text.encode("utf-8", "replace").decode()
