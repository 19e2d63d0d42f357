"""Services that a test invents: a package in a folder of its own, and what to put into it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

PACKAGE: Final = "council_services"
SERVICE_PY: Final = """
from portal.kit import Retention, Service, service_blueprint

bp = service_blueprint(__name__)
SERVICE = Service(
    slug="{slug}", title="Plots", summary="Rent a plot.", contract="2.0", blueprint=bp, {more}
    retention=[Retention(what="Plots", days=1, after="the end", basis="law")],
)
"""
WHOLE: Final = "export=lambda account: {}, forget=lambda account: None,"


def invented_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the package `council_services`, which can be imported from until this ends."""
    root = tmp_path / PACKAGE
    root.mkdir()
    (root / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield root
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def put(folder: Path, slug: str, text: str) -> None:
    """Put a service there, with that service.py."""
    (folder / slug).mkdir()
    (folder / slug / "__init__.py").touch()
    (folder / slug / "service.py").write_text(text)
