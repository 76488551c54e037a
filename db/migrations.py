"""How the database grows: ordered steps, each in a transaction of its own, none ever edited.

A step is plain SQL, so that it means tomorrow what it means today. SQLite and PostgreSQL both run
it; `{id}` and `{compact}` are what they spell differently.
"""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from peewee import Database, SqliteDatabase

from db.errors import SchemaTooNewError

type Run = Callable[[str], None]


class Migration(NamedTuple):
    """One step: its name is remembered in the database."""

    name: str
    apply: Callable[[Run], None]


def m001_initial(run: Run) -> None:
    """Accounts, egresses, users, mirror sessions, links, ownership and the mirror's own values."""
    for statement in _INITIAL.split(";"):
        if statement.strip():
            run(statement)


def m002_account_list(run: Run) -> None:
    """What the operator's list shows, and an index that answers it without reading a secret."""
    for statement in _ACCOUNT_LIST.split(";"):
        if statement.strip():
            run(statement)


def m003_api_keys(run: Run) -> None:
    """API keys, and how often each was used on which day."""
    for statement in _API_KEYS.split(";"):
        if statement.strip():
            run(statement)


def m004_mode_states(run: Run) -> None:
    """Quota and rest of each account by mode."""
    for statement in _MODE_STATES.split(";"):
        run(statement)


def m005_api_ownership(run: Run) -> None:
    """Whose a conversation is that was begun over the API."""
    run(_API_OWNERSHIP)


def m006_pool_roles(run: Run) -> None:
    """Which traffic an account is for, whether it drains, and its priority."""
    for statement in _POOL_ROLES.split(";"):
        run(statement)


def m007_records(run: Run) -> None:
    """A record of finished flows, and its sums by hour."""
    for statement in _RECORDS.split(";"):
        run(statement)


def m008_isolation(run: Run) -> None:
    """One table says whose an object is, whichever door it came in by; what users set is kept."""
    for statement in _ISOLATION.split(";"):
        run(statement)


def m009_people(run: Run) -> None:
    """What a user may have, pools of accounts, invitations; keys and links that say more."""
    for statement in _PEOPLE.split(";"):
        run(statement)


def m011_record_list(run: Run) -> None:
    """Why an account was chosen, and indexes that answer the list of records and its sums."""
    for statement in _RECORD_LIST.split(";"):
        run(statement)


def m012_account_concurrency(run: Run) -> None:
    """How many chats one account has at the same time, where it is not what the settings say."""
    run("ALTER TABLE accounts ADD COLUMN concurrency INTEGER")


def m013_account_counts(run: Run) -> None:
    """The list's index in the order in which its chips are counted: no sorting then."""
    for statement in _ACCOUNT_COUNTS.split(";"):
        run(statement)


def m014_archive(run: Run) -> None:
    """Who wants his conversations kept here, and the copies."""
    for statement in _ARCHIVE.split(";"):
        run(statement)


def m015_unknown_routes(run: Run) -> None:
    """What pages ask for that the route table does not know."""
    for statement in _UNKNOWN_ROUTES.split(";"):
        run(statement)


MIGRATIONS: tuple[Migration, ...] = (
    Migration("m001_initial", m001_initial),
    Migration("m002_account_list", m002_account_list),
    Migration("m003_api_keys", m003_api_keys),
    Migration("m004_mode_states", m004_mode_states),
    Migration("m005_api_ownership", m005_api_ownership),
    Migration("m006_pool_roles", m006_pool_roles),
    Migration("m007_records", m007_records),
    Migration("m008_isolation", m008_isolation),
    Migration("m009_people", m009_people),
    Migration("m011_record_list", m011_record_list),
    Migration("m012_account_concurrency", m012_account_concurrency),
    Migration("m013_account_counts", m013_account_counts),
    Migration("m014_archive", m014_archive),
    Migration("m015_unknown_routes", m015_unknown_routes),
)

_ACCOUNT_COUNTS = """
DROP INDEX accounts_list;
CREATE INDEX accounts_list ON accounts (
    deleted_at, enabled, status, tier, cooling_until, egress_id, private_to, last_used_at,
    created_at, name, email, remark, tags)
"""

