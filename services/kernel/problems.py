"""Errors of the API as problem details (RFC 9457): a stable code, and text in the reader's language.

Every problem is an entry of `PROBLEMS`; `docs/problems.md` publishes the registry. An edge raises `Problem("code")`;
the handlers here turn it, and what the framework raises itself, into an `application/problem+json` answer.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Send

from services.kernel.texts import Language, Text, choose

MEDIA_TYPE: Final = "application/problem+json"
log = structlog.get_logger(__name__)


class Entry(NamedTuple):
    """One kind of problem: its HTTP status, its title, and what the caller can do about it."""

    status: int
    title: Text
    cure: Text


def _entry(status: int, zh: str, en: str, cure_zh: str, cure_en: str) -> Entry:
    return Entry(status, Text(zh, en), Text(cure_zh, cure_en))


PROBLEMS: Final[dict[str, Entry]] = {
    "json_malformed": _entry(400, "正文不是有效的 JSON", "The body is not valid JSON",
        "在第 {position} 字节附近无法解析；检查是否被截断", "It cannot be read near byte {position}; see whether it was cut off"),
    "encoding_invalid": _entry(400, "正文不是有效的 UTF-8", "The body is not valid UTF-8",
        "第 {position} 字节无效；请以 UTF-8 编码重新导出", "Byte {position} is invalid; export the data as UTF-8"),
    "json_duplicate_member": _entry(400, "JSON 对象中字段重复", "A JSON object repeats a member",
        "字段“{member}”出现多次；每个字段只能出现一次", "Member “{member}” occurs more than once; send each member once"),
    "upload_incomplete": _entry(400, "上传未完成", "The upload broke off",
        "收到的字节少于声明的长度；请用同一 Idempotency-Key 重新上传",
        "Fewer bytes came than were announced; upload again with the same Idempotency-Key"),
    "parameter_unknown": _entry(400, "未知的查询参数", "Unknown query parameter",
        "没有参数“{name}”；请删除或改正", "There is no parameter “{name}”; remove it or correct its name"),
    "cursor_invalid": _entry(400, "游标无效", "The cursor is not valid",
        "请使用上一页 next 的值，且调用方与筛选条件不变", "Use the value of next of the previous page, as the same caller with the same filters"),
    "idempotency_key_missing": _entry(400, "缺少 Idempotency-Key", "Idempotency-Key is missing",
        "创建类请求须带 Idempotency-Key 头（1 至 200 个可见字符），重试时沿用同一值",
        "A request that creates needs the header Idempotency-Key (1 to 200 visible characters); keep it when you retry"),
    "parameter_invalid": _entry(422, "参数或字段取值无效", "A parameter or field is not valid",
        "逐项原因见 faults", "faults names each place and reason"),
    "token_missing": _entry(401, "缺少访问令牌", "No access token was sent",
        "请先在 /oauth2/token 取得令牌，并以 Authorization: Bearer 发送", "Obtain a token at /oauth2/token and send it as Authorization: Bearer"),
    "token_invalid": _entry(401, "访问令牌无效", "The access token is not valid",
        "请重新取得令牌", "Obtain a new token"),
    "token_expired": _entry(401, "访问令牌已过期", "The access token has expired",
        "请重新取得令牌；令牌有效期为五分钟", "Obtain a new token; tokens live five minutes"),
    "session_missing": _entry(401, "缺少会话", "No session was sent",
        "请先在 POST /v1/staff/sessions 登录，并以 Authorization: Bearer 发送会话令牌",
        "Log in at POST /v1/staff/sessions and send the session's token as Authorization: Bearer"),
    "session_invalid": _entry(401, "会话无效或已结束", "The session is not valid or has ended",
        "请重新登录", "Log in again"),
    "login_failed": _entry(401, "登录失败", "The login failed",
        "请核对用户名、口令和动态验证码；同一验证码只能使用一次",
        "Check username, password and code; a code works only once"),
    "session_stale": _entry(403, "会话不够新", "The session is not fresh",
        "此操作须在登录后十分钟内进行；请重新登录", "This act needs a login within the last ten minutes; log in again"),
    "role_missing": _entry(403, "角色无此权限", "The role does not allow this",
        "需要下列角色之一：{roles}", "One of these roles is needed: {roles}"),
    "scope_missing": _entry(403, "令牌缺少所需的权限范围", "The token lacks the needed scope",
        "需要 {scope}；请由本单位管理员核对授权", "{scope} is needed; ask your agency's administrator about its grants"),
    "grant_missing": _entry(403, "没有有效的授权", "No grant in force allows this",
        "请申请授权后再试", "Apply for a grant, then try again"),
    "step_not_yours": _entry(403, "此步骤应由其他机关办理", "This step is another agency's",
        "受理、延期、决定和更正由记录的提供单位办理，撤回由提出单位办理",
        "Acceptance, extension, decision and correction are the record provider's, retraction is the filing agency's"),
    "network_not_allowed": _entry(403, "不在凭证允许的网络内", "Not from a network of this credential",
        "该凭证只能从登记的网络地址使用；请由本单位管理员核对", "This credential works from its registered networks only; ask your agency's administrator"),
    "not_found": _entry(404, "没有找到", "Not found",
        "该资源不存在，或不在您的可见范围内", "There is no such resource, or none that you may see"),
    "acts_not_linkable": _entry(409, "这两条记录不能关联", "These two records cannot be linked",
        "须为同一企业档案中同一类别、均在用且参与评价的两条记录；同一违法行为的文书须指明以哪一份为准",
        "They must be two scored records in force of one kind in one file; of documents on one offence name the leading one"),
    "acts_decided": _entry(409, "已有与之相反或相同的认定", "A decision stands in the way",
        "这两条记录已有认定，或与其他认定矛盾；请先撤销原认定",
        "The two records are decided already, or other decisions contradict; undo those first"),
    "method_not_allowed": _entry(405, "不支持此方法", "Method not allowed",
        "允许的方法见 Allow 头", "The header Allow lists the methods"),
    "idempotency_key_in_flight": _entry(409, "同一 Idempotency-Key 的请求正在处理", "A request with this Idempotency-Key is being handled",
        "请按 Retry-After 稍后重试，仍用同一值", "Try again after Retry-After with the same key"),
    "access_request_decided": _entry(409, "该申请已答复", "The request has been answered",
        "答复只能作出一次；请查看申请的现状", "A request is answered once; read how it stands"),
    "epoch_forked": _entry(409, "交换日志已进入新纪元", "The journal has entered a new epoch",
        "您的游标超出分叉点；请从分叉点之前重新拉取", "Your cursor lies beyond the fork; pull again from before it"),
    "batch_incomplete": _entry(409, "批次尚在处理", "The batch is still being handled",
        "请按 Retry-After 稍后再取", "Ask again after Retry-After"),
    "remedy_open_already": _entry(409, "该记录已有同类事项在办", "A case of this type is open about the record",
        "请先查看在办事项，待其办结后再提出", "Look at the open case, and file again once it is closed"),
    "step_out_of_order": _entry(409, "当前状态下不能办理此步骤", "The case is not in a state for this step",
        "请重新读取该事项，按其当前状态办理", "Read the case again and go by its present state"),
    "extension_refused": _entry(409, "不能延期", "The period cannot be extended",
        "期限只能在届满前延长一次", "A period is extended once, before it has ended"),
    "record_is_your_own": _entry(409, "该记录由本单位提供", "The record is your own",
        "提供单位无须发起疑义校核，可直接更正或撤回", "Its provider asks nobody: correct or withdraw it"),
    "record_not_repairable": _entry(409, "该记录不适用信用修复", "The record cannot be repaired",
        "只有对企业不利且参与评价的记录可以修复；内容有误请提出异议",
        "Only a record that counts against the firm is repaired; if it is wrong, file an objection"),
    "repair_too_early": _entry(409, "尚未达到最短公示期", "The least time of publication is not over",
        "自 {earliest_on} 起可以申请", "It can be applied for from {earliest_on} on"),
    "not_in_territory": _entry(403, "不在本单位的登记辖区内", "Outside the territory and register of your agency",
        "合并、分立、承继、分支关系由原主体登记机关的执法人员录入",
        "Mergers, splits, successions and branches are entered where the first firms are registered"),
    "restructured_already": _entry(409, "该企业已因另一变更终止", "The firm has ceased by another act",
        "请先查看 /v1/restructurings；原录入有误的，先予撤销", "See /v1/restructurings; if the earlier entry is wrong, undo it first"),
    "restructuring_undone": _entry(409, "该变更已撤销", "The act has been undone",
        "撤销后不能再次撤销；需要时请重新录入", "It cannot be undone twice; enter it again where needed"),
    "held_item_decided": _entry(409, "该待定条目已处理", "The held item has been decided",
        "请重新读取该条目；如处理有误，先撤销原处理", "Read it again; if the decision was wrong, undo it first"),
    "held_item_undecided": _entry(409, "该待定条目没有可撤销的处理", "No decision that could be undone settled this item",
        "请重新读取该条目，按其当前状态办理", "Read it again and go by its present state"),
    "action_not_applicable": _entry(409, "该处理不适用于此待定条目", "This action does not fit the held item",
        "主体未定的可 assign 或 refuse；生产者未确认的可 confirm、deny 或 refuse",
        "An uncertain subject takes assign or refuse; an unconfirmed producer takes confirm, deny or refuse"),
    "notice_missing": _entry(409, "须先告知企业", "The firm has not been told",
        "等级下降须先告知并听取企业陈述；请先办理告知", "A firm that would lose is told first: take the step `notice`"),
    "response_pending": _entry(409, "企业陈述期限未满", "The firm may still respond",
        "企业陈述后，或陈述期限届满后方可决定", "Decide after its response, or after the last day of its period"),
    "grade_not_supported": _entry(409, "现有记录不支持该等级", "The file does not support this grade now",
        "记录已变动或处于异议中；请撤回后重新评定", "Records changed or are under objection: drop the proposal and open another cycle"),
    "record_unchanged": _entry(409, "记录尚未更正或撤回", "The record has not been corrected or withdrawn",
        "请先以 correct 或 withdraw 报送该记录，再确认办结", "Push the record with correct or withdraw first, then confirm"),
    "cursor_expired": _entry(410, "游标所指的变更已不再提供", "The changes behind the cursor are no longer served",
        "请先取快照，再从快照的游标继续", "Take a snapshot first and go on from its cursor"),
    "precondition_failed": _entry(412, "内容已被他人更改", "It has changed since you read it",
        "请重新读取，核对后以新的 ETag 重试", "Read it again, look at what changed, and send the new ETag"),
    "body_too_large": _entry(413, "正文过大", "The body is too large",
        "上限为 {limit} 字节；请分批报送或使用 NDJSON", "The limit is {limit} bytes; send several batches, or NDJSON"),
    "media_type_unsupported": _entry(415, "不支持的内容类型", "Unsupported content type",
        "请使用 JSON、NDJSON、CSV（text/csv）或 .xlsx 的内容类型",
        "Use the type of JSON, NDJSON, CSV (text/csv) or .xlsx"),
    "sheet_gone": _entry(410, "表格原件已删除", "The file of this sheet was deleted",
        "原件自批次完成起保存 {days} 天；请由本单位存档的原件重新报送", "Files are kept {days} days after completion; push your own copy again"),
    "sheet_too_large": _entry(413, "表格过大", "The sheet is too large",
        "解压后、行列范围或读取时间超出上限；请删除空行空列，分批报送，或改用 CSV、NDJSON",
        "Unpacked, in its range of cells or in the time to read it, it is beyond the limits: delete empty rows and columns, split it, or use CSV or NDJSON"),
    "sheet_unreadable": _entry(422, "表格无法读取", "The sheet cannot be read",
        "文件不是 .xlsx 或 CSV，或已损坏、被截断；请在表格软件中打开后另存为 .xlsx 再报送",
        "It is no .xlsx or CSV, is damaged or cut off; open it in a spreadsheet program and save it again as .xlsx"),
    "sheet_encrypted": _entry(422, "表格已加密", "The workbook is locked with a password",
        "请取消密码后再报送", "Take the password off and push it again"),
    "sheet_active_content": _entry(422, "表格含有宏、外部链接或嵌入对象", "The workbook holds macros, links to other files or embedded objects",
        "请将单元格以数值粘贴到新工作簿，另存为 .xlsx 再报送", "Copy the cells as values into a new workbook and save it as .xlsx"),
    "sheet_header_missing": _entry(422, "表格缺少必需的列", "The sheet lacks a header or required columns",
        "请用 /v1/catalogue/{kind}/template 的模板；缺少的列见 faults",
        "Use the template of /v1/catalogue/{kind}/template; faults names the missing columns"),
    "idempotency_key_reused": _entry(422, "Idempotency-Key 已用于另一正文", "The Idempotency-Key was used with another body",
        "内容不同的请求请换用新的 Idempotency-Key", "Use a new Idempotency-Key for other content"),
    "administration_refused": _entry(422, "管理操作不能执行", "The administrative act cannot be done",
        "原因见 faults", "faults says why"),
    "uscc_invalid": _entry(422, "统一社会信用代码无效", "Not a valid unified social credit code",
        "请核对代码；原因见 faults", "Check the code; faults says what is wrong"),
    "login_locked": _entry(429, "登录尝试过多，暂时锁定", "Too many failed logins; locked for a while",
        "请按 Retry-After 稍后再试", "Wait for Retry-After"),
    "package_invalid": _entry(422, "离线包无效", "The package is not valid",
        "签名、收件平台、日期（90 天内）、内容摘要或加密与清单不符，或凭证已失效；请由报送单位重新打包",
        "Its signature, platform, date (within 90 days), digest or seal does not hold, or its credential has ended; let the agency pack it again"),
    "precondition_required": _entry(428, "缺少 If-Match", "If-Match is missing",
        "请先读取该资源，并以其 ETag 作为 If-Match 发送", "Read the resource first and send its ETag as If-Match"),
    "rate_limited": _entry(429, "请求过于频繁", "Too many requests",
        "请按 Retry-After 稍后再试", "Wait for Retry-After"),
    "access_log_unavailable": _entry(503, "查阅日志暂不可写，暂停限制类字段的读取", "The access log cannot be written, so restricted reads are suspended",
        "请按 Retry-After 稍后再试；不带用途头的读取不受影响", "Wait for Retry-After; reads without a stated purpose go on"),
    "internal_error": _entry(500, "服务内部错误", "Internal error",
        "请稍后重试，并向管理员提供 request_id", "Try again later and give the administrator the request_id"),
    "service_unavailable": _entry(503, "服务暂不可用", "Service unavailable",
        "请按 Retry-After 稍后再试", "Wait for Retry-After"),
    "policy_stale": _entry(503, "授权信息过期，暂停服务", "The access policy is stale, so access is suspended",
        "授权服务恢复后自动恢复，请稍后再试", "Service resumes by itself when the policy can be read again"),
}  # fmt: skip


class Problem(Exception):  # noqa: N818 - named after RFC 9457, whose documents it carries
    """A refusal with a code of the registry; `values` fill its text, `faults` name the places."""

    def __init__(
        self,
        code: str,
        *,
        faults: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.entry = PROBLEMS[code]
        self.faults = list(faults)
        self.headers = dict(headers or {})
        self.values = values
        if self.entry.status == 401:
            error = (
                ""
                if code in ("token_missing", "session_missing")
                else f' error="invalid_token", error_description="{code}"'
            )
            self.headers.setdefault(
                "WWW-Authenticate", f'Bearer realm="zhixin"{"," + error if error else ""}'
            )

    def body(self, *, language: Language, instance: str, request_id: str) -> bytes:
        """The problem document as JSON in UTF-8."""
        document = {
            "type": f"/problems/{self.code}",
            "title": self.entry.title.to(language),
            "status": self.entry.status,
            "code": self.code,
            "detail": self.entry.cure.to(language, **self.values)
            if self.values
            else self.entry.cure.to(language),
            "instance": instance,
            "request_id": request_id,
            "faults": self.faults,
        }
        return json.dumps(document, ensure_ascii=False).encode()


def respond(request: Request, problem: Problem) -> Response:
    """The problem as an answer to a request, in the caller's language."""
    language = choose(request.headers.get("accept-language"))
    body = problem.body(
        language=language, instance=request.url.path, request_id=request.scope.get("zhixin.request_id", "")
    )
    headers = {**problem.headers, "Content-Language": "zh-CN" if language == "zh" else "en"}
    return Response(body, status_code=problem.entry.status, headers=headers, media_type=MEDIA_TYPE)


async def send_problem(
    send: Send,
    problem: Problem,
    *,
    path: str,
    language: str | None,
    request_id: str,
    more: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """The problem as an answer where no framework stands between; `language` is the caller's `Accept-Language`, `more` are
    headers that every answer to the request has."""
    chosen = choose(language)
    body = problem.body(language=chosen, instance=path, request_id=request_id)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"content-language", b"zh-CN" if chosen == "zh" else b"en"),
        (b"x-request-id", request_id.encode()),
        *((name.lower().encode(), value.encode()) for name, value in problem.headers.items()),
        *more,
    ]
    await send({"type": "http.response.start", "status": problem.entry.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def install(app: FastAPI) -> None:
    """Answer every error of an application with a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(Exception, _on_failure)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - narrows the type that the framework erases
    return respond(request, error)


async def _on_disconnect(request: Request, _: Exception) -> Response:
    return respond(request, Problem("upload_incomplete"))


_BY_STATUS: Final = {401: "token_missing", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - narrows the type that the framework erases
    code = _BY_STATUS.get(
        error.status_code, "json_malformed" if error.status_code < 500 else "internal_error"
    )
    values = (
        {"limit": "?"} if code == "body_too_large" else {"position": 0} if code == "json_malformed" else {}
    )
    return respond(request, Problem(code, headers=error.headers, **values))


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - narrows the type that the framework erases
    faults = []
    for found in error.errors():
        place, *path = found["loc"]
        if found["type"] == "json_invalid":
            return respond(request, Problem("json_malformed", position=path[0] if path else 0))
        if place == "query" and found["type"] == "extra_forbidden":
            return respond(request, Problem("parameter_unknown", name=path[0]))
        pointer = (
            "/" + "/".join(str(step) for step in path)
            if place == "body"
            else f"{place}:{'.'.join(map(str, path))}"
        )
        faults.append({"code": found["type"], "field": pointer, "message": found["msg"]})
    return respond(request, Problem("parameter_invalid", faults=faults))


async def _on_failure(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=request.url.path, exc_info=error)
    return respond(request, Problem("internal_error"))
