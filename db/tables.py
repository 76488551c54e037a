"""The rows as peewee sees them; nothing outside `db` imports this.

How the tables come to be is `db.migrations`, in plain SQL that never changes once released; a test
compares the two.
"""

from typing import Any

from peewee import (
    AutoField,
    BigIntegerField,
    BooleanField,
    CompositeKey,
    DatabaseProxy,
    DoubleField,
    IntegerField,
    Model,
    TextField,
)

database = DatabaseProxy()


class Row(Model):
    """Bound to whatever database `open_database` has opened."""

    id: Any

    class Meta:
        database = database
        legacy_table_names = False


class EgressRow(Row):
    """An outbound proxy; `url` is sealed, `label` is its masked form for the operator."""

    id = AutoField()
    url = TextField()
    url_hash = TextField(unique=True)
    label = TextField()
    source = TextField()
    enabled = BooleanField(default=True)
    cooling_until = DoubleField(default=0.0)
    failures = IntegerField(default=0)
    last_error = TextField(default="")

    class Meta:
        table_name = "egresses"


class UserRow(Row):
    """A person; `name` is the normal form."""

    id = AutoField()
    name = TextField(unique=True)
    display_name = TextField()
    password_hash = TextField(null=True)
    enabled = BooleanField(default=True)
    account_id = IntegerField(null=True)
    account_chosen = BooleanField(default=False)
    created_at = DoubleField()
    expires_at = DoubleField(null=True)
    note = TextField(default="")
    modes = TextField(default="")
    day_limit = IntegerField(null=True)
    month_limit = IntegerField(null=True)
    is_guest = BooleanField(default=False)

    class Meta:
        table_name = "users"


class UserUsageRow(Row):
    """Questions a user has asked on a day of UTC, by door."""

    user_id = IntegerField()
    day = TextField()
    web = IntegerField()
    api = IntegerField()
    changed_at = DoubleField(index=True)

    class Meta:
        table_name = "user_usage"
        primary_key = CompositeKey("user_id", "day")


class PoolRow(Row):
    """A named list of accounts."""

    id = AutoField()
    name = TextField(unique=True)
    note = TextField(default="")
    created_at = DoubleField()

    class Meta:
        table_name = "pools"


class PoolAccountRow(Row):
    """An account is in a pool."""

    pool_id = IntegerField()
    account_id = IntegerField()

    class Meta:
        table_name = "pool_accounts"
        primary_key = CompositeKey("pool_id", "account_id")


class UserPoolRow(Row):
    """A user is given accounts of a pool."""

    user_id = IntegerField()
    pool_id = IntegerField()

    class Meta:
        table_name = "user_pools"
        primary_key = CompositeKey("user_id", "pool_id")


class KeyPoolRow(Row):
    """An API key is lent accounts of a pool."""

    key_id = IntegerField()
    pool_id = IntegerField()

    class Meta:
        table_name = "key_pools"
        primary_key = CompositeKey("key_id", "pool_id")


class InviteRow(Row):
    """An invitation; its code is not here, only its hash."""

    id = AutoField()
    token_hash = TextField(unique=True)
    note = TextField()
    created_at = DoubleField()
    expires_at = DoubleField()
    uses_left = IntegerField()
    used = IntegerField(default=0)
    user_seconds = DoubleField(null=True)
    day_limit = IntegerField(null=True)
    month_limit = IntegerField(null=True)
    modes = TextField(default="")

    class Meta:
        table_name = "invites"


class InvitePoolRow(Row):
    """Who comes by an invitation is given accounts of a pool."""

    invite_id = IntegerField()
    pool_id = IntegerField()

    class Meta:
        table_name = "invite_pools"
        primary_key = CompositeKey("invite_id", "pool_id")


class AccountRow(Row):
    """A Grok account; `sso_token`, `extra_cookies` and `jar` are sealed."""

    id = AutoField()
    name = TextField()
    sso_token = TextField()
    token_hash = TextField(unique=True)
    upstream_user_id = TextField(null=True)
    email = TextField(null=True)
    user_agent = TextField(null=True)
    extra_cookies = TextField(default="")
    jar = TextField(default="")
    egress_id = IntegerField(null=True)
    enabled = BooleanField(default=True)
    private_to = IntegerField(null=True)
    cooling_until = DoubleField(default=0.0)
    cooling_reason = TextField(default="")
    status = TextField(default="unknown")
    reason = TextField(default="")
    failures = IntegerField(default=0)
    created_at = DoubleField()
    last_used_at = DoubleField(null=True)
    remark = TextField(default="")
    tier = TextField(default="")
    traffic = TextField(default="both")
    draining = BooleanField(default=False)
    priority = IntegerField(default=0)
    concurrency = IntegerField(null=True)
    tested_at = DoubleField(null=True)
    verdict = TextField(default="")
    deleted_at = DoubleField(null=True)
    tags = TextField(default="")

    class Meta:
        table_name = "accounts"


class SessionRow(Row):
    """A mirror session; the cookie itself is not here, only its hash."""

    id = AutoField()
    token_hash = TextField(unique=True)
    user_id = IntegerField()
    created_at = DoubleField()
    last_seen_at = DoubleField()
    expires_at = DoubleField()
    user_agent = TextField(default="")

    class Meta:
        table_name = "mirror_sessions"


class LinkRow(Row):
    """A sign-in link; `used_at` once it has no use left."""

    id = AutoField()
    token_hash = TextField(unique=True)
    user_id = IntegerField()
    expires_at = DoubleField()
    used_at = DoubleField(null=True)
    uses_left = IntegerField(default=1)

    class Meta:
        table_name = "one_time_links"


