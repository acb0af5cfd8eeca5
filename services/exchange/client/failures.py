"""What ends a command of the agency client with exit code 1, each with a cure where there is one."""

from typing import Any


class AgencyError(Exception):
    """The command cannot be completed; `message` says why, `cure` what to do (may be empty)."""

    code = "failed"

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure


class NotLoggedInError(AgencyError):
    """There is no usable profile."""

    code = "not_logged_in"


class UnreachableError(AgencyError):
    """The platform did not answer, or stayed busy, for as long as the client was willing to try."""

    code = "unreachable"


class MalformedAnswerError(AgencyError):
    """The platform answered something that is not of its contract."""

    code = "answer_malformed"


class UnreadableFileError(AgencyError):
    """The file cannot be read as a table or as records at all; `code` says of what sort the reason is."""

    def __init__(self, message: str, cure: str = "", code: str = "file_unreadable") -> None:
        super().__init__(message, cure)
        self.code = code


class IncompleteMappingError(AgencyError):
    """The headers of a table do not say which kind it holds, or leave a required field without a column."""

    code = "mapping_incomplete"


class BrokenCoverageError(AgencyError):
    """A page does not join the one before it, so something may have been missed."""

    code = "coverage_broken"


class InvalidReceiptError(AgencyError):
    """A receipt does not prove what it is said to prove."""

    code = "receipt_invalid"


class RefusedError(AgencyError):
    """The platform refused a request: an RFC 9457 problem, or an OAuth error of RFC 6749.

    `status` is the HTTP status, `problem` the whole answer, so that what it adds (faults, fork) can be shown.
    """

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        code = problem.get("code") or problem.get("error") or f"http_{status}"
        title = problem.get("title") or ""
        detail = problem.get("detail") or problem.get("error_description") or ""
        text = ": ".join(part for part in (str(title), str(detail)) if part) or "the request was refused"
        request = f", request {problem['request_id']}" if problem.get("request_id") else ""
        super().__init__(f"{text} ({code}, HTTP {status}{request})", _CURES.get(str(code), ""))
        self.status = status
        self.code = str(code)
        self.problem = problem


_CURES = {
    "invalid_client": "check the client id and the secret, or issue a new credential, then log in again",
    "idempotency_key_reused": "this key was used for another body: push with another --idempotency-key",
    "body_too_large": "split the file and push its parts",
    "scope_missing": "the credential lacks the scope: ask the platform's administrator for it",
    "cursor_expired": (
        "the changes after this cursor are no longer served: load a snapshot of the platform and pull on from its "
        "cursor with --after; without one, pull everything that is still served with --from-start into a new file"
    ),
    "cursor_invalid": "the cursor is not one of this caller: give another --after, or --from-start",
}
