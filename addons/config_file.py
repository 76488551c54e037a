"""`mitm_config.yaml` in force: read at the start, read again when it changes, and kept at the
last good state when it cannot be used."""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from addons.recurring import Recurring
from core.mirror_config import ConfigError, MirrorConfig, parse_config
from core.routes import Route

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0


class ConfigFile:
    """`current` is always a whole, valid configuration; `own_routes` are those of the settings."""

    def __init__(self, path: Path, own_routes: Sequence[Route] = ()) -> None:
        self._path, self._own_routes = path, own_routes
        self._stamp = _stamp(path)
        self.current = read_config(path, own_routes)
        self._polling = Recurring(POLL_SECONDS, self._poll)

    def __call__(self) -> MirrorConfig:
        return self.current

    def running(self) -> None:
        self._polling.start()

    def done(self) -> None:
        self._polling.stop()

    def reload(self) -> bool:
        """Read the file again; False and a log line when the old state stays."""
        self._stamp = _stamp(self._path)
        try:
            self.current = read_config(self._path, self._own_routes)
        except ConfigError as error:
            return _kept(error.problems)
        except OSError:
            return _kept(["not readable"])
        log.info("mitm_config.yaml: reloaded")
        return True

    def _poll(self) -> None:
        if _stamp(self._path) != self._stamp:
            self.reload()


def read_config(path: Path, own_routes: Sequence[Route] = ()) -> MirrorConfig:
    """Raises ConfigError or OSError."""
    try:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise ConfigError([str(error).splitlines()[0]]) from error
    return parse_config(data, own_routes)


def _kept(problems: Iterable[str]) -> bool:
    for problem in problems:
        log.error("mitm_config.yaml: %s (the last good state stays in force)", problem)
    return False


def _stamp(path: Path) -> tuple[int, int]:
    """Changes when the file does; an unreadable file has a stamp of its own."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
