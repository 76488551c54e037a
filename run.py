"""Finds a Python that is new enough, makes .venv from a hash lock, then runs a command in it.

Standard library only, and any Python from 3.6 on: it is started by whatever `python3` is on the
machine, which need not be the one that runs the mirror. It knows nothing about the mirror itself.

    python3 run.py test | test-fast | lint | bench | shots    for development
    python3 run.py demo | serve | ...                         everything else goes to serve.py
"""

import contextlib
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
from typing import Dict, Iterator, List, Mapping, Optional, Set, Tuple

try:
    import fcntl
except ImportError:  # Windows; there two builds at once must simply be avoided
    fcntl = None  # type: ignore[assignment]

Environ = Mapping[str, str]
Command = List[str]
Answer = Tuple[Tuple[int, ...], List[str]]  # version, names of missing modules
Nearly = Tuple[str, str]  # path, version

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, ".lock-stamp")
BUILDING = os.path.join(VENV, ".building")
RUN_LOCK = os.path.join(ROOT, "requirements.lock")
DEV_LOCK = os.path.join(ROOT, "requirements-dev.lock")  # everything of RUN_LOCK and more

OLDEST = (3, 12)
PREFERRED = ("3.13", "3.12", "3.14")
NEEDED = ("ssl", "sqlite3", "venv", "ensurepip")
EX_CONFIG = 78
# A file's tests share what they start. Much of the suite waits, so one more than there are cores;
# more than four would wait for each other's memory. The order is ours (tests/conftest.py).
WORKERS = str(min(4, (os.cpu_count() or 1) + 1))
ON_ALL_CORES = ["-n", WORKERS, "--dist", "loadfile", "--no-loadscope-reorder"]
# Rules, translations, hooks and storage; no pages, servers or browsers.
FAST = [
    "tests/core",
    "tests/api_bridge",
    "tests/addons",
    "tests/db",
    "tests/supervisor",
    "tests/test_architecture.py",
    "-m",
    "not loop and not slow",
]

PROBE = """
import sys
missing = []
for name in %r:
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
print("python", "%%d.%%d" %% sys.version_info[:2], ",".join(missing) or "-")
""" % (NEEDED,)

NO_PYTHON = """\
需要 Python 3.12 或更新版本，本机没有找到。 No Python 3.12 or newer was found. 任选其一 / choose one:
  uv:      curl -LsSf https://astral.sh/uv/install.sh | sh && uv python install 3.13
  pyenv:   pyenv install 3.13            Docker:  docker compose up -d
  其他位置 / elsewhere:  GM_PYTHON=/path/to/python3.13 python3 run.py ...
"""
NO_ENSUREPIP = """\
{path} 缺少 venv/ensurepip。 {path} has no venv/ensurepip.
Debian/Ubuntu:  sudo apt-get install python3-venv   (或 / or python{version}-venv)
"""


def say(text: str) -> None:
    """Bytes, because Python 3.6 under LC_ALL=C cannot encode Chinese."""
    sys.stderr.flush()
    sys.stderr.buffer.write((text.rstrip("\n") + "\n").encode("utf-8", "replace"))
    sys.stderr.buffer.flush()


# ---------------------------------------------------------------- finding an interpreter


def newest_first(paths: List[str]) -> List[str]:
    """Sort /x/3.13.2/bin/python before /x/3.13.0/bin/python."""
    return sorted(paths, key=lambda p: [int(n) for n in re.findall(r"\d+", p)], reverse=True)


def versioned(folder: str, prefix: str = "") -> List[str]:
    """Interpreters under folder/<prefix>3.13*/bin, the preferred minor versions first."""
    found = []  # type: List[str]
    for version in PREFERRED:
        pattern = os.path.join(folder, prefix + version + "*", "bin", "python")
        found += newest_first(glob.glob(pattern))
    return found


def in_folder(folder: str) -> List[str]:
    names = ["python" + version for version in PREFERRED] + ["python3", "python"]
    return [os.path.join(folder, name) for name in names]


def conda_pythons(home: str, environ: Environ) -> List[str]:
    folders = [os.path.join(home, name) for name in ("miniconda3", "miniforge3", "anaconda3")]
    folders.append("/opt/conda")
    if environ.get("CONDA_PREFIX"):
        folders.insert(0, environ["CONDA_PREFIX"])
    found = []
    for folder in folders:
        found.append(os.path.join(folder, "bin", "python"))
        found += sorted(glob.glob(os.path.join(folder, "envs", "*", "bin", "python")))
    return found