_UNKNOWN_ROUTES = """
CREATE TABLE unknown_routes (
    id {id}, method TEXT NOT NULL, host TEXT NOT NULL, path TEXT NOT NULL,
    count INTEGER NOT NULL, last_seen_at DOUBLE PRECISION NOT NULL, allowed BOOLEAN NOT NULL);
CREATE UNIQUE INDEX unknown_routes_shape ON unknown_routes (method, host, path)
"""

_ARCHIVE = """
CREATE TABLE archive_users (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    since DOUBLE PRECISION NOT NULL);
CREATE TABLE archived_conversations (
    id {id}, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL, conversation_id TEXT NOT NULL, modified TEXT NOT NULL,
    head TEXT NOT NULL, body TEXT NOT NULL, size INTEGER NOT NULL,
    archived_at DOUBLE PRECISION NOT NULL, UNIQUE (user_id, account_id, conversation_id))
"""

_ISOLATION = """
CREATE TABLE owned_objects (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL, object_id TEXT NOT NULL, owner TEXT NOT NULL,
    PRIMARY KEY (account_id, kind, object_id)) {compact};
INSERT INTO owned_objects (account_id, kind, object_id, owner)
    SELECT account_id, kind, object_id, 'user:' || user_id FROM ownership;
INSERT INTO owned_objects (account_id, kind, object_id, owner)
    SELECT account_id, kind, object_id, caller FROM api_ownership
    WHERE account_id IN (SELECT id FROM accounts) ON CONFLICT DO NOTHING;
CREATE INDEX owned_objects_owner ON owned_objects (owner, account_id, kind);
CREATE INDEX owned_objects_id ON owned_objects (object_id, kind);
DROP TABLE ownership;
DROP TABLE api_ownership;
CREATE TABLE kept_settings (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    path TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (user_id, path)) {compact}
"""

_PEOPLE = """
ALTER TABLE users ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN modes TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN day_limit INTEGER;
ALTER TABLE users ADD COLUMN month_limit INTEGER;
ALTER TABLE users ADD COLUMN is_guest BOOLEAN NOT NULL DEFAULT FALSE;
CREATE TABLE user_usage (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, day TEXT NOT NULL,
    web INTEGER NOT NULL, api INTEGER NOT NULL, changed_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (user_id, day)) {compact};
CREATE INDEX user_usage_changed ON user_usage (changed_at);
CREATE TABLE pools (
    id {id}, name TEXT NOT NULL UNIQUE, note TEXT NOT NULL, created_at DOUBLE PRECISION NOT NULL);
CREATE TABLE pool_accounts (
    pool_id INTEGER NOT NULL REFERENCES pools (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (pool_id, account_id)) {compact};
CREATE INDEX pool_accounts_account ON pool_accounts (account_id);
CREATE TABLE user_pools (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    pool_id INTEGER NOT NULL REFERENCES pools (id), PRIMARY KEY (user_id, pool_id)) {compact};
CREATE TABLE key_pools (
    key_id INTEGER NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    pool_id INTEGER NOT NULL REFERENCES pools (id), PRIMARY KEY (key_id, pool_id)) {compact};
CREATE TABLE invites (
    id {id}, token_hash TEXT NOT NULL UNIQUE, note TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL, expires_at DOUBLE PRECISION NOT NULL,
    uses_left INTEGER NOT NULL, used INTEGER NOT NULL, user_seconds DOUBLE PRECISION,
    day_limit INTEGER, month_limit INTEGER, modes TEXT NOT NULL);
CREATE TABLE invite_pools (
    invite_id INTEGER NOT NULL REFERENCES invites (id) ON DELETE CASCADE,
    pool_id INTEGER NOT NULL REFERENCES pools (id), PRIMARY KEY (invite_id, pool_id)) {compact};
ALTER TABLE one_time_links ADD COLUMN uses_left INTEGER NOT NULL DEFAULT 1;
ALTER TABLE api_keys DROP COLUMN pool;
ALTER TABLE api_keys ADD COLUMN user_id INTEGER REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE accounts ADD COLUMN tags TEXT NOT NULL DEFAULT '';
DROP INDEX accounts_list;
CREATE INDEX accounts_list ON accounts (
    deleted_at, enabled, status, cooling_until, tier, egress_id, private_to, last_used_at,
    created_at, name, email, remark, tags)
"""

_RECORD_LIST = """
ALTER TABLE flow_records ADD COLUMN why TEXT NOT NULL DEFAULT '';
DROP INDEX flow_records_ended;
CREATE INDEX flow_records_list ON flow_records (
    ended_at, id, status, outcome, door, caller, account_id);
CREATE INDEX flow_records_outcome ON flow_records (outcome, ended_at, id);
CREATE INDEX flow_records_caller ON flow_records (caller, ended_at, id);
CREATE INDEX flow_records_account ON flow_records (account_id, ended_at, id);
CREATE INDEX flow_records_request ON flow_records (request_id);
CREATE INDEX hour_sums_account ON hour_sums (account_id, hour);
CREATE INDEX hour_sums_caller ON hour_sums (caller, hour)
"""

_RECORDS = """
CREATE TABLE flow_records (
    id {id}, request_id TEXT NOT NULL, ended_at DOUBLE PRECISION NOT NULL, door TEXT NOT NULL,
    caller TEXT NOT NULL, account_id INTEGER, egress_id INTEGER, mode TEXT NOT NULL,
    outcome TEXT NOT NULL, status INTEGER NOT NULL, first_byte_ms INTEGER,
    total_ms INTEGER NOT NULL, bytes_out BIGINT NOT NULL);
CREATE INDEX flow_records_ended ON flow_records (ended_at);
CREATE TABLE hour_sums (
    hour BIGINT NOT NULL, account_id INTEGER NOT NULL, caller TEXT NOT NULL,
    requests INTEGER NOT NULL, failures INTEGER NOT NULL, bytes_out BIGINT NOT NULL,
    PRIMARY KEY (hour, account_id, caller)) {compact}
"""

_POOL_ROLES = """
ALTER TABLE accounts ADD COLUMN traffic TEXT NOT NULL DEFAULT 'both';
ALTER TABLE accounts ADD COLUMN draining BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE accounts ADD COLUMN priority INTEGER NOT NULL DEFAULT 0
"""

_MODE_STATES = """
CREATE TABLE mode_states (
    account_id INTEGER NOT NULL, mode TEXT NOT NULL, remaining INTEGER, total INTEGER,
    window_seconds DOUBLE PRECISION, reset_at DOUBLE PRECISION, source TEXT NOT NULL,
    learned_at DOUBLE PRECISION NOT NULL, cooling_until DOUBLE PRECISION NOT NULL,
    cooling_reason TEXT NOT NULL, failures INTEGER NOT NULL,
    changed_at DOUBLE PRECISION NOT NULL, PRIMARY KEY (account_id, mode)) {compact};
CREATE INDEX mode_states_changed ON mode_states (changed_at)
"""

_INITIAL = """
CREATE TABLE egresses (
    id {id}, url TEXT NOT NULL, url_hash TEXT NOT NULL UNIQUE, label TEXT NOT NULL,
    source TEXT NOT NULL, enabled BOOLEAN NOT NULL, cooling_until DOUBLE PRECISION NOT NULL,
    failures INTEGER NOT NULL, last_error TEXT NOT NULL);
CREATE TABLE users (
    id {id}, name TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, password_hash TEXT,
    enabled BOOLEAN NOT NULL, account_id INTEGER, account_chosen BOOLEAN NOT NULL,
    created_at DOUBLE PRECISION NOT NULL, expires_at DOUBLE PRECISION);
CREATE TABLE accounts (
    id {id}, name TEXT NOT NULL, sso_token TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE,
    upstream_user_id TEXT, email TEXT, user_agent TEXT, extra_cookies TEXT NOT NULL,
    jar TEXT NOT NULL, egress_id INTEGER REFERENCES egresses (id), enabled BOOLEAN NOT NULL,
    private_to INTEGER REFERENCES users (id), cooling_until DOUBLE PRECISION NOT NULL,
    cooling_reason TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    failures INTEGER NOT NULL, created_at DOUBLE PRECISION NOT NULL,
    last_used_at DOUBLE PRECISION);
CREATE TABLE mirror_sessions (
    id {id}, token_hash TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at DOUBLE PRECISION NOT NULL, last_seen_at DOUBLE PRECISION NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL, user_agent TEXT NOT NULL);
CREATE INDEX mirror_sessions_user ON mirror_sessions (user_id);
CREATE TABLE one_time_links (
    id {id}, token_hash TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at DOUBLE PRECISION NOT NULL, used_at DOUBLE PRECISION);
CREATE TABLE ownership (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL, object_id TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, kind, object_id)) {compact};
CREATE INDEX ownership_user ON ownership (user_id, account_id, kind);
CREATE TABLE settings (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE login_attempts (
    peer TEXT NOT NULL PRIMARY KEY, count INTEGER NOT NULL,
    window_started DOUBLE PRECISION NOT NULL, blocks INTEGER NOT NULL,
    blocked_until DOUBLE PRECISION NOT NULL);
CREATE TABLE revision (id {id}, number INTEGER NOT NULL);
INSERT INTO revision (number) VALUES (1)
"""

