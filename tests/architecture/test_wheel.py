"""The wheel holds all that runs: code, schema and data."""

from zipfile import ZipFile

from hatchling.builders.wheel import WheelBuilder

from tests.architecture.tree import ROOT

RUN = {"services": {".py", ".csv", ".toml"}, "migrations": {".py", ".mako"}}


def test_everything_that_runs_is_in_the_wheel(tmp_path):
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    held = set(ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder, endings in RUN.items()
        for path in (ROOT / folder).rglob("*")
        if path.suffix in endings
    }
    assert wanted
    assert wanted - held == set()
