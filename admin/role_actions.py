"""Gives many accounts the same part in the pool at once, each with the sentence it ends in."""

import db
from admin.account_actions import Action, Desk, Selection
from admin.notices import Notice
from admin.role_form import RoleFormError, concurrency_in, priority_in, traffic_in


def drain(_: Desk, chosen: Selection) -> Notice:
    """Nobody new is put on them; who rides them stays."""
    return _changed("role_drained", chosen, draining=True)


def fill(_: Desk, chosen: Selection) -> Notice:
    """The end of draining."""
    return _changed("role_filled", chosen, draining=False)


def traffic(_: Desk, chosen: Selection) -> Notice:
    """For which door they are."""
    try:
        door = traffic_in(chosen.form).value
    except RoleFormError as problem:
        return _wrong(problem)
    return _changed("role_changed", chosen, traffic=door)


def priority(_: Desk, chosen: Selection) -> Notice:
    """How soon they are lent, where the strategy goes by that."""
    try:
        return _changed("role_changed", chosen, priority=priority_in(chosen.form))
    except RoleFormError as problem:
        return _wrong(problem)


def concurrency(_: Desk, chosen: Selection) -> Notice:
    """How many chats each has at the same time."""
    try:
        return _changed("role_changed", chosen, concurrency=concurrency_in(chosen.form))
    except RoleFormError as problem:
        return _wrong(problem)


def _changed(key: str, chosen: Selection, **values: object) -> Notice:
    count = db.change_accounts(chosen.ids, **values)
    return Notice(tone="ok", key=key, values={"count": count})


def _wrong(problem: RoleFormError) -> Notice:
    return Notice(tone="bad", key="as_said", values={"what": str(problem)})


ROLE_ACTIONS = {
    "drain": Action(drain),
    "fill": Action(fill),
    "traffic": Action(traffic),
    "priority": Action(priority),
    "concurrency": Action(concurrency),
}
