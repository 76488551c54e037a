"""`audit-isolation`: tries what is one user's as another, on every row of the route table.

On made-up ids, which belong to the one in the mirror's own books alone, everything is tried. On
what really is somebody's only what changes nothing: if there is a hole, the audit must not use it.
"""

import argparse
import asyncio
import json
import secrets
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import db
from core.account import Account
from core.ids import KINDS
from core.isolation_plan import Ids, attempts, every_spelling, socket_attempts
from core.isolation_report import Result, as_json, judged, judged_frames, report, usual
from core.mirror_config import ConfigError, MirrorConfig
from core.settings import EX_CONFIG, Settings
from core.user import User, caller_name
from supervisor import banner
from supervisor.cast_list import MIRROR_CONFIG, read_mirror_config
from supervisor.isolation_asking import Asker, NotRecognisedError, asking

MOST_OF_A_KIND = 100
"""So many of somebody's real ids of each kind are tried; the report says if there are more."""
WEEK = 7 * 86_400.0


class CannotAuditError(Exception):
    """Why there can be no audit, in both languages."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Who asks, and whose things he asks for."""

    asker: User
    other: User
    account: Account
    """Where the other's things are."""


def run(asked: argparse.Namespace, settings: Settings) -> int:
    """0 when nothing was let through, 1 otherwise."""
    try:
        db.open_database(settings)
        config, _ = read_mirror_config(MIRROR_CONFIG)
        results, notes = audited(asked, settings, config)
    except (db.CannotOpenError, ConfigError) as problem:
        banner.complain(f"无法开始 / cannot begin: {problem}")
        return EX_CONFIG
    except (CannotAuditError, db.StorageError) as problem:
        banner.complain(str(problem))
        return 1
    except NotRecognisedError as problem:
        banner.complain(f"镜像站没有回应此用户 / the mirror does not answer this user: {problem}")
        return 1
    finally:
        db.close_database()
    told = as_json(results)
    if asked.json:
        banner.show(json.dumps({**told, "notes": notes}, ensure_ascii=False, indent=2))
    else:
        banner.show("\n".join((*notes, *report(results))))
    return 0 if told["ok"] else 1


def audited(
    asked: argparse.Namespace, settings: Settings, config: MirrorConfig
) -> tuple[list[Result], list[str]]:
    """Try everything on the running mirror; what came of it, and notes for the operator."""
    with _pair(asked.asker, asked.against) as pair:
        return asyncio.run(_audit(settings, config, pair, make=asked.make))


async def _audit(
    settings: Settings, config: MirrorConfig, pair: Pair, *, make: bool
) -> tuple[list[Result], list[str]]:
    words = set()
    if make:
        words.add(await _make_a_chat(settings, pair))
    real, notes = _real_ids(pair)
    with _session(pair.asker) as cookie, _made_up(pair) as (own, theirs):
        async with asking(settings, cookie) as asker:
            await asker.recognised()
            others = {*words, *theirs.values(), *(i for ids in real for i in ids.values())}
            everything = [*attempts(config, theirs, own), *every_spelling(config, theirs, shapes=1)]
            everything += [a for ids in real for a in attempts(config, ids, own) if not a.changes]
            told = await asker.try_all(everything)
            reference = usual(zip(everything, told, strict=True))
            found = [
                judged(attempt, answer, reference, others)
                for attempt, answer in zip(everything, told, strict=True)
            ]
            return [*found, *await _sockets(asker, config, pair, [theirs, *real], own)], notes


async def _sockets(
    asker: Asker, config: MirrorConfig, pair: Pair, sets: list[Ids], own: Ids
) -> list[Result]:
    user = pair.account.upstream_user_id or ""
    frames = [
        frame
        for number, ids in enumerate(sets[:3])
        for frame in socket_attempts(config, ids, own)
        if number == 0 or not frame.changes
    ]
    said = await asker.try_frames(frames, user)
    return [judged_frames(frame, answer) for frame, answer in zip(frames, said, strict=True)]


async def _make_a_chat(settings: Settings, pair: Pair) -> str:
    """The other asks something; a word that stands in it and nowhere else."""
    word = f"audit-{secrets.token_hex(8)}"
    with _session(pair.other) as cookie:
        async with asking(settings, cookie) as other:
            await other.recognised()
            await other.chat(pair.account.upstream_user_id or "", f"Please say {word}.")
    return word