class OwnedRow(Row):
    """Whose an object of an account is: conversations, files, share links and so on."""

    account_id = IntegerField()
    kind = TextField()
    object_id = TextField()
    owner = TextField()

    class Meta:
        table_name = "owned_objects"
        primary_key = CompositeKey("account_id", "kind", "object_id")


class KeptRow(Row):
    """What a user has set on the page, at a path of the upstream; `body` is JSON."""

    user_id = IntegerField()
    path = TextField()
    body = TextField()

    class Meta:
        table_name = "kept_settings"
        primary_key = CompositeKey("user_id", "path")


class UnknownRouteRow(Row):
    """A request that no row of the route table describes; EVENT for one of the chat socket."""

    id = AutoField()
    method = TextField()
    host = TextField()
    path = TextField()
    count = IntegerField()
    last_seen_at = DoubleField()
    allowed = BooleanField(default=False)

    class Meta:
        table_name = "unknown_routes"


class ModeStateRow(Row):
    """Quota and rest of an account in one mode; mode "" is the account as a whole."""

    account_id = IntegerField()
    mode = TextField()
    remaining = IntegerField(null=True)
    total = IntegerField(null=True)
    window_seconds = DoubleField(null=True)
    reset_at = DoubleField(null=True)
    source = TextField()
    learned_at = DoubleField()
    cooling_until = DoubleField()
    cooling_reason = TextField()
    failures = IntegerField()
    changed_at = DoubleField(index=True)

    class Meta:
        table_name = "mode_states"
        primary_key = CompositeKey("account_id", "mode")


class FlowRow(Row):
    """One finished flow: who, where, how it ended; never what was said."""

    id = AutoField()
    request_id = TextField(index=True)
    ended_at = DoubleField()
    door = TextField()
    caller = TextField()
    account_id = IntegerField(null=True)
    egress_id = IntegerField(null=True)
    mode = TextField()
    outcome = TextField()
    status = IntegerField()
    first_byte_ms = IntegerField(null=True)
    total_ms = IntegerField()
    bytes_out = BigIntegerField()
    why = TextField(default="")

    class Meta:
        table_name = "flow_records"


class HourRow(Row):
    """The sums of one caller on one account in one hour."""

    hour = BigIntegerField()
    account_id = IntegerField()
    caller = TextField()
    requests = IntegerField()
    failures = IntegerField()
    bytes_out = BigIntegerField()

    class Meta:
        table_name = "hour_sums"
        primary_key = CompositeKey("hour", "account_id", "caller")


class ArchiveUserRow(Row):
    """A user who wants his conversations kept here."""

    user_id = IntegerField(primary_key=True)
    since = DoubleField()

    class Meta:
        table_name = "archive_users"


class ArchivedRow(Row):
    """A copy of a conversation; `head` and `body` are sealed, `modified` is Grok's own word.

    It outlives its account, whose number it keeps: nothing else tells where it was.
    """

    id = AutoField()
    user_id = IntegerField()
    account_id = IntegerField()
    conversation_id = TextField()
    modified = TextField()
    head = TextField()
    body = TextField()
    size = IntegerField()
    archived_at = DoubleField()

    class Meta:
        table_name = "archived_conversations"
        indexes = ((("user_id", "account_id", "conversation_id"), True),)


class SettingRow(Row):
    """A few values the mirror keeps for itself."""

    name = TextField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "settings"


class AttemptsRow(Row):
    """Wrong passwords of one peer, or of everybody."""

    peer = TextField(primary_key=True)
    count = IntegerField()
    window_started = DoubleField()
    blocks = IntegerField()
    blocked_until = DoubleField()

    class Meta:
        table_name = "login_attempts"


class ApiKeyRow(Row):
    """An API key; its text is not here, only its hash and its first letters."""

    id = AutoField()
    name = TextField(unique=True)
    prefix = TextField()
    key_hash = TextField(unique=True)
    models = TextField(default="")
    per_minute = IntegerField(null=True)
    concurrency = IntegerField(null=True)
    day_limit = IntegerField(null=True)
    month_limit = IntegerField(null=True)
    expires_at = DoubleField(null=True)
    networks = TextField(default="")
    enabled = BooleanField(default=True)
    created_at = DoubleField()
    last_used_at = DoubleField(null=True)
    user_id = IntegerField(null=True)

    class Meta:
        table_name = "api_keys"


class ApiKeyUsageRow(Row):
    """Calls made with a key on a day of UTC."""

    key_id = IntegerField()
    day = TextField()
    calls = IntegerField()

    class Meta:
        table_name = "api_key_usage"
        primary_key = CompositeKey("key_id", "day")


class RevisionRow(Row):
    """One row: a number that grows with every change another process must notice."""

    id = AutoField()
    number = IntegerField()

    class Meta:
        table_name = "revision"


class MigrationRow(Row):
    """Which migrations this database has had."""

    name = TextField(primary_key=True)
    applied_at = DoubleField()

    class Meta:
        table_name = "migrations"


ALL: tuple[type[Row], ...] = (
    EgressRow,
    UserRow,
    UserUsageRow,
    AccountRow,
    PoolRow,
    PoolAccountRow,
    UserPoolRow,
    KeyPoolRow,
    InviteRow,
    InvitePoolRow,
    SessionRow,
    LinkRow,
    OwnedRow,
    KeptRow,
    UnknownRouteRow,
    ModeStateRow,
    FlowRow,
    HourRow,
    ArchiveUserRow,
    ArchivedRow,
    SettingRow,
    AttemptsRow,
    ApiKeyRow,
    ApiKeyUsageRow,
    RevisionRow,
    MigrationRow,
)
