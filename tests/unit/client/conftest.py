# The client is tested from outside: pure parts by examples and laws, the rest as typed commands against a small
# foreign platform that speaks HTTP on a real socket (the real one has its own tests, and the two meet in acceptance).

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator

import jwt
import msgspec
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typer.testing import CliRunner, Result

from services.exchange.client.catalogue import Entry
from services.exchange.client.cli import app

CATALOGUE = [
    {
        "kind": "enterprise_registration",
        "name": {"zh": "企业登记", "en": "Enterprise registration"},
        "columns": [
            {"path": "/source_record_id", "required": True, "headers": ["source_record_id"]},
            {"path": "/subject/uscc", "required": True, "headers": ["统一社会信用代码", "uscc"]},
            {"path": "/subject/name", "required": True, "headers": ["企业名称", "name"]},
            {"path": "/region", "headers": ["行政区划代码"]},
            {"path": "/occurred_on", "type": "date", "required": True, "headers": ["注册日期"]},
            {"path": "/details/enterprise_type", "headers": ["企业类型"]},
            {"path": "/details/registered_capital", "headers": ["注册资金"]},
            {"path": "/details/business_scope", "headers": ["经营范围"]},
            {"path": "/details/province", "headers": ["所在省份"]},
            {"path": "/details/city", "headers": ["地区"]},
            {"path": "/details/address", "headers": ["注册地址"]},
        ],
    },
    {
        "kind": "administrative_penalty",
        "name": {"zh": "行政处罚", "en": "Administrative penalty"},
        "document_number_required": True,
        "columns": [
            {"path": "/source_record_id", "required": True, "headers": ["记录编号"]},
            {"path": "/subject/uscc", "required": True, "headers": ["统一社会信用代码", "CF_XDR_SHXYM"]},
            {"path": "/subject/name", "required": True, "headers": ["行政相对人名称"]},
            {"path": "/document_number", "required": True, "headers": ["行政处罚决定书文号"]},
            {"path": "/occurred_on", "type": "date", "required": True, "headers": ["处罚决定日期"]},
            {"path": "/details/fine_amount", "type": "money", "headers": ["罚款金额", "CF_NR_FK(万元)"]},
            {
                "path": "/details/penalty_types",
                "type": "list",
                "headers": ["处罚类别"],
                "values": ["warning", "fine"],
                "labels": {"warning": "警告", "fine": "罚款"},
            },
            {"path": "/parties/0/subject/name", "headers": ["生产者名称"]},
        ],
    },
]


@pytest.fixture
def catalogue() -> list[Entry]:
    return msgspec.convert(CATALOGUE, list[Entry])


