"""The operator's first page: counts, what needs attention, and the four steps of a beginning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import db
from core.account_list import AccountState
from core.egress import Egress


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four; `path` is where it is done."""

    key: str
    path: str
    done: bool


@dataclass(frozen=True, slots=True)
class Concern:
    """Something to look at, and where."""

    tone: str
    key: str
    count: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The whole page."""

    accounts: int
    usable: int
    cooling: int
    dead: int
    users: int
    users_off: int
    egresses: int
    healthy: int
    steps: Sequence[Step]
    concerns: Sequence[Concern]
    settings: Sequence[str]

    @property
    def begun(self) -> bool:
        """All steps are done: nobody needs to read them again."""
        return all(step.done for step in self.steps)


def overview(now: float, settings_warnings: Sequence[str]) -> Overview:
    """Count everything once."""
    states = db.count_account_states(now)
    users, egresses = db.load_users(), [one for one in db.load_egresses() if one.enabled]
    accounts = sum(states.values()) - states.get(AccountState.DELETED, 0)
    tested, used = db.account_milestones()
    steps = (
        Step("account", "/admin/import", accounts > 0),
        Step("test", "/admin/accounts", tested),
        Step("user", "/admin/users", bool(users)),
        Step("request", "", used),
    )
    return Overview(
        accounts=accounts,
        usable=states.get(AccountState.USABLE, 0),
        cooling=states.get(AccountState.COOLING, 0),
        dead=states.get(AccountState.DEAD, 0),
        users=len(users),
        users_off=sum(not user.may_sign_in(now) for user in users),
        egresses=len(egresses),
        healthy=sum(egress.is_healthy(now) for egress in egresses),
        steps=steps,
        concerns=[*_about_accounts(states, accounts), *_about_egresses(egresses, now)],
        settings=settings_warnings,
    )


def _about_accounts(states: Mapping[AccountState, int], accounts: int) -> list[Concern]:
    found = []
    if not accounts:
        found.append(Concern("bad", "warn_no_account", path="/admin/import"))
    elif not states.get(AccountState.USABLE):
        found.append(Concern("bad", "warn_none_usable", path="/admin/accounts"))
    for state, tone in ((AccountState.DEAD, "bad"), (AccountState.CHALLENGED, "warn")):
        if count := states.get(state, 0):
            path = f"/admin/accounts?state={state.value}"
            found.append(Concern(tone, f"warn_{state.value}", count, path))
    return found


def _about_egresses(egresses: Sequence[Egress], now: float) -> list[Concern]:
    down = sum(not egress.is_healthy(now) for egress in egresses)
    if not down:
        return []
    key, tone = ("warn_egress_down", "warn")
    if down == len(egresses):
        key, tone = ("warn_egresses_down", "bad")
    return [Concern(tone, key, down, "/admin/egresses")]
