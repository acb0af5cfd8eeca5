"""The import contracts have teeth: each planted breach of the design fails them.

A tree of empty modules in the shape of ours is checked, so that a breach is the only thing wrong with it.
"""

import os
import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT

SHAPE = {
    "kernel": ["clock"],
    "credit": [
        "app",
        "cli",
        "api/enterprises",
        "worker",
        "service/intake",
        "store/cards",
        "tables",
        "domain/grades",
    ],
    "exchange": [
        *["app", "api/batches", "worker", "service/intake", "store/journal", "tables", "domain/grants"],
        "client/session",
    ],
    "launch": ["cli"],
}


@pytest.fixture
def tree(tmp_path):
    """Our layout without code, under our contracts."""
    for package, names in SHAPE.items():
        for name in names:
            write(tmp_path, f"{package}/{name}", "")
    (tmp_path / ".importlinter").write_text(
        (ROOT / ".importlinter").read_text(encoding="utf-8"), encoding="utf-8"
    )
    return tmp_path


def test_the_layout_keeps_the_contracts(tree):
    assert check(tree).returncode == 0


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("credit/utils", "", id="a module without a layer"),
        pytest.param("common/text", "", id="a package beside the services"),
        pytest.param("kernel/clock", "import services.credit.tables", id="kernel imports a service"),
        pytest.param(
            "credit/service/intake", "import services.exchange.store.journal", id="service imports service"
        ),
        pytest.param("exchange/app", "import services.launch.cli", id="somebody imports launch"),
        pytest.param(
            "credit/store/cards", "import services.credit.service.intake", id="store imports service"
        ),
        pytest.param("credit/tables", "import services.credit.store.cards", id="tables import store"),
        pytest.param("exchange/worker", "import services.exchange.api.batches", id="worker imports api"),
        pytest.param("credit/domain/grades", "import services.credit.tables", id="domain imports tables"),
        pytest.param("credit/domain/grades", "import services.kernel.clock", id="domain imports kernel"),
        pytest.param("credit/domain/grades", "import sqlalchemy", id="domain imports a library"),
        pytest.param("exchange/client/session", "import services.kernel.clock", id="client imports kernel"),
        pytest.param(
            "exchange/client/session", "import services.exchange.domain.grants", id="client imports ours"
        ),
    ],
)
def test_a_breach_fails(tree, module, source):
    write(tree, module, source)
    answer = check(tree)
    assert answer.returncode == 1
    assert "BROKEN" in answer.stdout, answer.stdout


def write(tree, name, source):
    path = tree / "services" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    for package in [path.parent, *path.parent.parents]:
        if package == tree:
            break
        (package / "__init__.py").touch()
    path.write_text(f"{source}\n", encoding="utf-8")


def check(tree):
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
        "--no-cache",
    ]
    environment = {**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200"}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
