import os
import stat

import pytest

from supervisor.data_lock import DataFolderError, DataLock


def test_second_instance_is_told_the_first_one(tmp_path):
    lock = DataLock.take(tmp_path)
    with pytest.raises(DataFolderError, match=f"process {os.getpid()}"):
        DataLock.take(tmp_path)
    lock.release()
    DataLock.take(tmp_path).release()


def test_missing_folder_is_made_private(tmp_path):
    folder = tmp_path / "a" / "b"
    DataLock.take(folder).release()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderError, match="DATA_DIR"):
        DataLock.take(tmp_path / "file")
