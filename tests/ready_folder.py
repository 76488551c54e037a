"""A data folder with every table in it and nothing else: made once, copied for each test.

Making it takes ten times as long, and is tested where it is the matter.
"""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import db
from core.settings import Settings


def copy_ready_folder(to: Path) -> Path:
    """`to`, where nothing may be in the way. No database may be open in this process."""
    shutil.copytree(_ready_folder(), to, dirs_exist_ok=True)
    return to


@cache
def _ready_folder() -> Path:
    top = Path(tempfile.mkdtemp(prefix="ready-"))
    atexit.register(shutil.rmtree, top, ignore_errors=True)
    db.open_database(Settings(data_dir=top / "data"))
    db.close_database()
    return top / "data"
