import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.db.session import dispose
from tests.support.files import files_app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "files"


@pytest.fixture
def room(clean_database: str, folder: Path) -> Iterator[Flask]:
    """An application that takes files in, inside its context."""
    app = files_app(clean_database, folder)
    with app.app_context():
        yield app
    with app.app_context():
        dispose()


@pytest.fixture
def ada() -> uuid.UUID:
    return uuid.uuid4()


@pytest.fixture
def bob() -> uuid.UUID:
    return uuid.uuid4()
