"""What is shipped around the code: locks, image, compose files, scripts, reverse-proxy samples."""

import asyncio
import configparser
import os
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML

from core.settings import Settings
from tests.running_mirror import free_port

ROOT = Path(__file__).parent.parent
AS_ROOT = os.geteuid() == 0 and shutil.which("setpriv") is not None
UID = 10001


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def yaml_of(name: str) -> Any:
    return YAML(typ="safe").load(text_of(name))


# ---------------------------------------------------------------- locks


def pins(lock: str) -> dict[str, Version]:
    found = re.findall(r"(?m)^([\w.\[\]-]+)==([^\s;]+)", text_of(lock))
    return {canonicalize_name(name.partition("[")[0]): Version(version) for name, version in found}


PROJECT = tomllib.loads(text_of("pyproject.toml"))


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_a_hash(lock: str) -> None:
    blocks = re.split(r"(?m)^(?=[\w.\[\]-]+==)", text_of(lock))[1:]
    assert len(blocks) == len(pins(lock))
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in re.sub(r"(?m)^\s*#.*", "", text_of(lock)), "no index may be written down"


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements-dev.lock", PROJECT["dependency-groups"]["dev"]),
    ],
)
def test_the_locks_fit_the_project(lock: str, wanted: list[str]) -> None:
    locked = pins(lock)
    unfit = [
        requirement
        for requirement in map(Requirement, wanted)
        if not requirement.specifier.contains(locked[canonicalize_name(requirement.name)])
    ]
    assert unfit == []


def test_the_development_lock_holds_the_other_whole_and_both_agree_with_uv() -> None:
    run, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert run.items() <= dev.items()
    packages = tomllib.loads(text_of("uv.lock"))["package"]
    uv = {canonicalize_name(package["name"]): Version(package["version"]) for package in packages}
    assert dev.items() <= uv.items()


@pytest.mark.parametrize(
    ("package", "floor"),
    [("mitmproxy", "12.2.3"), ("h2", "4.3"), ("h11", "0.16"), ("tornado", "6.5.5"),
     ("flask", "3.1.3"), ("werkzeug", "3.1.4"), ("apsw", "3.51.3")],
)  # fmt: skip
def test_known_holes_are_below_the_locked_versions(package: str, floor: str) -> None:
    assert pins("requirements.lock")[canonicalize_name(package)] >= Version(floor)


# ---------------------------------------------------------------- image and compose


def instructions(name: str) -> list[str]:
    joined = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^\s*#.*\n", "", text_of(name)))
    return [line for line in joined.splitlines() if line]


def test_the_image_is_built_from_the_lock_on_one_debian_base() -> None:
    lines = instructions("Dockerfile")
    bases = {line.split()[1] for line in lines if line.startswith("FROM")}
    assert bases == {"python:3.13-slim-bookworm"}
    assert any("--require-hashes -r requirements.lock" in line for line in lines)
    assert any("compileall" in line for line in lines), "nobody may write there at run time"
    assert "STOPSIGNAL SIGTERM" in lines
    assert "EXPOSE 8080 8081" in lines
    assert not any(re.search(r"\bcurl\b|\bsudo\b|apt-get upgrade|ADD ", line) for line in lines)


def test_the_image_starts_files_that_exist() -> None:
    started = re.findall(r'"/app/([\w./]+)"', text_of("Dockerfile"))
    assert started == ["serve.py", "deploy/entrypoint.sh"]
    assert all((ROOT / name).exists() for name in started)
    assert os.access(ROOT / "deploy/entrypoint.sh", os.X_OK)


def test_the_image_sets_only_settings_that_exist() -> None:
    environment = next(line for line in instructions("Dockerfile") if "ADMIN_BIND" in line)
    given = dict(re.findall(r"(\w+)=(\S+)", environment))
    known = {setting.name for setting in Settings.table()}
    ours = {name: value for name, value in given.items() if not name.startswith(("PATH", "PYTHON"))}
    assert set(ours) <= known
    assert Settings.from_environ(ours).admin_bind == ("0.0.0.0", 8081)


