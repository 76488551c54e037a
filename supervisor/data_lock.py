"""One running system per data folder. The kernel gives the lock back however we end."""

import fcntl
import os
from pathlib import Path
from typing import Self


class DataFolderError(Exception):
    """The data folder cannot be ours; the text says why and what to do."""


class DataLock:
    """Held from `take` until the process ends or `release`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, data_dir: Path) -> Self:
        """Lock the folder, making it where it is missing, or raise DataFolderError."""
        try:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(data_dir / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as problem:
            raise DataFolderError(
                f"无法写入数据目录 {data_dir}：{problem.strerror}，请检查 DATA_DIR 及其权限 / "
                f"cannot write to the data folder {data_dir}: {problem.strerror}; "
                "see DATA_DIR and who owns it"
            ) from problem
        _lock(descriptor, data_dir)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        """Let another system have the folder."""
        os.close(self._descriptor)


def _lock(descriptor: int, data_dir: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        pid = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "?"
        os.close(descriptor)
        raise DataFolderError(
            f"数据目录 {data_dir} 正被另一个实例（进程 {pid}）使用 / "
            f"the data folder {data_dir} is in use by another instance (process {pid})"
        ) from problem