def candidates(environ: Environ, current: str) -> List[str]:
    """Every place where a Python may be, best first; most of them do not exist."""
    home = environ.get("HOME") or os.path.expanduser("~")
    share = environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    uv = environ.get("UV_PYTHON_INSTALL_DIR") or os.path.join(share, "uv", "python")
    found = [environ["GM_PYTHON"]] if environ.get("GM_PYTHON") else []
    found.append(current)
    pyenv = environ.get("PYENV_ROOT") or os.path.join(home, ".pyenv")
    found += versioned(os.path.join(pyenv, "versions"))
    found += versioned(uv, "cpython-")
    found += versioned(os.path.join(share, "mise", "installs", "python"))
    found += versioned(os.path.join(home, ".asdf", "installs", "python"))
    found += conda_pythons(home, environ)
    folders = ["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin"]
    for folder in folders + environ.get("PATH", "").split(os.pathsep):
        found += in_folder(folder) if folder else []
    return found


def clean_environ(environ: Environ) -> Dict[str, str]:
    """An environment in which another interpreter finds its own library, not this one's, and
    keeps what it compiles: a start without that takes twice as long."""
    ours = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in environ.items() if name not in ours}


def probe(python: str) -> Optional[Answer]:
    """Run it and ask; None unless it answers: a pyenv shim exists, yet may only exit 127."""
    try:
        answer = subprocess.check_output(
            [python, "-c", PROBE],
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=clean_environ(os.environ),
            timeout=30,
        )
        word, version, missing = answer.decode("ascii").split()
        numbers = tuple(int(part) for part in version.split("."))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    if word != "python":
        return None
    return numbers, [name for name in missing.split(",") if name != "-"]


def find_python(paths: List[str], has_uv: bool) -> Tuple[Optional[str], Optional[Nearly]]:
    """The first usable interpreter, and the first that lacks nothing but venv or ensurepip."""
    tried = set()  # type: Set[str]
    nearly = None  # type: Optional[Nearly]
    for path in paths:
        if path in tried or not os.path.isfile(path) or path.startswith(VENV + os.sep):
            continue
        tried.add(path)
        answer = probe(path)
        if answer is None or answer[0] < OLDEST:
            continue
        missing = set(answer[1]) - ({"venv", "ensurepip"} if has_uv else set())
        if not missing:
            return path, None
        if nearly is None and missing <= {"venv", "ensurepip"}:
            nearly = (path, "%d.%d" % answer[0][:2])
    return None, nearly


def choose_python() -> str:
    given = os.environ.get("GM_PYTHON")
    found, nearly = find_python(candidates(os.environ, sys.executable), bool(shutil.which("uv")))
    if given and found != given:
        say("GM_PYTHON=%s: not a usable Python 3.12 or newer, looked further" % given)
    if found:
        return found
    say(NO_ENSUREPIP.format(path=nearly[0], version=nearly[1]) if nearly else NO_PYTHON)
    sys.exit(EX_CONFIG)


# ---------------------------------------------------------------- making .venv


def digest(lock: str) -> str:
    with open(lock, "rb") as file:
        return os.path.basename(lock) + " " + hashlib.sha256(file.read()).hexdigest()


