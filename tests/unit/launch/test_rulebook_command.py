"""`zhixin rulebook check`: an officer learns every fault of a book at once, with its line, reason and cure."""

import json

import pytest
from typer.testing import CliRunner

from services.credit.rulebook import released_text
from services.launch.cli import app


@pytest.fixture
def run(tmp_path):
    def running(text, *options):
        file = tmp_path / "book.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return CliRunner().invoke(app, ["rulebook", "check", str(file), *options])

    return running


def spoilt():
    text = released_text("2026-01")
    for written, instead in (("after_months = 12, share = 8000", "after_months = 40, share = 8000"),
                             ('at_least = "70.00"', 'at_least = "90.00"')):  # fmt: skip
        text = text.replace(written, instead, 1)
    return text


def test_a_sound_book_passes(run):
    done = run(released_text("2026-01"), "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["sound"], told["id"], told["faults"]) == (0, True, "2026-01", [])


def test_each_fault_comes_with_line_reason_and_cure(run):
    done = run(spoilt(), "--json", "--language", "en")
    faults = {fault["code"]: fault for fault in json.loads(done.stdout)["faults"]}
    assert done.exit_code == 1
    assert faults["band_overlaps"]["line"] == 17
    assert faults["decay_too_long"]["line"] == 118
    assert "36 months" in faults["decay_too_long"]["message"]
    assert faults["decay_too_long"]["cure"] == "let each step begin before 36 months"


def test_people_read_a_line_for_each_fault(run):
    done = run(spoilt())
    assert done.exit_code == 1
    assert "book.toml:17: scale[1].at_least: 须低于 AA 的分数线" in done.stdout


def test_bytes_that_are_no_text_are_refused_with_their_line(run):
    done = run(b'id = "x"\ntitle = "\xff"\n', "--json")
    (fault,) = json.loads(done.stdout)["faults"]
    assert (done.exit_code, fault["code"], fault["line"]) == (1, "encoding_invalid", 2)


def test_a_missing_file_is_a_slip_of_usage(tmp_path):
    assert CliRunner().invoke(app, ["rulebook", "check", str(tmp_path / "none.toml")]).exit_code == 2
