"""`backup`, `restore` and `rotate-key`: what the operator does to the database as a whole.

A backup and a rotation may run beside the mirror; a restore takes the data folder's lock, so it
cannot.
"""

import argparse
import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import db
from core.settings import EX_CONFIG, Settings
from supervisor import banner
from supervisor.data_lock import DataFolderError, DataLock
from supervisor.terminal import ask, tell_progress


def run(asked: argparse.Namespace, settings: Settings) -> int:
    """0 when it is done, 1 when it cannot be, 78 when the database cannot be opened at all."""
    work: dict[str, Callable[[argparse.Namespace, Settings], int]]
    work = {"backup": _backup, "restore": _restore, "rotate-key": _rotate}
    try:
        return work[asked.command](asked, settings)
    except db.CannotOpenError as problem:
        banner.complain(f"无法使用数据库或密钥 / cannot use the database or the key: {problem}")
        return EX_CONFIG
    except (db.StorageError, DataFolderError, OSError) as problem:
        banner.complain(f"失败 / failed: {problem}")
        return 1
    finally:
        db.close_database()


def _backup(asked: argparse.Namespace, settings: Settings) -> int:
    name = time.strftime("grok-mirror-%Y%m%d-%H%M%S.db", time.gmtime())
    target = Path(asked.file) if asked.file else settings.data_dir / "backups" / name
    contents = db.back_up(settings, target)
    banner.show(f"已备份 / backed up: {target.resolve()}\n{_described(contents)}")
    banner.show(
        "密钥不在备份里，请另行保存（放在别处）；没有它，令牌无法恢复 /\n"
        "the key is not in it; keep it elsewhere, the SSO tokens cannot be read without it:\n"
        f"  {settings.secret_key_file.resolve()}"
    )
    return 0


def _restore(asked: argparse.Namespace, settings: Settings) -> int:
    file = Path(asked.file)
    contents = db.look_into(file, settings.secret_key_file)
    banner.show(f"{file}\n{_described(contents)}")
    if problem := _why_not(contents, settings):
        banner.complain(problem)
        return 1
    if asked.dry_run:
        return 0
    lock = DataLock.take(settings.data_dir)
    try:
        if not asked.yes and not ask("用它替换现有数据库？ / Replace the database with it? [y/N] "):
            banner.show("已取消，什么都没有改变 / cancelled; nothing was changed")
            return 1
        kept = db.restore(settings, file)
    finally:
        lock.release()
    if kept:
        banner.show(f"原数据库保存在 / the old database is kept at: {kept.resolve()}")
    banner.show("已恢复；所有人需要重新登录 / restored; everybody has to sign in again")
    return 0


def _why_not(contents: db.Contents, settings: Settings) -> str:
    if contents.too_new:
        return (
            f"由更新版本写成 / written by a later version of Grok Mirror ({contents.schema}): "
            "先升级 / upgrade first"
        )
    if contents.secrets and not contents.opened:
        return (
            "现有密钥打不开其中的令牌，请先放回当时的密钥 / the present key opens none of its "
            f"secrets; put back the key of that time first: {settings.secret_key_file}"
        )
    return ""


def _described(contents: db.Contents) -> str:
    counts = "  ".join(f"{name}: {count}" for name, count in contents.counts.items())
    lines = [f"  结构 / schema: {contents.schema}", f"  {counts}"]
    lines.append(
        f"  现有密钥能解开 / opened by the present key: {contents.opened} / {contents.secrets}"
    )
    return "\n".join(lines)


def _rotate(asked: argparse.Namespace, settings: Settings) -> int:
    with _alone(settings):
        db.open_database(settings)
        if asked.remove_old:
            return _remove_old_keys(settings)
        if db.start_rotation(settings):
            banner.show("已生成新密钥 / a new key was made")
        else:
            banner.show("继续上次未完成的轮换 / going on with the rotation that had not ended")
        done = db.settle_seals(tell_progress("重新加密 / sealing again"))
        left, (total, broken) = db.count_old_seals(), db.count_seals()
    banner.show(f"重新加密 / sealed again: {done}  共 / of {total}")
    if broken:
        banner.complain(f"任何密钥都打不开 / opened by no key, left as they are: {broken}")
    if left:
        banner.complain(f"还剩 {left} 个，请再运行一次 / {left} left; run it again")
        return 1
    banner.show(
        "旧密钥仍在文件里：之前的备份需要它。不再需要时 /\n"
        "the older key stays in the file: earlier backups need it. Once they do not:\n"
        "  python3 run.py rotate-key --remove-old"
    )
    return 0


def _remove_old_keys(settings: Settings) -> int:
    removed = db.finish_rotation(settings)
    banner.show(f"已移除旧密钥 / older keys removed: {removed}")
    return 0


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One rotation at a time; the kernel forgets about it when we are killed."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.data_dir / ".rotating").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DataFolderError("另一个轮换正在进行 / another rotation is running") from None
        yield