def test_nothing_is_copied_into_the_image_unasked() -> None:
    rules = text_of(".dockerignore").splitlines()
    assert rules[1] == "**", "everything is left out first"
    for part in ("addons", "admin", "api_bridge", "core", "db", "standin", "supervisor"):
        assert f"!{part}/**" in rules
    assert not any(re.match(r"!.*(\.env|\.git|cache_data|tests)", rule) for rule in rules)


@pytest.mark.parametrize("name", ["docker-compose.yml", "docker-compose-warp.yml"])
def test_only_the_users_port_is_published_to_the_world(name: str) -> None:
    for service in yaml_of(name)["services"].values():
        for port in service.get("ports", []):
            assert port == "${PUBLISH:-8080}:8080" or port.startswith("127.0.0.1:")
            assert "1080" not in port.replace("18080", "")


def test_the_gateway_service_is_closed_down_and_stops_gently() -> None:
    gateway = yaml_of("docker-compose.yml")["services"]["gateway"]
    assert gateway["init"] is True
    assert gateway["stop_grace_period"] == "30s"
    assert gateway["security_opt"] == ["no-new-privileges:true"]
    assert gateway["cap_drop"] == ["ALL"]
    assert gateway["read_only"] is True
    assert gateway["tmpfs"] == ["/tmp:size=640m"]
    assert gateway["env_file"][0]["path"] == ".env"
    assert gateway["volumes"] == ["grok_gateway_db:/app/.cache_data"]
    assert "docker.sock" not in text_of("docker-compose.yml")
    Settings.from_environ(gateway["environment"])


def test_the_volume_keeps_the_name_it_has_on_a_docker_command_line() -> None:
    for name in ("docker-compose.yml", "docker-compose-warp.yml"):
        assert yaml_of(name)["volumes"]["grok_gateway_db"] == {"name": "grok_gateway_db"}


def test_warp_is_reached_by_the_gateway_only() -> None:
    compose = yaml_of("docker-compose-warp.yml")
    warp, gateway = compose["services"]["warp"], compose["services"]["gateway"]
    assert "ports" not in warp
    assert warp["networks"] == ["egress"]
    assert gateway["extends"] == {"file": "docker-compose.yml", "service": "gateway"}
    assert Settings.from_environ(gateway["environment"]).proxy_url_pool[0].host == "warp"


def test_the_demo_runs_only_when_asked_for() -> None:
    demo = yaml_of("docker-compose.yml")["services"]["demo"]
    assert demo["profiles"] == ["demo"]
    assert demo["command"] == ["demo"]
    assert "ports" not in demo, "it listens on loopback, so a published port would lead nowhere"


# ---------------------------------------------------------------- scripts


@pytest.mark.parametrize("script", ["deploy.sh", "deploy/entrypoint.sh", ".ci/run"])
def test_scripts_parse_and_are_executable(script: str) -> None:
    shell = "bash" if "bash" in text_of(script).splitlines()[0] else "sh"
    subprocess.run([shell, "-n", ROOT / script], check=True)
    assert os.access(ROOT / script, os.X_OK)
    if shellcheck := shutil.which("shellcheck"):
        subprocess.run([shellcheck, ROOT / script], check=True)