def _real_ids(pair: Pair) -> tuple[list[Ids], list[str]]:
    """What the other has, as sets of one id a kind; a kind that he has less of begins again."""
    held: dict[str, list[str]] = defaultdict(list)
    for item in db.owned_by(caller_name(pair.other.id), pair.account.id):
        held[item.kind].append(item.object_id)
    longest = max(map(len, held.values()), default=0)
    number = min(longest, MOST_OF_A_KIND)
    spare = {kind: str(uuid.uuid4()) for kind in KINDS}
    sets: list[Ids] = [
        {kind: held[kind][n % len(held[kind])] if held[kind] else spare[kind] for kind in KINDS}
        for n in range(number)
    ]
    notes = [
        f"{pair.asker.name} → {pair.other.name}, {pair.account.name or pair.account.id}: "
        f"真实编号 real ids {sum(map(len, held.values()))}"
    ]
    if longest > number:
        notes.append(f"每类只试 {number} 个 / only {number} of each kind were tried")
    return sets, notes


@contextmanager
def _made_up(pair: Pair) -> Iterator[tuple[Ids, Ids]]:
    """Ids of nothing: a set that is the asker's, one that is the other's."""
    sets = [{kind: str(uuid.uuid4()) for kind in KINDS} for _ in range(2)]
    account_id = pair.asker.account_id or pair.account.id
    places = ((account_id, pair.asker), (pair.account.id, pair.other))
    rows = [
        db.Owned(number, kind, object_id, caller_name(user.id))
        for (number, user), ids in zip(places, sets, strict=True)
        for kind, object_id in ids.items()
    ]
    db.record_ownership(rows)
    try:
        yield sets[0], sets[1]
    finally:
        db.forget_owned(rows)


@contextmanager
def _session(user: User) -> Iterator[str]:
    """Signed in as this user for a moment; what the cookie opens is ended afterwards."""
    now = time.time()
    cookie = db.start_session(user.id, now, "audit")
    try:
        yield cookie
    finally:
        session = db.find_session(cookie, time.time())
        if session:
            db.end_session(session.id, user.id)


@contextmanager
def _pair(asker: str, against: str) -> Iterator[Pair]:
    """Two users that exist, or two that are made for the occasion."""
    if bool(asker) != bool(against):
        raise CannotAuditError("--as 与 --against 须一起使用 / use --as and --against together")
    with ExitStack() as stack:
        if asker:
            users = [_existing(asker), _existing(against)]
            account = db.load_account(users[1].account_id or 0)
        else:
            account = _busiest()
            users = [stack.enter_context(_temporary(account)) for _ in range(2)]
        if users[0].id == users[1].id:
            raise CannotAuditError("须为两个不同的用户 / it takes two users")
        if account is None:
            raise CannotAuditError(f"{against} 没有账号 / {against} has no account")
        for user in users:
            used = db.load_account(user.account_id or 0)
            if used and used.private_to is not None:
                raise CannotAuditError(
                    f"{user.name} 独占一个账号，一切放行 / "
                    f"{user.name} has an account of his own, where everything passes"
                )
        yield Pair(users[0], users[1], account)


def _existing(name: str) -> User:
    user = db.find_user(name)
    if user is None or not user.may_sign_in(time.time()):
        raise CannotAuditError(f"没有可用的用户 {name} / no user {name} who may sign in")
    return user


@contextmanager
def _temporary(account: Account | None) -> Iterator[User]:
    if account is None:
        raise CannotAuditError("没有可共用的账号 / there is no account that people share")
    user = db.add_user(f"audit-{secrets.token_hex(6)}", note="audit-isolation")
    db.assign_account(user.id, account.id)
    try:
        yield db.find_user(user.name) or user
    finally:
        db.end_sessions_of(user.id)
        db.delete_user(user.id)


def _busiest() -> Account | None:
    """Of the accounts that people share, the one that was asked most this week."""
    shared = {a.id: a for a in db.load_accounts() if a.enabled and a.private_to is None}
    asked = [number for number, *_ in db.busiest_accounts(time.time() - WEEK, 100)]
    riders = db.count_users_by_account()
    by_riders = sorted(shared, key=lambda number: -riders.get(number, 0))
    return next((shared[number] for number in (*asked, *by_riders) if number in shared), None)
