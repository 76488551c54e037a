"""One whole examination: who looks at what, in which order, and when it is over.

Three chains run side by side and hand over each finding as it comes. What is not known when the
time is up is told as not tested; no check can hold up the report.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import Empty, Queue

import db
from admin.doctor.grok import AskOnce, grok_findings
from admin.doctor.machine import (
    folder_facts,
    key_facts,
    port_facts,
    read_mirror_config,
    version_facts,
)
from admin.doctor.network import network_findings
from admin.egress_trial import MAIN_HOST
from admin.grok_calls import GrokCalls
from core.doctor.findings import Finding
from core.doctor.machine import (
    DatabaseFacts,
    judge_config,
    judge_database,
    judge_folder,
    judge_key,
    judge_port,
    judge_settings,
    judge_versions,
)
from core.doctor.network import WaysOut, ways_out
from core.settings import Settings
from core.wiring import Wiring

log = logging.getLogger(__name__)

SECONDS = 60.0
_OF_THE_MACHINE = ("versions", "settings", "config", "data", "key", "database", "port")
_OF_THE_NETWORK = ("egress", "dns", "tls", "clock")
_OF_GROK = ("account", "socket", "turn")

type Chain = Callable[[], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is examined, and what may be done to it."""

    settings: Settings
    wiring: Wiring | None = None
    """Of the running mirror; None when it does not run."""
    database: DatabaseFacts
    is_open: bool
    """Whether `db` may be asked; the doctor opens nothing itself."""
    version_problems: tuple[str, ...] = ()
    ask_once: AskOnce | None = field(default=None, repr=False)


def examine(patient: Patient, seconds: float = SECONDS) -> Iterator[Finding]:
    """Every finding, as it comes; over after `seconds` at the latest."""
    told: Queue[Finding | str] = Queue()
    chains: dict[str, tuple[Chain, tuple[str, ...]]] = {
        "machine": (lambda: _machine(patient), _OF_THE_MACHINE),
        "network": (lambda: _network(patient), _OF_THE_NETWORK),
        "grok": (lambda: _grok(patient), _OF_GROK),
    }
    missing = {check: name for name, (_, checks) in chains.items() for check in checks}
    for name, (chain, _) in chains.items():
        threading.Thread(target=_run, args=(name, chain, told), daemon=True).start()
    running, until = set(chains), time.monotonic() + seconds
    while running:
        try:
            news = told.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            break
        if isinstance(news, Finding):
            missing.pop(news.check, None)
            yield news
        else:
            running.discard(news)
    for check, name in missing.items():
        yield Finding("late" if name in running else "broken", of=check)


def _run(name: str, chain: Chain, told: Queue[Finding | str]) -> None:
    try:
        for finding in chain():
            told.put(finding)
    finally:
        told.put(name)  # a chain that broke is told of by what it left out


def _machine(patient: Patient) -> Iterator[Finding]:
    settings, database = patient.settings, patient.database
    key = key_facts(settings.secret_key_file)
    yield from judge_versions(patient.version_problems, version_facts())
    yield from judge_settings(settings.warnings)
    config, problems = read_mirror_config()
    yield from judge_config(len(config.hosts) if config else 0, problems)
    yield judge_folder(folder_facts(settings.data_dir))
    yield judge_key(key, database)
    yield judge_database(database, has_key=key.exists and not key.problem)
    is_running = patient.wiring is not None
    for port in port_facts(settings):
        yield judge_port(port, is_running=is_running)


def _network(patient: Patient) -> Iterator[Finding]:
    config, _ = read_mirror_config()
    hosts = [rule.host.name for rule in config.hosts] if config else [MAIN_HOST]
    yield from network_findings(patient.settings, _ways_out(patient), hosts)


def _ways_out(patient: Patient) -> WaysOut:
    """Where the database cannot be read nobody knows whether there are egresses."""
    pool, database = patient.settings.proxy_url_pool, patient.database
    if not patient.is_open:
        return ways_out([] if database.is_empty else None, pool)
    try:
        library = db.load_egresses()
    except db.StorageError as problem:
        log.error("egresses: %s", problem)  # noqa: TRY400  the text says it all
        library = None
    return ways_out(library, pool)


def _grok(patient: Patient) -> Iterator[Finding]:
    if patient.wiring is None or not patient.is_open:
        key = "mirror_down" if patient.wiring is None else "storage_down"
        yield from (Finding(key, of=check) for check in _OF_GROK)
        return
    try:
        yield from grok_findings(GrokCalls(patient.wiring), patient.ask_once)
    except db.StorageError as problem:
        log.error("accounts: %s", problem)  # noqa: TRY400
        yield from (Finding("storage_down", of=check) for check in _OF_GROK)
