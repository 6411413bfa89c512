"""How much each client may ask: a number a minute for each of a few acts.

A client may use a minute's worth at once; it comes back evenly. Counts are kept
in memory, and start anew with the server.
"""

from __future__ import annotations

from math import ceil
from typing import Literal

from throttled import RateLimitState, Throttled, per_min
from throttled.store import MemoryStore

from graph.errors import GraphError
from graph.settings import Settings

Act = Literal["queries", "checks", "writes", "wrong_tokens"]

_CLIENTS = 10_000  # for each act; those not heard of for longest are forgotten first
_ACTS: dict[Act, tuple[str, str]] = {
    "queries": ("queries from this address", ", or send a token of the scope read"),
    "checks": ("checks from this address", ", or send a token of the scope check"),
    "writes": ("writes with this token", ""),
    "wrong_tokens": ("requests from this address with a token that is not known", ""),
}


class TooMany(GraphError):
    """A client has asked more often than the operator allows."""

    title = "Too many requests"

    def __init__(self, act: Act, state: RateLimitState) -> None:
        what, instead = _ACTS[act]
        self.retry_after_s = ceil(state.retry_after)
        super().__init__(
            f"More than {state.limit:,} {what} came in a minute. Wait {self.retry_after_s} s"
            f"{instead}. The operator sets the limit with ASCRIBE_{act.upper()}_PER_MINUTE."
        )


class Quotas:
    """What is left to each client."""

    def __init__(self, settings: Settings) -> None:
        numbers: dict[Act, int] = {act: getattr(settings, f"{act}_per_minute") for act in _ACTS}
        self._throttles = {
            act: Throttled(
                using="gcra",
                quota=per_min(number),
                store=MemoryStore(options={"MAX_SIZE": _CLIENTS}),
            )
            for act, number in numbers.items()
            if number
        }

    def take(self, act: Act, client: str) -> tuple[bool, RateLimitState] | None:
        """Whether a client may act once more, and what is left; None without a limit."""
        throttle = self._throttles.get(act)
        if throttle is None:
            return None
        result = throttle.limit(client)
        return not result.limited, result.state


def quota_headers(act: Act, state: RateLimitState) -> dict[str, str]:
    """How much a client may ask and what is left, for it to pace itself.

    Source: IETF draft-ietf-httpapi-ratelimit-headers-10.
    """
    return {
        "RateLimit-Policy": f'"{act}";q={state.limit};w=60',
        "RateLimit": f'"{act}";r={state.remaining};t={ceil(state.reset_after)}',
    }
