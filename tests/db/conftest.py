from collections.abc import Iterator
from pathlib import Path

import pytest

import db
from core.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def opened(settings: Settings) -> Iterator[Settings]:
    db.open_database(settings)
    yield settings
    db.close_database()
