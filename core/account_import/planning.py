"""What an import would do to a pool that holds these SSO tokens and Grok users already.

The same Grok user with another SSO token is the same account with a newer token. Of two tokens for
one user in a file the last is taken, so that importing it twice changes nothing the second time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.account_import.values import Finding, ImportedAccount, Malformed, Reason
from core.sso_token import token_hash


class Outcome(StrEnum):
    """What becomes of a finding."""

    NEW = "new"
    DUPLICATE = "duplicate"
    UPDATED = "updated"
    MALFORMED = "malformed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the pool holds: rows by the SHA-256 of their token and by Grok's id of the user."""

    by_token: Mapping[str, int]
    by_user: Mapping[str, int]
    deleted: frozenset[int] = frozenset()
    """Rows the operator has deleted; importing one again brings it back."""


@dataclass(frozen=True, slots=True)
class Step:
    """One finding and its outcome; `account_id` is the row it meets, if there is one."""

    finding: Finding
    outcome: Outcome
    account_id: int | None = None
    reason: Reason | None = None


def plan(findings: Iterable[Finding], known: Known) -> list[Step]:
    """One step for each finding, in order."""
    listed = list(findings)
    latest = _latest(listed)
    seen: set[str] = set()
    return [_step(finding, known, latest, seen) for finding in listed]


def _latest(findings: Iterable[Finding]) -> dict[str, str]:
    """The last token of every Grok user in the file."""
    accounts = (one for one in findings if isinstance(one, ImportedAccount))
    return {one.upstream_user_id: one.sso_token for one in accounts if one.upstream_user_id}


def _step(finding: Finding, known: Known, latest: Mapping[str, str], seen: set[str]) -> Step:
    if not isinstance(finding, ImportedAccount):
        malformed = isinstance(finding, Malformed)
        outcome = Outcome.MALFORMED if malformed else Outcome.SKIPPED
        return Step(finding, outcome, reason=finding.reason)
    user, digest = finding.upstream_user_id, token_hash(finding.sso_token)
    if user and latest[user] != finding.sso_token:
        return Step(finding, Outcome.SKIPPED, reason=Reason.REPLACED)
    same = known.by_token.get(digest)
    if digest in seen or (same is not None and same not in known.deleted):
        return Step(finding, Outcome.DUPLICATE, same)
    seen.add(digest)
    row = same or (known.by_user.get(user) if user else None)
    return Step(finding, Outcome.NEW if row is None else Outcome.UPDATED, row)
