"""Looks at this machine: data folder, key, database, ports, versions, settings. Changes nothing."""

import errno
import os
import platform
import shutil
import socket
import ssl
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from importlib import metadata
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import db
from core import VERSION
from core.doctor.machine import FolderFacts, KeyFacts, PortFacts
from core.mirror_config import ConfigError, MirrorConfig, parse_config
from core.settings import Settings

MIRROR_CONFIG = Path(__file__).parents[2] / "mitm_config.yaml"
_LIBRARIES = ("mitmproxy", "flask", "h2")
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
_ANSWER_WITHIN = 2.0

type Address = tuple[str, int]


def folder_facts(path: Path) -> FolderFacts:
    """The folder itself, or where it would be made."""
    there = path.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    free = shutil.disk_usage(there).free
    problem = ""
    if not there.is_dir():
        problem = os.strerror(errno.ENOTDIR)
    elif not os.access(there, os.W_OK | os.X_OK):
        problem = os.strerror(errno.EACCES)
    elif os.statvfs(there).f_flag & os.ST_RDONLY:
        problem = os.strerror(errno.EROFS)
    return FolderFacts(
        path=str(path.absolute()), exists=path.exists(), free_bytes=free, problem=problem
    )


def key_facts(path: Path) -> KeyFacts:
    """The key file as it lies there; what is in it goes nowhere."""
    shown = str(path.absolute())
    try:
        status = path.stat()
    except FileNotFoundError:
        return KeyFacts(path=shown, exists=False)
    except OSError as problem:
        return KeyFacts(path=shown, exists=True, problem=problem.strerror or "?")
    return KeyFacts(path=shown, exists=True, mode=status.st_mode, problem=db.examine_key(path))


def port_facts(settings: Settings) -> list[PortFacts]:
    """The users' port and the operator's."""
    public = (settings.bind, settings.port)
    return [
        _port("PORT", public, settings.tls_cert_file),
        _port("ADMIN_BIND", settings.admin_bind, None),
    ]


def version_facts() -> dict[str, str]:
    """What runs here."""
    versions = {"mirror": VERSION, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "-"
    return versions


def read_mirror_config(path: Path = MIRROR_CONFIG) -> tuple[MirrorConfig | None, Sequence[str]]:
    """The configuration, or why there is none."""
    try:
        return parse_config(YAML(typ="safe").load(path.read_text(encoding="utf-8"))), ()
    except ConfigError as wrong:
        return None, wrong.problems
    except (OSError, YAMLError, UnicodeDecodeError) as problem:
        return None, (str(problem).splitlines()[0],)


def _port(setting: str, address: Address, certificate: Path | None) -> PortFacts:
    answers = _answers(address, certificate)
    code = 0 if answers else listening_fails_with(address)
    return PortFacts(
        setting=setting,
        address=f"{address[0]}:{address[1]}",
        answers=answers,
        is_busy=answers or code == errno.EADDRINUSE,
        problem=os.strerror(code) if code else "",
    )


def _answers(address: Address, certificate: Path | None) -> bool:
    """Whether somebody says at /healthz that he is well; who he is, the caller must know."""
    host, port = _EVERY_ADDRESS.get(address[0], address[0]), address[1]
    connection = HTTPConnection(host, port, timeout=_ANSWER_WITHIN)
    try:
        if certificate:
            context = _pinned(certificate)
            connection = HTTPSConnection(host, port, timeout=_ANSWER_WITHIN, context=context)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _pinned(certificate: Path) -> ssl.SSLContext:
    """Trusts exactly our own certificate, whatever name it bears."""
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def listening_fails_with(address: Address) -> int:
    """0 when one could listen there."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1)
        except OSError as problem:
            return problem.errno or errno.EINVAL
    return 0
