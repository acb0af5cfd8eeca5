import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.exchange.client.connection import accepted_language
from services.exchange.client.limits import DEFAULT
from services.exchange.client.workbook import Workbook
from services.kernel import uscc
from tests.sheets import workbook

CODE = uscc.make("91430102", "KXD00001")
HEADER = "企业名称,统一社会信用代码,注册日期,法人代表,注册地址\n"


def sheet(tmp_path: Path, count: int = 3, *, broken: int = 0, name: str = "register.csv") -> Path:
    lines = [
        f"演示{n}有限公司,{uscc.make('91430102', f'KXD{n:05d}')},2001-03-04,张演示,演示路{n}号\n"
        for n in range(count)
    ]
    lines += [f"演示坏{n}有限公司,9143{n},2001-03-04,,\n" for n in range(broken)]
    path = tmp_path / name
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def result_of(run) -> dict:
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


# --- login


def test_login_proves_the_secret_and_keeps_it_private(agency):
    run = agency.log_in()
    kept = Path(agency.home) / "agency.json"
    assert run.exit_code == 0
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(agency.home).stat().st_mode) == 0o700
    assert "s/1" not in run.output


def test_login_with_a_wrong_secret_stores_nothing(agency):
    agency.environment["ZHIXIN_CLIENT_SECRET"] = "wrong"
    run = agency.log_in()
    assert run.exit_code == 1
    assert "invalid_client" in run.stderr
    assert not (Path(agency.home) / "agency.json").exists()


