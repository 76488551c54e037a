"""All conversations of a user as a ZIP file, made while it is sent.

One conversation is in memory at a time. What cannot be read is named in the file's last entry.
"""

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import db
from admin.grok_history import GrokHistory, HistoryError, Trouble
from admin.library import Library, account_names, is_alive, owned_ids
from admin.user_commands import CommandError, user_named
from core.conversation_files import Format, file_name, pieces
from core.wiring import Wiring

_REASONS = {
    Trouble.NO_ACCOUNT: "账号已失效且没有存档 / the account is signed out and there is no copy",
    Trouble.SLOW_DOWN: "Grok 要求稍后再试 / Grok wants to be left alone for a while",
    Trouble.AWAY: "没有收到可用的回答 / no answer that can be read",
}
_ABOUT, _MISSING = "about.txt", "not-exported.txt"


def zip_pieces(library: Library, user_id: int, format_: Format) -> Iterator[bytes]:
    """The file, in pieces."""
    out = _Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        problems: list[str] = []
        # At once, so that whoever waits sees that it has begun.
        archive.writestr(
            _entry(_ABOUT), time.strftime("Grok Mirror, %Y-%m-%d %H:%M UTC\n", time.gmtime())
        )
        yield out.take()
        for name, text in _files(library, user_id, format_, problems):
            archive.writestr(_entry(name), text)
            yield out.take()
        if problems:
            archive.writestr(_entry(_MISSING), "\n".join(problems) + "\n")
    yield out.take()


def export_user(name: str, target: Path, format_: Format, wiring: Wiring | None) -> str:
    """`user export`: write the file; it must not exist yet."""
    user = user_named(name)
    library = Library(GrokHistory(wiring))
    draft = target.with_name(f".{target.name}.part")
    if target.exists():
        raise CommandError(f"{target} 已存在 / exists already")
    try:
        with draft.open("xb") as file:
            draft.chmod(0o600)
            for piece in zip_pieces(library, user.id, format_):
                file.write(piece)
        with zipfile.ZipFile(draft) as made:
            names = made.namelist()
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    count = len(set(names) - {_ABOUT, _MISSING})
    said = f"{target}: {count} 个对话 / conversations"
    return f"{said}\n有些未能导出 / some are missing: {_MISSING}" if _MISSING in names else said


def _files(
    library: Library, user_id: int, format_: Format, problems: list[str]
) -> Iterator[tuple[str, str]]:
    places = _places(user_id)
    names = account_names({account_id for account_id, _ in places})
    resting = {one for one in names if not _looked_up(library, user_id, one, places)}
    for account_id, conversation_id in places:
        try:
            asks = account_id not in resting
            read = library.read(user_id, account_id, conversation_id, asks_grok=asks)
        except HistoryError as error:
            if error.trouble is Trouble.SLOW_DOWN:
                resting.add(account_id)
            if error.trouble is not Trouble.GONE:
                problems.append(f"{conversation_id}: {_REASONS[error.trouble]}")
            continue
        text = "".join(pieces(format_, read.head, names[account_id], read.messages))
        yield file_name(read.head, format_), text


def _places(user_id: int) -> list[tuple[int, str]]:
    """Where his conversations are, those of living accounts first; nothing twice."""
    owned = owned_ids(user_id)
    accounts = sorted(owned, key=lambda one: (not is_alive(one), one))
    found = [(account, one) for account in accounts for one in owned[account]]
    found += [(one.account_id, one.head.id) for one in db.list_archived(user_id)]
    return list(dict.fromkeys(found))


def _looked_up(
    library: Library, user_id: int, account_id: int, places: list[tuple[int, str]]
) -> bool:
    """All titles in few questions; False when Grok wants to be left alone."""
    ids = [one for account, one in places if account == account_id]
    try:
        if is_alive(account_id):
            library.learn(user_id, account_id, ids)
    except HistoryError as error:
        return error.trouble is not Trouble.SLOW_DOWN
    return True


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, time.gmtime()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


class _Pipe:
    """Where a ZIP file is written that nobody can seek in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def close(self) -> None:
        """Whoever made it takes what is in it."""

    def tell(self) -> int:
        raise OSError("no place")

    def seek(self, offset: int, /, whence: int = 0) -> int:
        raise OSError("no place")

    @property
    def mode(self) -> str:
        return "wb"

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken
