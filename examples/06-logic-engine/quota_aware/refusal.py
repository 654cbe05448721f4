"""What an answer means that is no success, and how long to wait.

Read by regular expressions over the text, not from parsed JSON: Google's errors come in six forms (in an array, inside a string,
with broken quotes, …), and what matters looks alike in all of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Mapping

UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
DURATION = r"(?:\d+(?:\.\d+)?(?:h|ms|us|ns|m|s))+"
# Some short hints are for days (see `day_ends`), but no minute has ever been said to take as long as this.
LONG = 300.0


@dataclass(frozen=True)
class Refusal:
    """`kind` says who has to rest, `wait` the provider's hint in seconds.

    `minute` `day` `no-quota` (a limit of 0): the project, for this model. `money` `project`: the project, for all models.
    `key`: the key, for good where it was `leaked`. `overloaded` `trouble`: nobody, try again. `request`: nobody, and trying
    again does not help.
    """

    kind: str
    wait: float | None
    text: str
    limit: int | None = None
    leaked: bool = False


def read_refusal(status: int, headers: Mapping[str, str], text: str) -> Refusal:
    """What the provider means. The first rule that fits decides: status alone says little, since a dead key is a 400 here,
    and a 429 may be a minute, a day, money, or a model that is overloaded."""

    def says(pattern: str) -> bool:
        return re.search(pattern, text, re.IGNORECASE) is not None

    wait = hint(headers, text)

    def is_(kind: str, **more) -> Refusal:
        return Refusal(kind, wait, message_of(text) or f"status {status}", **more)

    if says(r"reported as leaked"):
        return is_("key", leaked=True)
    if says(r"API_KEY_INVALID|ACCESS_TOKEN_TYPE_UNSUPPORTED|CREDENTIALS_MISSING|unregistered callers|API_KEY_\w+_BLOCKED"):
        return is_("key")
    if says(r"SERVICE_DISABLED|BILLING_DISABLED|CONSUMER_(SUSPENDED|INVALID)"):
        return is_("project")
    if says(r"User location is not supported"):
        return is_("request")  # where the caller is; every key is told the same
    if status == 401:
        return is_("key")
    if status == 402 or says(r"prepayment credits are depleted|spending cap|spend cap breached"):
        return is_("money")
    if status == 403:
        return is_("request" if says(r"permission to access the file") else "project")
    if status in (503, 529) or says(r"MODEL_CAPACITY_EXHAUSTED|no capacity available"):
        return is_("overloaded")
    if status == 429:
        limits = [int(value) for value in re.findall(r"(?:limit:|quota_limit_value\\*\"\s*:\s*\\*\")\s*(\d+)(?![\d.])", text)]
        if limits and not any(limits):
            return is_("no-quota")
        if says(r"PerDay|per_day|Daily|per day") or (wait or 0) >= LONG:
            return is_("day")
        if wait is None and not says(r"exceeded|rate limit"):
            return is_("overloaded")  # "Resource exhausted": shared capacity, nobody's counter
        stated = re.search(r"RequestsPerMinute.*?quotaValue\\*\"\s*:\s*\\*\"(\d+)", text, re.DOTALL)
        return is_("minute", limit=int(stated[1]) if stated else None)
    return is_("trouble" if status in (408, 499, 500, 502, 504) else "request")


def hint(headers: Mapping[str, str], text: str) -> float | None:
    """Seconds, as the provider states them: the larger of both in the body (`retryDelay` is the text's, cut to whole seconds),
    else the header, which Google does not send but what stands in between may."""
    stated = re.findall(rf"retry in ({DURATION})", text, re.IGNORECASE) + re.findall(rf"retryDelay\\*\"\s*:\s*\\*\"({DURATION})", text)
    if stated:
        return max(seconds(duration) for duration in stated)
    after = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", after):
        return float(after)
    try:
        # A date is the server's own time, so it is held against the server's clock, not against ours.
        return max(0.0, (parsedate_to_datetime(after) - parsedate_to_datetime(headers.get("date", ""))).total_seconds())
    except (TypeError, ValueError):
        return None


def seconds(duration: str) -> float:
    """`1m5s`, `0.5s`, `900.2ms`."""
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)", duration))


def day_ends(now: float, wait: float | None) -> float:
    """When a project whose day is used up may be asked again.

    A long hint is believed. The short ones ("retry in 51 s") are known to be wrong: then it is the next midnight, of UTC or of
    California, whichever comes first, since recordings and documents disagree. Whoever is refused again then waits for the other.
    """
    if wait is not None and wait >= LONG:
        return now + wait
    return min(next_midnight(now, timezone.utc), next_midnight(now, california()))


def next_midnight(now: float, zone) -> float:
    tomorrow = datetime.fromtimestamp(now, zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).timestamp()


def california():
    try:
        from zoneinfo import ZoneInfo

        return ZoneInfo("America/Los_Angeles")
    except Exception:  # no time zones on this machine (Windows without `tzdata`): winter time, an hour late in summer
        return timezone(timedelta(hours=-8))


def message_of(text: str) -> str:
    """The first sentence or two of the provider's, on one line."""
    stated = re.search(r"message\\*\"\s*:\s*\\*\"((?:[^\"\\]|\\n)*)", text)
    line = " ".join((stated[1].replace("\\n", " ") if stated else text).split())
    return line if len(line) <= 300 else f"{line[:300]}…"
