from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a cache of its own, and none the user's."""
    folder = tmp_path_factory.mktemp("cache", numbered=True)
    monkeypatch.setenv("LSTMVIZ_CACHE", str(folder))
    return folder


# Files whose tests share something that takes long to make.
TOGETHER = {
    "test_alt_text.py",
    "test_site.py",
    "test_film.py",
    "test_package.py",
    "test_notebook.py",
    "test_cluster.py",
}


# What is run: while one works, before a commit, before it goes out, and for once.
TIERS = ("check", "test", "verify", "thorough")
_MARKS = {"test": "slow", "verify": "verify", "thorough": "thorough"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give tests that share something to the same process: of a file, or of one `@group@`."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            found = re.search(r"@([\w-]+)@", test)
            if found:
                return found[1]
            return file if Path(file).name in TOGETHER else nodeid

    return ByGroup(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="take what is drawn now as the golden frames"
    )
    parser.addoption(
        "--tier",
        choices=TIERS,
        default="test",
        help="check: what is quick; test: every behaviour once; verify: and in every look; "
        "thorough: every scene with every input and look",
    )
    parser.addoption("--after", choices=TIERS, help="leave out what is in this tier")


def pytest_configure(config: pytest.Config) -> None:
    # A shell lets what it starts in the background ignore Ctrl-C, and `nohup` the end of the
    # terminal; so would all that we start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    config.addinivalue_line("markers", "slow: from --tier test on, not in `make check`")
    config.addinivalue_line("markers", "verify: from --tier verify on, not in `make test`")
    config.addinivalue_line("markers", "thorough: only with --tier thorough")
    config.addinivalue_line(
        "markers", "few(n): n of its cases, spread over them, in `make test`; all in `make verify`"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _keep_few(items)
    last, after = (config.getoption(option) for option in ("--tier", "--after"))
    wanted = range(TIERS.index(after) + 1 if after else 0, TIERS.index(last) + 1)
    others = [item for item in items if _tier_of(item) not in wanted]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]


def _keep_few(items: list[pytest.Item]) -> None:
    """Leave to verify all but a few cases of the tests that say so."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("few"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for test in cases.values():
        marker = test[0].get_closest_marker("few")
        assert marker is not None
        kept = {k * len(test) // marker.args[0] for k in range(marker.args[0])}
        for k, item in enumerate(test):
            if k not in kept:
                item.add_marker("verify")


def _tier_of(item: pytest.Item) -> int:
    """The first tier that has a test, by the latest of its markers."""
    marked = (tier for tier, mark in _MARKS.items() if item.get_closest_marker(mark))
    return max(map(TIERS.index, marked), default=0)