class ReceiptKey:
    """A key pair of ES256 with its public JWK."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self.private = generate_private_key(SECP256R1())
        numbers = self.private.public_key().public_numbers()
        x, y = (
            base64.urlsafe_b64encode(part.to_bytes(32, "big")).rstrip(b"=").decode()
            for part in (numbers.x, numbers.y)
        )
        self.public = {"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y}

    def sign(self, claims: dict, **header: object) -> str:
        return jwt.encode(
            claims, self.private, algorithm="ES256", headers={"typ": "receipt+jws", "kid": self.kid} | header
        )


@pytest.fixture
def receipt_key() -> ReceiptKey:
    return ReceiptKey("r1")


class Platform:
    """A foreign platform as small as the contract allows: it refuses codes that have not 18 characters."""

    def __init__(self) -> None:
        self.key = ReceiptKey("r1")
        self.base_url = ""
        self.agency_key = generate_private_key(SECP256R1())
        self.answers: dict[str, tuple[int, dict, bytes]] = {}
        self.batches: dict[str, dict] = {}
        self.verdicts: dict[str, bytes] = {}
        self.pages: list[bytes] = []
        self.refusals: list[tuple[int, str]] = []
        self.cut: int = 0
        self.posts: list[tuple[str, bytes]] = []
        self.languages: set[str] = set()
        self.tokens = 0
        self.polls = 0

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/oauth-authorization-server", self.metadata),
                Route("/.well-known/receipt-keys.json", self.keys),
                Route("/oauth2/token", self.token, methods=["POST"]),
                Route("/v1/catalogue", self.catalogue),
                Route("/v1/batches", self.push, methods=["POST"]),
                Route("/v1/batches/{id}", self.batch),
                Route("/v1/batches/{id}/items", self.items),
                Route("/v1/changes", self.changes),
                Route("/v1/enterprises/{code}/grade", self.grade),
                Route("/v1/grades/lookup", self.grades, methods=["POST"]),
            ]
        )

    async def metadata(self, request: Request) -> Response:
        return JSONResponse(
            {"issuer": "https://issuer.example", "token_endpoint": "https://elsewhere.example/oauth2/token"}
        )

    async def keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.key.public]})

    async def token(self, request: Request) -> Response:
        form = await request.form()
        basic = "Basic " + base64.b64encode(b"a+b%3A1:s%2F1").decode()
        good = request.headers.get("authorization") == basic
        if "client_assertion" in form:
            claims = jwt.decode(
                form["client_assertion"],
                self.agency_key.public_key(),
                ["ES256"],
                audience="https://issuer.example",
            )
            good = claims["exp"] - claims["iat"] == 60 and claims["iss"] == claims["sub"] == form["client_id"]
        if not good:
            return JSONResponse({"error": "invalid_client"}, 401)
        self.tokens += 1
        return JSONResponse(
            {
                "access_token": f"t{self.tokens}",
                "token_type": "Bearer",
                "expires_in": 300,
                "scope": "batches:write",
            }
        )

    def refused(self, request: Request) -> Response | None:
        self.languages.add(request.headers.get("accept-language", ""))
        if request.headers.get("authorization") != f"Bearer t{self.tokens}":
            return problem(401, "token_missing")
        if self.refusals:
            return problem(*self.refusals.pop(0))
        return None

    async def catalogue(self, request: Request) -> Response:
        return self.refused(request) or JSONResponse({"items": CATALOGUE, "next": None})

    async def push(self, request: Request) -> Response:
        body = await request.body()
        if (refusal := self.refused(request)) is not None:
            return refusal
        key, dry = request.headers["idempotency-key"], request.query_params.get("dry_run") == "true"
        self.posts.append((key, body))
        if key not in self.answers:
            self.answers[key] = self.judge(key, body, request.headers["content-type"])
        status, headers, answer = self.answers[key]
        if dry:
            self.answers.pop(key)
            answer = json.dumps(
                json.loads(answer) | {"id": None, "status": "dry_run", "items_url": None, "receipt": None}
            ).encode()
        if self.cut:
            self.cut -= 1
            return Response(b"{", status, {"content-length": str(len(answer))})
        return Response(answer, status, headers, "application/json")

    def judge(self, key: str, body: bytes, content_type: str) -> tuple[int, dict, bytes]:
        if content_type == "application/json":
            records = json.loads(body)["records"]
        else:
            records = [json.loads(line) for line in body.splitlines()]
        verdicts = [self.verdict(index, record) for index, record in enumerate(records)]
        rejected = sum(verdict["verdict"] == "rejected" for verdict in verdicts)
        counts = {"total": len(records), "accepted": len(records) - rejected, "unchanged": 0, "held": 0}
        counts["rejected"] = rejected
        name = f"b{len(self.batches) + 1}"
        self.verdicts[name] = b"".join(json.dumps(verdict).encode() + b"\n" for verdict in verdicts)
        claims = {
            "iss": "https://issuer.example",
            "sub": "industry_commerce-430000",
            "jti": name,
            "iat": 1780000000,
            "batch": name,
            "idempotency_key": key,
            "body_sha256": hashlib.sha256(body).hexdigest(),
            "verdicts_sha256": hashlib.sha256(self.verdicts[name]).hexdigest(),
            "counts": counts,
        }
        self.batches[name] = {
            "id": name,
            "status": "completed",
            "counts": counts,
            "receipt": self.key.sign(claims),
        }
        self.batches[name]["items_url"] = f"https://elsewhere.example/v1/batches/{name}/items"
        if len(records) <= 1000:
            return 200, {}, json.dumps(self.batches[name] | {"items": verdicts}).encode()
        accepted = {"id": name, "status": "accepted", "counts": {"total": None, "accepted": 0}}
        headers = {"location": f"/v1/batches/{name}", "retry-after": "0"}
        return 202, headers, json.dumps(accepted).encode()

    def verdict(self, index: int, record: dict) -> dict:
        code = record.get("subject", {}).get("uscc", "")
        faults = (
            []
            if len(code) == 18
            else [{"code": "uscc_length", "field": "/subject/uscc", "message": "应为18位"}]
        )
        faults += [
            {"code": "field_unknown", "field": f"/{name}", "message": "没有这个字段"}
            for name in record
            if "column" in name
        ]
        name = "rejected" if faults else "accepted"
        return {
            "index": index,
            "source_record_id": record.get("source_record_id"),
            "verdict": name,
            "faults": faults,
        }

    async def batch(self, request: Request) -> Response:
        self.polls += 1
        if self.polls == 1:
            return JSONResponse(
                {
                    "id": request.path_params["id"],
                    "status": "processing",
                    "counts": {"total": None, "accepted": 1},
                },
                headers={"retry-after": "0"},
            )
        return self.refused(request) or JSONResponse(self.batches[request.path_params["id"]])

    async def items(self, request: Request) -> Response:
        return Response(self.verdicts[request.path_params["id"]], media_type="application/x-ndjson")

    async def changes(self, request: Request) -> Response:
        if (refusal := self.refused(request)) is not None:
            return refusal
        return Response(
            self.pages[int(request.query_params.get("after", "0"))], media_type="application/x-ndjson"
        )

    async def grade(self, request: Request) -> Response:
        return self.refused(request) or JSONResponse(grade_of(request.path_params["code"]))

    async def grades(self, request: Request) -> Response:
        codes = (await request.json())["codes"]
        return JSONResponse(
            {"items": [{"uscc": code, "found": True, "grade": grade_of(code)} for code in codes]}
        )


def grade_of(code: str) -> dict:
    return {
        "uscc": code,
        "name": "演示企业",
        "grade": "A",
        "score": "80.00",
        "on": "2026-11-20",
        "rulebook": "2026-01",
    }


def problem(status: int, code: str) -> Response:
    content = {"type": f"/problems/{code}", "title": code, "status": status, "code": code, "request_id": "q1"}
    return JSONResponse(content, status, {"retry-after": "0"}, "application/problem+json")


@pytest.fixture
def platform() -> Iterator[Platform]:
    standing = Platform()
    config = uvicorn.Config(
        standing.app(), host="127.0.0.1", port=0, log_level="critical", ws="none", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.005)
    standing.base_url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield standing
    server.should_exit = True
    thread.join()


class Agency:
    """Types `zhixin agency …`."""

    def __init__(self, home: str, base_url: str) -> None:
        self.home, self.base_url = home, base_url
        self.environment = {"ZHIXIN_AGENCY_HOME": home, "ZHIXIN_CLIENT_SECRET": "s/1", "LANG": "zh_CN.UTF-8"}

    def run(self, *arguments: object, stdin: str | None = None) -> Result:
        return CliRunner(env=self.environment).invoke(
            app, [str(argument) for argument in arguments], input=stdin
        )

    def log_in(self, *more: object) -> Result:
        return self.run("login", "--base-url", self.base_url, "--client-id", "a b:1", *more)


@pytest.fixture
def agency(tmp_path, platform: Platform) -> Agency:
    return Agency(str(tmp_path / "home"), platform.base_url)


@pytest.fixture
def logged_in(agency: Agency) -> Agency:
    result = agency.log_in()
    assert result.exit_code == 0, result.output
    return agency
