"""What is kept of a finished flow: who, where, how it ended, how long. Never what was said."""

from dataclasses import dataclass

HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRecord:
    """One row of the record; None and empty for what did not apply."""

    request_id: str
    ended_at: float
    door: str
    caller: str = ""
    """`user:3`, `key:1`, or how else a call came: `env`, `sso`."""
    account_id: int | None = None
    egress_id: int | None = None
    mode: str = ""
    outcome: str
    status: int = 0
    first_byte_ms: int | None = None
    total_ms: int = 0
    bytes_out: int = 0
    why: str = ""
    """Why it was lent its account (`core.choice_note`)."""

    @property
    def hour(self) -> int:
        """The beginning of the hour it ended in, in epoch seconds."""
        return int(self.ended_at) // HOUR * HOUR

    @property
    def has_failed(self) -> bool:
        return self.outcome != "ok"
