"""Acceptance: real processes, real databases, the commands that people type.

`deploy(backend, layout)` gives a running `Deployment`: both services in one process (`TOGETHER`) or each in its own
(`APART`), configured by the environment as in production, over databases that are made for it and dropped after it.
Settings, ports and folders are its own, so that several can run at once. When a test fails, the ends of its processes'
logs are part of the report; the whole logs stay in pytest's temporary folder.
"""

import pytest

from tests.acceptance.deployment import APART, TOGETHER, Deployment
from tests.conftest import BACKENDS

LAYOUTS = [
    pytest.param(
        (backend, layout), id=f"{backend}-{name}", marks=pytest.mark.xdist_group(f"acceptance-{backend}")
    )
    for backend, name, layout in (("sqlite", "together", TOGETHER), ("postgresql", "apart", APART))
    if backend in BACKENDS
]
_alive = []


@pytest.fixture(scope="module")
def deploy(templates, tmp_path_factory):
    """Makes deployments, which end with the module."""
    addresses = []

    def deploying(backend, layout=TOGETHER, *, migrated=True) -> Deployment:
        pair = [templates.copy(backend, lineage if migrated else None) for lineage in ("exchange", "credit")]
        addresses.extend(pair)
        made = Deployment(tmp_path_factory.mktemp("deployment"), *pair, layout)
        _alive.append(made)
        if migrated:
            made.start()
        return made

    kept = len(_alive)
    yield deploying
    for deployment in _alive[kept:]:
        deployment.stop()
    del _alive[kept:]
    for address in addresses:
        templates.drop(address)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for deployment in _alive:
            for process in deployment.processes:
                report.sections.append((f"log of {process.name} ({process.log})", process.tail()))
    return report
