"""Asks Grok by the proxy's internal listener, always on one named account.

The proxy lends, sends and settles; this end sees no SSO token. What cannot be asked is a reply of
status 0, never an exception: a test that fails is a result.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote

import db
from core.account_trial import QUESTIONS, Question, Reply, Trial, is_final, judge
from core.bridge_call import ACCOUNT, CALLER, OPERATOR
from core.doctor.grok import SOCKET_PATH
from core.wiring import Wiring

PATIENCE = 20.0
"""Seconds for one answer; a dead egress fails over before that."""
AT_ONCE = 8
MOST_BODY = 64 * 1024
_UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "Z3Jvay1taXJyb3ItZG9jLg==",  # 16 bytes; no frame follows
}


class GrokCalls:
    """The way to Grok for the operator's tests; without wiring (in a test) nothing is reached."""

    def __init__(self, wiring: Wiring | None) -> None:
        self._wiring = wiring

    def ask(self, account_id: int, question: Question) -> Reply:
        """One answer."""
        headers = {ACCOUNT.decode(): str(account_id), "Content-Type": "application/json"}
        return self._reply(question.method, question.path, question.body, headers)

    def shake_hands(self, account_id: int, user_id: str) -> Reply:
        """Open the chat's WebSocket and leave at once: 101, or a refusal."""
        headers = {ACCOUNT.decode(): str(account_id), **_UPGRADE}
        return self._reply("GET", f"{SOCKET_PATH}?uid={quote(user_id)}", b"", headers)

    def try_account(self, account_id: int) -> Trial:
        """Test one account and keep what is found."""
        replies: dict[str, Reply] = {}
        for question in QUESTIONS:
            replies[question.name] = self.ask(account_id, question)
            if is_final(question.name, replies[question.name]):
                break
        trial = judge(replies)
        learnt = {
            "email": trial.email,
            "upstream_user_id": trial.upstream_user_id,
            "tier": trial.tier,
        }
        db.account_tested(account_id, trial.verdict.value, status=trial.status, learnt=learnt)
        return trial

    def try_accounts(self, account_ids: Iterable[int]) -> dict[int, Trial]:
        """Test several, a few at a time."""
        ids = list(account_ids)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return dict(zip(ids, threads.map(self.try_account, ids), strict=True))

    def _reply(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        if self._wiring is None:
            return Reply(0)
        connection = HTTPConnection(*self._wiring.internal_listen, timeout=PATIENCE)
        ours = {CALLER.decode(): OPERATOR, "x-mirror-secret": self._wiring.secret}
        try:
            connection.request(method, path, body or None, {**headers, **ours})
            answer = connection.getresponse()
            return Reply(
                answer.status,
                answer.getheader("Content-Type", ""),
                answer.getheader("Cf-Mitigated", ""),
                b"" if answer.status == 101 else answer.read(MOST_BODY),
            )
        except (OSError, HTTPException):
            return Reply(0)
        finally:
            connection.close()
