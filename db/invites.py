"""Invitations, and who comes by them."""

import secrets
from collections import defaultdict
from collections.abc import Iterable

from core.invite import Invite
from core.mirror_session import secret_hash
from core.user import User, UserRules
from core.user_name import normal_form
from db.connection import call, changing, writing
from db.passwords import hash_password
from db.tables import InvitePoolRow, InviteRow
from db.users import create_user

_KEPT_CLOSED = 30 * 86_400.0


@call
def make_invite(
    now: float,
    seconds: float,
    uses: int,
    *,
    note: str = "",
    user_seconds: float | None = None,
    rules: UserRules | None = None,
) -> tuple[Invite, str]:
    """Make an invitation; its code is returned here and nowhere else."""
    code, rules = secrets.token_urlsafe(12), rules or UserRules()
    with writing():
        InviteRow.delete().where(InviteRow.expires_at < now - _KEPT_CLOSED).execute()
        row = InviteRow.create(
            token_hash=secret_hash(code),
            note=note,
            created_at=now,
            expires_at=now + seconds,
            uses_left=uses,
            user_seconds=user_seconds,
            day_limit=rules.day_limit,
            month_limit=rules.month_limit,
            modes=" ".join(rules.modes),
        )
        for pool_id in sorted(rules.pools):
            InvitePoolRow.create(invite_id=row.id, pool_id=pool_id)
    return _value(row, rules.pools), code


@call
def load_invites() -> list[Invite]:
    """Every invitation, newest first; those over for a month are forgotten."""
    pools: dict[int, list[int]] = defaultdict(list)
    for tie in InvitePoolRow.select():
        pools[tie.invite_id].append(tie.pool_id)
    rows = InviteRow.select().order_by(InviteRow.id.desc())
    return [_value(row, pools.get(row.id, ())) for row in rows]


@call
def find_invite(code: str, now: float) -> Invite | None:
    """The open invitation with this code."""
    return _open(code, now)


@call
def end_invite(invite_id: int) -> bool:
    """Nobody comes by it any more; False when there is none of this number."""
    with writing():
        return bool(InviteRow.delete().where(InviteRow.id == invite_id).execute())


@call
def join(code: str, name: str, password: str, now: float) -> User | None:
    """Use the invitation and be a user; None when it is not open (any more).

    UserNameError, UserExistsError: then it is not used.
    """
    normal_form(name)
    if _open(code, now) is None:
        return None
    digest = hash_password(password)  # slow, so before the transaction
    with changing():
        invite = _open(code, now)
        if invite is None or not _take_use(invite):
            return None
        return create_user(
            name,
            digest,
            expires_at=None if invite.user_seconds is None else now + invite.user_seconds,
            note=invite.note,
            rules=invite.rules,
        )


def _take_use(invite: Invite) -> bool:
    left = (InviteRow.id == invite.id) & (InviteRow.uses_left > 0)
    change = {InviteRow.uses_left: InviteRow.uses_left - 1, InviteRow.used: InviteRow.used + 1}
    return bool(InviteRow.update(change).where(left).execute())


def _open(code: str, now: float) -> Invite | None:
    row = InviteRow.get_or_none(InviteRow.token_hash == secret_hash(code))
    if row is None:
        return None
    ties = InvitePoolRow.select().where(InvitePoolRow.invite_id == row.id)
    invite = _value(row, [tie.pool_id for tie in ties])
    return invite if invite.is_open(now) else None


def _value(row: InviteRow, pools: Iterable[int]) -> Invite:
    return Invite(
        id=row.id,
        note=row.note,
        created_at=row.created_at,
        expires_at=row.expires_at,
        uses_left=row.uses_left,
        used=row.used,
        user_seconds=row.user_seconds,
        rules=UserRules(
            modes=tuple(row.modes.split()),
            day_limit=row.day_limit,
            month_limit=row.month_limit,
            pools=frozenset(pools),
        ),
    )