_API_KEYS = """
CREATE TABLE api_keys (
    id {id}, name TEXT NOT NULL UNIQUE, prefix TEXT NOT NULL, key_hash TEXT NOT NULL UNIQUE,
    pool TEXT, models TEXT NOT NULL, per_minute INTEGER, concurrency INTEGER, day_limit INTEGER,
    month_limit INTEGER, expires_at DOUBLE PRECISION, networks TEXT NOT NULL,
    enabled BOOLEAN NOT NULL, created_at DOUBLE PRECISION NOT NULL, last_used_at DOUBLE PRECISION);
CREATE TABLE api_key_usage (
    key_id INTEGER NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    day TEXT NOT NULL, calls INTEGER NOT NULL,
    PRIMARY KEY (key_id, day)) {compact}
"""

_ACCOUNT_LIST = """
ALTER TABLE accounts ADD COLUMN remark TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN tier TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN tested_at DOUBLE PRECISION;
ALTER TABLE accounts ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN deleted_at DOUBLE PRECISION;
CREATE INDEX accounts_list ON accounts (
    deleted_at, enabled, status, cooling_until, tier, egress_id, private_to, last_used_at,
    created_at, name, email, remark);
CREATE INDEX users_account ON users (account_id)
"""

_API_OWNERSHIP = """
CREATE TABLE api_ownership (
    kind TEXT NOT NULL, object_id TEXT NOT NULL,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    caller TEXT NOT NULL, PRIMARY KEY (kind, object_id)) {compact}
"""

_TURN = 0x67726F6B  # any number, as long as nobody else's locks have it
_HISTORY = """
CREATE TABLE IF NOT EXISTS migrations (
    name TEXT NOT NULL PRIMARY KEY, applied_at DOUBLE PRECISION NOT NULL)
"""


def pending(database: Database, known: Sequence[Migration] = MIGRATIONS) -> list[Migration]:
    """What is still to be done; SchemaTooNewError when a later version was here."""
    applied = _applied(database)
    unknown = applied - {step.name for step in known}
    if unknown:
        raise SchemaTooNewError(
            f"the database was written by a later version of Grok Mirror ({max(unknown)}): "
            "start that version, or restore the backup made before the upgrade"
        )
    return [step for step in known if step.name not in applied]


def migrate(database: Database, known: Sequence[Migration] = MIGRATIONS) -> None:
    """Apply what is pending; two processes may do so at once, the second finds nothing left."""
    with database.atomic():
        take_turn(database)  # IF NOT EXISTS does not help two who create it at once
        database.execute_sql(_HISTORY)
    for step in pending(database, known):
        with database.atomic():
            take_turn(database)
            if step.name not in _applied(database):
                step.apply(_runner(database))
                _remember(database, step)


def _applied(database: Database) -> set[str]:
    if not database.table_exists("migrations"):
        return set()
    return {name for (name,) in database.execute_sql("SELECT name FROM migrations").fetchall()}


def take_turn(database: Database) -> None:
    """Within a transaction: nobody else writes until it has ended, who takes turns as well.

    SQLite's BEGIN IMMEDIATE is that already; PostgreSQL needs to be told.
    """
    if not isinstance(database, SqliteDatabase):
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_TURN,))


def _runner(database: Database) -> Run:
    lite = isinstance(database, SqliteDatabase)
    # AUTOINCREMENT: an id is never given out twice, so no old row can speak for a new account.
    id_column = "INTEGER PRIMARY KEY AUTOINCREMENT" if lite else "SERIAL PRIMARY KEY"
    compact = "WITHOUT ROWID" if lite else ""

    def run(statement: str) -> None:
        database.execute_sql(statement.replace("{id}", id_column).replace("{compact}", compact))

    return run


def _remember(database: Database, step: Migration) -> None:
    mark = database.param
    database.execute_sql(
        f"INSERT INTO migrations (name, applied_at) VALUES ({mark}, {mark})",  # noqa: S608
        (step.name, time.time()),
    )