def program(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(("ci", "browser"), [("true", "1"), ("", "")])
def test_ci_runs_the_suite_and_passes_its_answer_on(tmp_path: Path, ci: str, browser: str) -> None:
    program(tmp_path / "make", 'echo "browser=$REQUIRE_BROWSER args=$*"; exit 5')
    program(tmp_path / "id", "echo 1000")
    answer = subprocess.run(
        [ROOT / ".ci/run"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 5
    assert answer.stdout == f"browser={browser} args=--no-print-directory test\n"


class DeployedCheckout:
    """deploy.sh in a folder of its own, with an invented docker."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.root.mkdir()
        for name in ("deploy.sh", ".env.example"):
            shutil.copy(ROOT / name, self.root)
        self.log = folder / "log"
        self.bin = folder / "bin"

    def docker(self, more: str = "") -> None:
        program(
            self.bin / "docker",
            f'echo "$*" >> {self.log}\n{more}\ncase "$*" in *" port "*) echo 0.0.0.0:8080 ;; esac',
        )

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.root / "deploy.sh", *options],
            env={"PATH": f"{self.bin}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def deployed(tmp_path: Path) -> DeployedCheckout:
    return DeployedCheckout(tmp_path)


def test_deploy_builds_starts_and_says_where(deployed: DeployedCheckout) -> None:
    deployed.docker()
    answer = deployed.run()
    assert answer.returncode == 0, answer.stderr
    assert "http://127.0.0.1:8080" in answer.stdout
    assert "-f docker-compose.yml up -d --wait" in deployed.log.read_text()
    assert (deployed.root / ".env").stat().st_mode & 0o777 == 0o600


def test_deploy_leaves_an_existing_env_alone(deployed: DeployedCheckout) -> None:
    deployed.docker()
    (deployed.root / ".env").write_text("TZ=UTC\n")
    deployed.run("--warp")
    assert (deployed.root / ".env").read_text() == "TZ=UTC\n"
    assert "-f docker-compose-warp.yml up -d" in deployed.log.read_text()


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ('test "$1" != compose || exit 1', "plugin"),
        ('test "$1" != info || exit 1', "cannot reach docker"),
        ('case "$*" in *" build "*) exit 1 ;; esac', "build failed"),
        ('case "$*" in *" up "*) exit 1 ;; esac', "did not come up"),
    ],
)
def test_deploy_names_what_went_wrong(deployed: DeployedCheckout, more: str, word: str) -> None:
    deployed.docker(more)
    answer = deployed.run()
    assert answer.returncode == 1
    assert word in answer.stderr


def test_deploy_refuses_unknown_options(deployed: DeployedCheckout) -> None:
    deployed.docker()
    assert "unknown option" in deployed.run("--wrap").stderr


# ---------------------------------------------------------------- entrypoint


class Container:
    """The entrypoint with an invented Python that tells who it is."""

    def __init__(self, folder: Path) -> None:
        self.app = folder
        self.data = folder / ".cache_data"
        self.data.mkdir()
        program(folder / ".venv/bin/python", 'echo "$(id -u):$(id -g):$(id -G) $*"; umask')

    def start(
        self, *arguments: str, before: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*before, str(ROOT / "deploy/entrypoint.sh"), *arguments],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MIRROR_APP": str(self.app)},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def container() -> Iterator[Container]:
    # Not tmp_path: its parents are closed to other users, and one of them is to work in it.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Container(Path(folder))


as_root = pytest.mark.skipif(not AS_ROOT, reason="needs root and setpriv to drop root")
DOCKER_CAPS = ("setpriv", "--bounding-set", "-all,+chown,+dac_read_search,+kill,+setgid,+setuid",
               "--inh-caps", "-all", "--no-new-privs", "--")  # fmt: skip


@as_root
def test_a_root_owned_volume_becomes_ours_and_root_is_dropped(container: Container) -> None:
    outside = container.app / "outside"
    outside.touch()
    (container.data / "old").mkdir(mode=0o700)
    (container.data / "old/tokens.db").touch(mode=0o600)
    (container.data / "link").symlink_to(outside)
    answer = container.start("serve", "--flag")
    assert answer.stdout == f"{UID}:{UID}:{UID} {container.app}/serve.py serve --flag\n0077\n"
    assert {path.lstat().st_uid for path in container.data.rglob("*")} == {UID}
    assert outside.stat().st_uid == 0, "links are not followed"


@as_root
def test_the_compose_files_capabilities_suffice_at_the_first_start_and_later(
    container: Container,
) -> None:
    (container.data / "grok-mirror.db").touch()
    for _ in range(2):
        answer = container.start(before=DOCKER_CAPS)
        assert answer.returncode == 0, answer.stderr
        container.data.chmod(0o700)
        (container.data / "grok-mirror.db").chmod(0o600)


@as_root
def test_started_as_another_user_it_says_what_is_missing(container: Container) -> None:
    other = ("setpriv", "--reuid", "10002", "--regid", "10002", "--clear-groups", "--")
    answer = container.start(before=other)
    assert answer.returncode == 78
    assert "may not write" in answer.stderr
    os.chown(container.data, 10002, 10002)
    assert container.start(before=other).stdout.startswith("10002:10002")


@as_root
def test_other_programs_run_too_but_not_as_root(container: Container) -> None:
    assert container.start("sh", "-c", "id -u").stdout == f"{UID}\n"
    assert container.start("demo").stdout.startswith(f"{UID}:{UID}:{UID} ")


# ---------------------------------------------------------------- systemd and reverse proxies


def test_the_unit_is_hardened_and_does_not_retry_wrong_settings() -> None:
    unit = configparser.RawConfigParser(strict=False, delimiters="=")
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text_of("deploy/grok-mirror.service"))
    service = unit["Service"]
    assert service["RestartPreventExitStatus"] == "78"
    assert service["KillMode"] == "mixed"
    assert int(service["TimeoutStopSec"]) > 25
    assert service["UMask"] == "0077"
    assert service["ProtectSystem"] == "strict"
    assert service["DynamicUser"] == "yes"


def test_the_caddyfile_streams_and_says_who_connected() -> None:
    caddyfile = text_of("deploy/Caddyfile")
    assert "flush_interval -1" in caddyfile
    assert "header_up X-Forwarded-For {remote_host}" in caddyfile
    assert "read_header 10s" in caddyfile
    if caddy := shutil.which("caddy"):
        subprocess.run(
            [caddy, "adapt", "--config", ROOT / "deploy/Caddyfile"], check=True, timeout=30
        )


CADDY = shutil.which("caddy")
NGINX = shutil.which("nginx", path="/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin")
with_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def certificate(folder: Path) -> None:
    import trustme

    issued = trustme.CA().issue_cert("grok.example.com")
    issued.private_key_pem.write_to_path(folder / "privkey.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "fullchain.pem")


def nginx_folder(folder: Path, ports: dict[str, int]) -> list[str]:
    """Our sample in a minimal nginx; only paths and ports are replaced."""
    certificate(folder)
    site = text_of("deploy/nginx.conf")
    site = site.replace("/etc/letsencrypt/live/grok.example.com", str(folder))
    site = re.sub(r"(?m)^ *listen \[::\].*\n", "", site)
    for old, port in ports.items():
        assert old in site
        site = site.replace(old, old.replace(re.findall(r"\d+", old)[-1], str(port)))
    temporary = "".join(
        f"{kind}_temp_path {folder};" for kind in
        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )  # fmt: skip
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {temporary}\n{site}\n}}\n"
    )
    return [str(NGINX), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


@with_nginx
def test_nginx_accepts_the_sample(tmp_path: Path) -> None:
    command = nginx_folder(tmp_path, {"listen 80": free_port(), "listen 443": free_port()})
    answer = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert "[warn]" not in answer.stderr.replace("deprecated", "")


class Upstream:
    """Stands for the mirror: notes the request, streams in two parts or upgrades and echoes."""

    def __init__(self) -> None:
        self.head = b""
        self.go_on = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.answer(reader, writer)
        finally:
            writer.close()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.head = await reader.readuntil(b"\r\n\r\n")
        if b"upgrade: websocket" in self.head.lower():
            writer.write(b"HTTP/1.1 101 Hi\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
            writer.write(await reader.readexactly(4))
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
            await asyncio.wait_for(self.go_on.wait(), 10)
            writer.write(b"4\r\nlast\r\n0\r\n\r\n")


class ThroughProxy:
    def __init__(self, port: int, upstream: Upstream) -> None:
        self.port = port
        self.upstream = upstream

    @asynccontextmanager
    async def sent(
        self, head: str
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await self.connect()
        try:
            writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
            yield reader, writer
            self.upstream.go_on.set()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        for _ in range(100):
            with suppress(ConnectionRefusedError):  # still starting
                return await asyncio.open_connection(
                    "127.0.0.1", self.port, ssl=trusting, server_hostname="grok.example.com"
                )
            await asyncio.sleep(0.05)
        pytest.fail("the reverse proxy did not start")


def caddy_folder(folder: Path, mirror: int, port: int) -> list[str]:
    """Our sample with another port and a certificate of our own."""
    certificate(folder)
    site = text_of("deploy/Caddyfile")
    keys = f"{folder}/fullchain.pem {folder}/privkey.pem"
    for old, new in {
        "127.0.0.1:8080": f"127.0.0.1:{mirror}",
        "{\n\tservers": "{\n\tadmin off\n\tauto_https disable_redirects\n\tservers",
        "\ngrok.example.com {": f"\nhttps://grok.example.com:{port} {{\n\ttls {keys}",
    }.items():
        assert old in site
        site = site.replace(old, new)
    (folder / "Caddyfile").write_text(site)
    return [str(CADDY), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def sample_command(kind: str, folder: Path, mirror: int, port: int) -> list[str]:
    if kind == "caddy":
        return caddy_folder(folder, mirror, port)
    ports = {"127.0.0.1:8080": mirror, "listen 80": free_port(), "listen 443": port}
    return nginx_folder(folder, ports)


@pytest.fixture(params=["nginx", "caddy"])
async def through(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ThroughProxy]:
    if not {"nginx": NGINX, "caddy": CADDY}[request.param]:
        pytest.skip(f"{request.param} is not installed")
    mirror, port = Upstream(), free_port()
    server = await asyncio.start_server(mirror.serve, "127.0.0.1", 0)
    mirror_port = server.sockets[0].getsockname()[1]
    command = sample_command(request.param, tmp_path, mirror_port, port)
    home = {"HOME": str(tmp_path), "PATH": os.defpath}
    process = await asyncio.create_subprocess_exec(*command, env=home)
    try:
        yield ThroughProxy(port, mirror)
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
        server.close()
        await server.wait_closed()


HEAD = "GET /x HTTP/1.1\nHost: grok.example.com"


@pytest.mark.loop
async def test_through_a_sample_nobody_can_say_he_is_somebody_else(
    through: ThroughProxy,
) -> None:
    forged = "X-Forwarded-For: 6.6.6.6\nX-Real-IP: 6.6.6.6\nForwarded: for=6.6.6.6"
    proto = "X-Forwarded-Proto: http\nX-Forwarded-Host: evil.example"
    async with through.sent(f"{HEAD}\n{forged}\n{proto}") as (reader, _):
        await asyncio.wait_for(reader.readuntil(b"first"), 10)
    head = through.upstream.head.lower()
    assert b"\r\nx-forwarded-for: 127.0.0.1\r\n" in head
    assert b"\r\nx-forwarded-proto: https\r\n" in head
    assert b"6.6.6.6" not in head
    assert b"evil.example" not in head


@pytest.mark.loop
async def test_through_a_sample_the_first_words_come_before_the_last(
    through: ThroughProxy,
) -> None:
    async with through.sent(HEAD) as (reader, _):
        await asyncio.wait_for(reader.readuntil(b"first"), 10)
        through.upstream.go_on.set()
        await asyncio.wait_for(reader.readuntil(b"last"), 10)


@pytest.mark.loop
async def test_through_a_sample_web_sockets_open(through: ThroughProxy) -> None:
    upgrade = f"{HEAD}\nConnection: Upgrade\nUpgrade: WebSocket"
    async with through.sent(upgrade) as (reader, writer):
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert answer.startswith(b"HTTP/1.1 101")
        writer.write(b"ping")
        assert await asyncio.wait_for(reader.readexactly(4), 10) == b"ping"


@pytest.mark.loop
@pytest.mark.parametrize("through", ["nginx"], indirect=True)  # Caddy leaves h2c to the mirror
async def test_through_a_sample_nothing_else_upgrades(through: ThroughProxy) -> None:
    async with through.sent(f"{HEAD}\nConnection: Upgrade\nUpgrade: h2c") as (reader, _):
        await asyncio.wait_for(reader.readuntil(b"first"), 10)
    assert b"upgrade" not in through.upstream.head.lower()