def test_login_with_a_private_key(agency, platform, tmp_path):
    pem = tmp_path / "key.pem"
    pem.write_bytes(platform.agency_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert agency.log_in("--private-key", pem).exit_code == 0


def test_login_sends_no_secret_in_clear_to_another_machine(agency):
    agency.base_url = "http://credit.example"
    run = agency.log_in()
    assert run.exit_code == 1
    assert "in clear" in run.stderr


def test_two_profiles_stand_beside_each_other(logged_in):
    logged_in.log_in("--profile", "second")
    assert set(json.loads((Path(logged_in.home) / "agency.json").read_text())["profiles"]) == {
        "default",
        "second",
    }


def test_without_a_profile_the_cure_is_named(agency, tmp_path):
    run = agency.run("push", sheet(tmp_path))
    assert run.exit_code == 1
    assert "zhixin agency login" in run.stderr


@pytest.mark.parametrize(
    ("lang", "asked"),
    [("zh_CN.UTF-8", "zh-CN"), ("en_GB.UTF-8", "en-GB"), ("C", "zh-CN"), ("C.UTF-8", "zh-CN"), ("", "zh-CN")],
)
def test_the_language_asked_for_is_the_computers(lang: str, asked: str):
    assert accepted_language(lang) == asked


# --- push


def test_push_of_a_small_table(logged_in, platform, tmp_path):
    result = result_of(logged_in.run("push", sheet(tmp_path), "--json"))
    assert result["counts"] == {"total": 3, "accepted": 3, "unchanged": 0, "held": 0, "rejected": 0}
    assert "张演示" not in platform.posts[0][1].decode()


def test_the_caller_language_reaches_the_platform(logged_in, platform, tmp_path):
    logged_in.run("push", sheet(tmp_path))
    assert platform.languages == {"zh-CN"}


def test_push_again_sends_the_same_key_and_bytes_and_gets_the_same_receipt(logged_in, platform, tmp_path):
    path = sheet(tmp_path)
    logged_in.run("push", path, "--receipt", tmp_path / "one")
    logged_in.run("push", path, "--receipt", tmp_path / "two")
    assert platform.posts[0] == platform.posts[1]
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_rejected_rows_are_said_clearly_with_their_row_of_the_file(logged_in, tmp_path):
    run = logged_in.run("push", sheet(tmp_path, 2, broken=1))
    assert run.exit_code == 0
    assert "REJECTED" in run.stdout
    rejected = result_of(logged_in.run("push", sheet(tmp_path, 2, broken=1), "--json"))["rejected"]
    assert [(item["row"], item["faults"][0]["code"]) for item in rejected] == [(4, "uscc_length")]


def test_a_large_table_is_one_ndjson_batch_followed_to_its_end(logged_in, platform, tmp_path):
    path = sheet(tmp_path, 1200, broken=2)
    result = result_of(logged_in.run("push", path, "--json", "--verdicts", tmp_path / "verdicts"))
    assert len(platform.posts) == 1
    assert result["counts"]["accepted"] == 1200
    assert [item["row"] for item in result["rejected"]] == [1202, 1203]
    assert len((tmp_path / "verdicts").read_bytes().splitlines()) == 1202


def test_an_answer_that_breaks_off_is_asked_for_again_under_the_same_key(logged_in, platform, tmp_path):
    platform.cut = 1
    result = result_of(logged_in.run("push", sheet(tmp_path), "--json"))
    assert result["counts"]["accepted"] == 3
    assert platform.posts[0] == platform.posts[1]


@pytest.mark.parametrize(
    "refusal", [(409, "idempotency_key_in_flight"), (429, "rate_limited"), (503, "policy_stale")]
)
def test_a_busy_platform_is_waited_for(logged_in, platform, tmp_path, refusal):
    platform.refusals = [refusal, refusal]
    assert logged_in.run("push", sheet(tmp_path)).exit_code == 0


def test_an_expired_token_is_renewed_once(logged_in, platform, tmp_path):
    platform.refusals = [(401, "token_expired")]
    assert logged_in.run("push", sheet(tmp_path)).exit_code == 0


def test_a_refusal_is_final_and_names_its_cure(logged_in, platform, tmp_path):
    path = tmp_path / "records.json"
    path.write_text('{"records": []}')
    platform.refusals = [(422, "idempotency_key_reused")]
    run = logged_in.run("push", path)
    assert run.exit_code == 1
    assert "idempotency_key_reused" in run.stderr
    assert "another --idempotency-key" in run.stderr


def test_a_push_interrupted_while_processing_goes_on_without_sending_again(logged_in, platform, tmp_path):
    path = sheet(tmp_path, 1200)
    platform.polls = 1
    platform.refusals = []
    key_rotation, platform.key.public = (
        platform.key.public,
        {"kid": "r1", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    )
    assert logged_in.run("push", path).exit_code == 1
    platform.key.public = key_rotation
    assert logged_in.run("push", path).exit_code == 0
    assert len(platform.posts) == 1


def test_a_receipt_by_an_exchanged_key_is_an_alarm(logged_in, platform, tmp_path):
    platform.key.public = platform.key.public | {"x": "AA"}
    run = logged_in.run("push", sheet(tmp_path))
    assert run.exit_code == 1
    assert "another key" in run.stderr


def test_dry_run_shows_the_mapping_and_the_first_faults_and_stores_nothing(logged_in, platform, tmp_path):
    run = logged_in.run("push", sheet(tmp_path, 1, broken=1), "--dry-run")
    assert run.exit_code == 0
    assert "names a person" in run.stdout
    assert "uscc_length" in run.stdout
    assert platform.answers == {}


def test_a_mapping_is_kept_in_a_file_and_used_again(logged_in, platform, tmp_path):
    path, kept = tmp_path / "table.csv", tmp_path / "mapping.json"
    path.write_text(f"厂名,统一社会信用代码,注册日期\n演示有限公司,{CODE},2001-03-04\n", encoding="utf-8")
    by_hand = result_of(
        logged_in.run(
            "push", path, "--dry-run", "--map", "厂名=/subject/name", "--save-mapping", kept, "--json"
        )
    )
    by_file = result_of(logged_in.run("push", path, "--dry-run", "--mapping", kept, "--json"))
    assert by_file["mapping"] == by_hand["mapping"]
    assert {field["header"]: field["path"] for field in by_file["mapping"][0]["fields"]}[
        "厂名"
    ] == "/subject/name"


def test_a_file_that_is_no_mapping_says_what_to_do(logged_in, tmp_path):
    path, kept = sheet(tmp_path, 1), tmp_path / "mapping.json"
    kept.write_text("[]")
    run = logged_in.run("push", path, "--mapping", kept)
    assert (run.exit_code, "--save-mapping" in run.stderr) == (1, True)


def test_rejected_rows_of_a_workbook_are_said_with_their_sheet(logged_in, tmp_path):
    header = ["企业名称", "统一社会信用代码", "注册日期"]
    path = tmp_path / "table.xlsx"
    path.write_bytes(
        workbook(
            ("一", [header, ["甲", "1", "2001.3.4"]]), ("二", [["标题"], header, ["乙", "2", "2001.3.4"]])
        ).getvalue()
    )
    result = result_of(logged_in.run("push", path, "--json"))
    assert [(item["sheet"], item["row"]) for item in result["rejected"]] == [("一", 2), ("二", 3)]


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_copy_has_the_faults_in_their_rows_and_goes_in_corrected(logged_in, platform, tmp_path, dry):
    header = ["企业名称", "统一社会信用代码", "注册日期"]
    path, copy = tmp_path / "table.xlsx", tmp_path / "copy.xlsx"
    path.write_bytes(
        workbook(("登记", [["登记表"], header, ["甲", CODE, "2001.3.4"], ["乙", "2", "2001.3.4"]])).getvalue()
    )
    result_of(logged_in.run("push", path, "--annotate", copy, "--json", *dry))
    with copy.open("rb") as file:
        cells = [row.cells for row in Workbook(file, DEFAULT).rows("登记")]
    assert cells[0] == ["", "", "登记表", "", ""]
    assert cells[1] == ["质信处理结果", "质信差错说明", *header]
    assert cells[3][:2] == ["拒收", "统一社会信用代码：应为18位"]
    again = result_of(logged_in.run("push", copy, "--json", "--accept-mapping"))
    assert [item["row"] for item in again["rejected"]] == [4]


def test_the_copy_of_a_csv_may_be_a_workbook_but_not_the_other_way(logged_in, tmp_path):
    copy, back = tmp_path / "copy.xlsx", tmp_path / "copy.csv"
    result_of(logged_in.run("push", sheet(tmp_path, 1, broken=1), "--annotate", copy, "--json"))
    run = logged_in.run("push", copy, "--annotate", back)
    assert (run.exit_code, "copy.xlsx" in run.stderr) == (1, True)


def test_a_required_field_without_a_column_stops_the_push(logged_in, platform, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("企业名称,注册日期\n演示有限公司,2001-03-04\n", encoding="utf-8")
    run = logged_in.run("push", path, "--kind", "enterprise_registration")
    assert run.exit_code == 1
    assert "/subject/uscc" in run.stderr
    assert platform.posts == []


def test_accepted_mappings_are_pushed_and_the_platform_refuses_each_row(logged_in, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("企业名称,注册日期\n演示有限公司,2001-03-04\n", encoding="utf-8")
    run = logged_in.run("push", path, "--kind", "enterprise_registration", "--accept-mapping", "--json")
    assert result_of(run)["counts"]["rejected"] == 1


def test_ndjson_is_sent_as_it_is(logged_in, platform, tmp_path):
    content = b'{"subject": {"uscc": "914301021KXD00001"}}\n{"subject": {"uscc": "91430102KXD000001X"} }\n'
    path = tmp_path / "records.ndjson"
    path.write_bytes(content)
    result = result_of(logged_in.run("push", path, "--json"))
    assert platform.posts[0][1] == content
    assert [item["row"] for item in result["rejected"]] == [1]


def test_a_bare_list_of_records_is_put_into_a_batch(logged_in, platform, tmp_path):
    path = tmp_path / "records.json"
    path.write_text('[{"a": 1.50,\n "subject": {}}]')
    logged_in.run("push", path)
    assert platform.posts[0][1] == b'{"records":[{"a": 1.50,  "subject": {}}]}'


def test_a_json_file_is_judged_by_the_platform_not_by_the_client(logged_in, platform, tmp_path):
    content = b'{"records": [{"a": 1, "a": 2}'
    path = tmp_path / "records.json"
    path.write_bytes(content)
    platform.refusals = [(400, "json_malformed")]
    run = logged_in.run("push", path)
    assert run.exit_code == 1
    assert "json_malformed" in run.stderr


def test_a_malformed_option_is_a_usage_error(logged_in, tmp_path):
    assert logged_in.run("push", sheet(tmp_path), "--map", "nonsense").exit_code == 2


# --- verify


def test_a_receipt_verifies_offline_against_the_table_it_was_made_of(logged_in, tmp_path):
    path = sheet(tmp_path, 1200)
    logged_in.run("push", path, "--receipt", tmp_path / "r", "--verdicts", tmp_path / "v")
    logged_in.base_url = "http://127.0.0.1:9"
    run = logged_in.run("verify", tmp_path / "r", "--body", path, "--verdicts", tmp_path / "v", "--json")
    assert result_of(run)["checked"] == ["signature", "body", "verdicts"]


def test_a_receipt_does_not_hold_for_a_changed_table(logged_in, tmp_path):
    path = sheet(tmp_path)
    logged_in.run("push", path, "--receipt", tmp_path / "r")
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert logged_in.run("verify", tmp_path / "r", "--body", path).exit_code == 1


def test_a_receipt_verifies_with_keys_from_a_file_and_the_raw_body(agency, receipt_key, tmp_path):
    body = tmp_path / "body.json"
    body.write_bytes(b'{"records":[]}')
    claims = {"iss": "i", "sub": "s", "jti": "j", "iat": 1, "batch": "b", "idempotency_key": "k"}
    claims |= {"body_sha256": "7f3c2a", "verdicts_sha256": "0", "counts": {"total": 0}}
    (tmp_path / "keys").write_text(json.dumps({"keys": [receipt_key.public]}))
    (tmp_path / "r").write_text(receipt_key.sign(claims))
    assert agency.run("verify", tmp_path / "r", "--keys", tmp_path / "keys").exit_code == 0
    run = agency.run("verify", tmp_path / "r", "--keys", tmp_path / "keys", "--body", body)
    assert run.exit_code == 1
    assert "another body" in run.stderr


# --- pull


def event(seq: int) -> bytes:
    return json.dumps(
        {"id": f"e{seq}", "seq": seq, "epoch": 1, "data": {"name": "演示\u2028公司"}}, ensure_ascii=False
    ).encode()


def page(after: int, through: int, *seqs: int, following: int, more: bool) -> bytes:
    end = {"control": "end", "epoch": 1, "covers": {"after": after, "through": through}, "head": 20}
    end |= {"grant_version": 1, "next": str(following), "more": more}
    return b"\n".join([*map(event, seqs), json.dumps(end).encode()]) + b"\n"


def test_pull_reaches_the_head_and_states_what_it_covered(logged_in, platform, tmp_path):
    platform.pages = [page(0, 10, 3, 7, following=1, more=True), page(10, 20, 20, following=2, more=False)]
    run = logged_in.run("pull", "--output", tmp_path / "events")
    assert run.stdout == "covered seq 1–20, 3 events, none missed\n"
    assert (tmp_path / "events").read_bytes() == b"".join(event(seq) + b"\n" for seq in (3, 7, 20))


def test_pull_goes_on_from_the_kept_cursor(logged_in, platform, tmp_path):
    platform.pages = [page(0, 10, 3, following=1, more=False), page(10, 20, 20, following=1, more=False)]
    logged_in.run("pull", "--output", tmp_path / "events")
    run = logged_in.run("pull", "--output", tmp_path / "events")
    assert "covered seq 11–20, 1 events" in run.stdout
    assert len((tmp_path / "events").read_bytes().splitlines()) == 2


def test_a_page_that_was_written_but_not_confirmed_is_not_kept_twice(logged_in, platform, tmp_path):
    platform.pages = [page(0, 10, 3, following=1, more=False), page(10, 20, 20, following=1, more=False)]
    logged_in.run("pull", "--output", tmp_path / "events")
    with (tmp_path / "events").open("ab") as file:
        file.write(event(20) + b"\n")
    logged_in.run("pull", "--output", tmp_path / "events")
    assert len((tmp_path / "events").read_bytes().split(b"\n")) == 3


def test_pull_fails_loudly_on_a_hole_and_leaves_the_cursor(logged_in, platform, tmp_path):
    platform.pages = [page(0, 10, 3, following=1, more=True), page(11, 20, 20, following=2, more=False)]
    run = logged_in.run("pull", "--output", tmp_path / "events")
    assert run.exit_code == 1
    assert "a hole" in run.stderr
    assert (tmp_path / "events").read_bytes() == event(3) + b"\n"


def test_a_page_without_its_control_line_does_not_move_the_cursor(logged_in, platform, tmp_path):
    platform.pages = [event(3) + b"\n"]
    run = logged_in.run("pull", "--output", tmp_path / "events")
    assert run.exit_code == 1
    assert "control line" in run.stderr
    assert (tmp_path / "events").read_bytes() == b""


@pytest.mark.parametrize(
    ("refusal", "cure"), [((410, "cursor_expired"), "snapshot"), ((409, "epoch_forked"), "before the fork")]
)
def test_a_cursor_that_is_no_longer_good_says_what_to_do(logged_in, platform, refusal, cure: str):
    platform.refusals = [refusal]
    run = logged_in.run("pull")
    assert run.exit_code == 1
    assert cure in run.stderr


def test_pull_to_standard_output_keeps_it_clean(logged_in, platform):
    platform.pages = [page(0, 20, 3, following=0, more=False)]
    run = logged_in.run("pull")
    assert run.stdout_bytes == event(3) + b"\n"
    assert "none missed" in run.stderr


# --- lookup


def test_lookup_of_one(logged_in):
    run = logged_in.run("lookup", "91430102kxd000017r", "--json")
    assert result_of(run)["uscc"] == "91430102KXD000017R"


def test_lookup_of_many_from_standard_input_in_chunks(logged_in):
    codes = [f"91430102{n:010d}" for n in range(1500)]
    items = result_of(logged_in.run("lookup", "-", "--json", stdin="\n".join(codes)))["items"]
    assert [item["uscc"] for item in items] == codes


def test_lookup_shows_a_table(logged_in):
    assert "80.00" in logged_in.run("lookup", "91430102KXD000017R", "91430102KXD000027L").stdout
