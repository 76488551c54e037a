"""run.py with invented interpreters: nothing is downloaded, nothing outside tmp_path touched."""

import ast
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).parent.parent
OLDEST = Path("~/.pyenv/versions/3.6.15/bin/python").expanduser()
STARTER = str(OLDEST) if OLDEST.exists() else sys.executable

FAKE_PYTHON = """\
#!/bin/sh
# Notes every call; makes a .venv by copying itself.
echo "$*" | head -1 >> "{log}"
case "$1 $2" in
  "-c "*) echo "{answer}" ;;
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip") test ! -e "{log}.pip-fails" ;;
  "-m mypy") exit 2 ;;
  *"serve.py wait") trap 'exit 42' INT; echo ready; while :; do sleep 0.05; done ;;
  *"serve.py "*) exit 7 ;;
esac
"""


def fake_python(path: Path, answer: str = "python 3.13 -") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FAKE_PYTHON.format(log=path.with_suffix(".log"), answer=answer))
    path.chmod(0o755)
    return path


class Checkout:
    """A copy of run.py beside invented locks, started by the oldest Python of the machine."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.root.mkdir()
        shutil.copy(ROOT / "run.py", self.root)
        for name in ("requirements.lock", "requirements-dev.lock"):
            (self.root / name).write_text(name)
        self.python = fake_python(folder / "python")
        self.log = folder / "python.log"
        self.environ = {
            "HOME": str(folder),
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C",
            "GM_PYTHON": str(self.python),
        }

    def run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
        self.log.write_text("")
        return subprocess.run(
            [STARTER, str(self.root / "run.py"), *arguments],
            env=self.environ,
            cwd=cwd or self.root,
            capture_output=True,
            timeout=30,
            check=False,
        )

    def calls(self) -> list[str]:
        """What the invented interpreter was asked to do, questions about itself left out."""
        lines = self.log.read_text().splitlines()
        return [line for line in lines if line.startswith(("-m", "/"))]

    def installs(self) -> list[str]:
        return [call for call in self.calls() if call.startswith(("-m venv", "-m pip install"))]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_the_first_run_builds_and_the_second_starts_at_once(checkout: Checkout) -> None:
    assert checkout.run("serve", "--port", "1").returncode == 7
    venv, install = checkout.installs()
    assert venv.endswith("/.venv")
    assert "--require-hashes" in install
    assert install.endswith("/requirements.lock")
    assert checkout.calls()[-1].endswith("/serve.py serve --port 1")

    assert checkout.run("serve").returncode == 7
    assert checkout.installs() == []


WORKERS = min(4, (os.cpu_count() or 1) + 1)
ON_ALL_CORES = f"-n {WORKERS} --dist loadfile --no-loadscope-reorder"


FAST = (
    "tests/core tests/api_bridge tests/addons tests/db tests/supervisor tests/test_architecture.py"
)


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("test", f"-m pytest {ON_ALL_CORES} -q"),
        ("test-fast", f"-m pytest {ON_ALL_CORES} {FAST} -m not loop and not slow -q"),
        ("bench", "-m benchmarks -q"),
    ],
)
def test_development_commands_use_the_development_lock(
    checkout: Checkout, command: str, asked: str
) -> None:
    checkout.run(command, "-q")
    assert checkout.installs()[-1].endswith("/requirements-dev.lock")
    assert checkout.calls()[-1] == asked
    checkout.run("serve")
    assert checkout.installs() == [], "the development lock holds all of the other"


def test_a_served_checkout_is_completed_for_tests_without_a_new_venv(checkout: Checkout) -> None:
    checkout.run("serve")
    checkout.run("test")
    assert [call.split()[1] for call in checkout.installs()] == ["pip"]


def test_lint_runs_everything_and_answers_the_worst(checkout: Checkout) -> None:
    assert checkout.run("lint").returncode == 2
    asked = [call.removeprefix("-m ") for call in checkout.calls()][-4:]
    assert asked == ["ruff format --check .", "ruff check .", "mypy", "pip check"]


def test_a_changed_lock_is_installed(checkout: Checkout) -> None:
    checkout.run("serve")
    (checkout.root / "requirements.lock").write_text("changed")
    checkout.run("serve")
    assert [call.split()[1] for call in checkout.installs()] == ["pip"]


def test_an_interrupted_build_is_redone(checkout: Checkout) -> None:
    checkout.run("serve")
    (checkout.root / ".venv/.building").touch()
    checkout.run("serve")
    assert [call.split()[1] for call in checkout.installs()] == ["venv", "pip"]


def test_a_failed_installation_is_told_and_redone(checkout: Checkout) -> None:
    refusal = checkout.log.with_name("python.log.pip-fails")
    refusal.touch()
    answer = checkout.run("serve")
    assert answer.returncode == 1
    assert "安装失败" in answer.stderr.decode("utf-8")
    refusal.unlink()
    assert checkout.run("serve").returncode == 7
    assert [call.split()[1] for call in checkout.installs()] == ["venv", "pip"]


def test_a_venv_made_by_hand_is_completed(checkout: Checkout) -> None:
    (checkout.root / ".venv/bin").mkdir(parents=True)
    shutil.copy(checkout.python, checkout.root / ".venv/bin/python")
    (checkout.root / ".venv/mine").touch()
    assert checkout.run("serve").returncode == 7
    assert [call.split()[1] for call in checkout.installs()] == ["pip"]
    assert (checkout.root / ".venv/mine").exists()


def test_a_venv_of_an_old_python_is_replaced(checkout: Checkout) -> None:
    fake_python(checkout.root / ".venv/bin/python", "python 3.11 -")
    assert checkout.run("serve").returncode == 7
    assert [call.split()[1] for call in checkout.installs()] == ["venv", "pip"]


def test_started_from_elsewhere_a_file_argument_still_means_the_same_file(
    checkout: Checkout, tmp_path: Path
) -> None:
    (tmp_path / "tokens.txt").touch()
    checkout.run("import", "tokens.txt", cwd=tmp_path)
    assert checkout.calls()[-1].endswith(f"/serve.py import {tmp_path}/tokens.txt")


def test_an_interrupt_reaches_the_command_and_its_answer_passes_through(
    checkout: Checkout,
) -> None:
    checkout.run("serve")
    child = subprocess.Popen(
        [STARTER, str(checkout.root / "run.py"), "wait"],
        env=checkout.environ,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=10) == 42


@pytest.mark.parametrize(
    ("answer", "usable"),
    [
        pytest.param("python 3.13 -", True, id="a good one"),
        pytest.param("python 3.12 -", True, id="the oldest good one"),
        pytest.param("python 3.11 -", False, id="too old"),
        pytest.param("python 3.13 ssl", False, id="built without ssl"),
        pytest.param("python 3.13 ensurepip", False, id="Debian's without python3-venv"),
        pytest.param("pyenv: python3.13: command not found", False, id="a shim that says no"),
        pytest.param("", False, id="silence"),
    ],
)
def test_every_candidate_is_executed_and_judged_by_its_answer(
    tmp_path: Path, answer: str, usable: bool
) -> None:
    path = str(fake_python(tmp_path / "python", answer))
    assert (run.find_python([path], has_uv=False)[0] == path) is usable


def test_what_cannot_be_executed_is_passed_over(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no program")
    shim = tmp_path / "shim"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    good = fake_python(tmp_path / "good")
    paths = [str(tmp_path), str(tmp_path / "absent"), str(text), str(shim), str(good)]
    assert run.find_python(paths, has_uv=False) == (str(good), None)


def test_uv_makes_up_for_a_missing_ensurepip(tmp_path: Path) -> None:
    path = str(fake_python(tmp_path / "python", "python 3.13 venv,ensurepip"))
    assert run.find_python([path], has_uv=True) == (path, None)
    assert run.find_python([path], has_uv=False) == (None, (path, "3.13"))


def test_the_wanted_python_comes_first_then_the_newest_of_the_preferred(tmp_path: Path) -> None:
    versions = tmp_path / ".pyenv/versions"
    for version in ("3.12.9", "3.13.2", "3.13.10", "3.14.0", "3.9.1"):
        (versions / version / "bin").mkdir(parents=True)
        (versions / version / "bin/python").touch()
    found = run.candidates({"HOME": str(tmp_path), "GM_PYTHON": "/mine", "PATH": "/p"}, "/current")
    assert found[:6] == [
        "/mine",
        "/current",
        *(f"{versions}/{version}/bin/python" for version in ("3.13.10", "3.13.2", "3.12.9")),
        f"{versions}/3.14.0/bin/python",
    ]
    assert found[-1] == "/p/python"
    assert "/usr/local/bin/python3.13" in found


@pytest.mark.parametrize(
    ("nearly", "word"), [(None, "GM_PYTHON"), (("/usr/bin/python3.12", "3.12"), "python3-venv")]
)
def test_no_python_is_explained_in_both_languages(
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    nearly: tuple[str, str] | None,
    word: str,
) -> None:
    monkeypatch.setattr(run, "find_python", lambda *_: (None, nearly))
    monkeypatch.setattr(run, "say", lambda text: os.write(2, text.encode()))
    with pytest.raises(SystemExit) as caught:
        run.choose_python()
    assert caught.value.code == 78
    told = capfdbinary.readouterr().err.decode()
    assert word in told
    assert len(told.splitlines()) <= 4


def test_chinese_help_survives_the_c_locale() -> None:
    answer = subprocess.run(
        [STARTER, "-c", "import run; run.say(run.NO_PYTHON)"],
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=ROOT,
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert answer.stderr.decode("utf-8") == run.NO_PYTHON


def test_it_is_written_in_the_python_of_2016() -> None:
    ast.parse((ROOT / "run.py").read_text("utf-8"), feature_version=(3, 6))