def is_ready(lock: str) -> bool:
    """Whether .venv was completed from exactly this lock."""
    try:
        with open(STAMP) as file:
            stamped = file.read().splitlines()
    except OSError:
        return False
    return digest(lock) in stamped and not os.path.exists(BUILDING) and os.path.exists(VENV_PYTHON)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two terminals must not build the same .venv; the lock file itself serves as the lock."""
    with open(RUN_LOCK, "rb") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(lock: str) -> None:
    """Make .venv fit the lock. The stamp is written last, so an interrupted build is redone."""
    if is_ready(lock):
        return
    with one_at_a_time():
        if is_ready(lock):
            return
        interrupted = os.path.exists(BUILDING)
        answer = None if interrupted else probe(VENV_PYTHON)
        fresh = answer is None or answer[0] < OLDEST
        python = choose_python() if fresh else VENV_PYTHON
        say(
            "正在安装依赖到 .venv（首次约一分钟） / Installing into .venv (a minute the first time)"
        )
        build(python, lock, fresh)


def build(python: str, lock: str, fresh: bool) -> None:
    uv = shutil.which("uv")
    if uv and install(lock, uv_commands(uv, python, lock, fresh), fresh):
        return
    if uv:
        say("uv 失败，改用 pip / uv failed, trying pip")
        fresh = True
        python = python if python != VENV_PYTHON else choose_python()
    if not install(lock, pip_commands(python, lock, fresh), fresh):
        say("安装失败，见上 / The installation failed, see above. 重试 / retry: python3 run.py ...")
        sys.exit(1)


def uv_commands(uv: str, python: str, lock: str, fresh: bool) -> List[Command]:
    make = [[uv, "venv", "--quiet", "--allow-existing", "--python", python, VENV]] if fresh else []
    return make + [
        [uv, "pip", "install", "--quiet", "--python", VENV_PYTHON, "--require-hashes", "-r", lock]
    ]


def pip_commands(python: str, lock: str, fresh: bool) -> List[Command]:
    make = [[python, "-m", "venv", VENV]]
    if not fresh:
        has_pip = quiet([VENV_PYTHON, "-m", "pip", "--version"]) == 0
        make = [] if has_pip else [[VENV_PYTHON, "-m", "ensurepip"]]
    pip = [VENV_PYTHON, "-m", "pip", "install", "-qq", "--no-input", "--require-hashes"]
    return make + [pip + ["--disable-pip-version-check", "-r", lock]]


def install(lock: str, commands: List[Command], fresh: bool) -> bool:
    """Run the commands; True and a stamp when all went well."""
    if fresh:
        shutil.rmtree(VENV, ignore_errors=True)
    os.makedirs(VENV, exist_ok=True)
    open(BUILDING, "w").close()
    # The system's certificates for uv too, as behind a company's proxy only they are right.
    environ = dict(clean_environ(os.environ), PIP_USER="0", UV_SYSTEM_CERTS="1")
    for command in commands:
        if subprocess.call(command, cwd=ROOT, env=environ) != 0:
            return False
    write_stamp(lock)
    return True


def write_stamp(lock: str) -> None:
    locks = [RUN_LOCK, DEV_LOCK] if lock == DEV_LOCK else [lock]
    with open(STAMP + ".new", "w") as file:
        file.write("".join(digest(each) + "\n" for each in locks))
    os.rename(STAMP + ".new", STAMP)
    os.remove(BUILDING)


def quiet(command: Command) -> int:
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# ---------------------------------------------------------------- running


def lint_commands() -> List[Command]:
    module = [VENV_PYTHON, "-m"]
    uv = shutil.which("uv")
    pip_check = [uv, "pip", "check", "--python", VENV_PYTHON] if uv else module + ["pip", "check"]
    return [
        module + ["ruff", "format", "--check", "."],
        module + ["ruff", "check", "."],
        module + ["mypy"],
        pip_check,
    ]


def lint() -> int:
    """All four, even when one fails; the worst answer is the exit code."""
    return max(subprocess.call(command, cwd=ROOT) for command in lint_commands())


def command_line(command: str, arguments: List[str]) -> Command:
    """What to run in .venv; anything that is not for development belongs to serve.py."""
    modules = {
        "test": ["-m", "pytest"] + ON_ALL_CORES,
        "test-fast": ["-m", "pytest"] + ON_ALL_CORES + FAST,
        "bench": ["-m", "benchmarks"],
        "shots": ["-m", "tests.screenshots"],
    }
    if command in modules:
        return [VENV_PYTHON] + modules[command] + arguments
    return [VENV_PYTHON, os.path.join(ROOT, "serve.py"), command] + arguments


def main(argv: List[str]) -> int:
    command, arguments = (argv[0], argv[1:]) if argv else ("--help", [])
    prepare(DEV_LOCK if command in ("test", "test-fast", "lint", "bench", "shots") else RUN_LOCK)
    if os.getcwd() != ROOT:  # .env and the data folder are relative; file arguments need not be
        arguments = [os.path.abspath(a) if os.path.exists(a) else a for a in arguments]
        os.chdir(ROOT)
    if command == "lint":
        return lint()
    sys.stdout.flush()
    line = command_line(command, arguments)
    os.execve(line[0], line, clean_environ(os.environ))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
