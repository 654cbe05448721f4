"""Whose turn it is, and who has to rest. Knows no network, and no clock but the instants that it is given."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from .keys import Key
from .refusal import Refusal, day_ends

HOUR = 3600.0
FOR_GOOD = math.inf
# After three failures in a row a key rests; another one more is no longer chance.
FAILURES, REST = 3, 30.0
NOT_ACCEPTED, LEAKED, NOT_ALLOWED = DEAD = ("key not accepted", "reported as leaked", "project not allowed")


@dataclass
class Gate:
    """Closed until an instant, for a reason in a few words."""

    until: float = 0.0
    reason: str = ""

    def close(self, until: float, reason: str) -> None:
        # Of two refusals the longer one counts: one call's minute must not open what another has found closed for the day.
        if until > self.until:
            self.until, self.reason = until, reason


@dataclass
class Pool(Gate):
    """A project's quota of one model: that is what Google counts by, whichever of the project's keys is used."""

    sent: deque = field(default_factory=deque)
    limit: int | None = None  # requests a minute, once a refusal has stated it


@dataclass
class Member(Gate):
    """A key in the ring."""

    key: Key = None  # type: ignore[assignment]
    requests: int = 0
    errors: int = 0
    failures: int = 0  # in a row


class Ring:
    """Keys in turn. Those whose project rests for a model are passed over for that model alone."""

    def __init__(self, keys: list[Key], minute: float = 60.0):
        self.members = [Member(key=key) for key in keys]
        self.minute = minute
        self._projects = {key.project: Gate() for key in keys}
        self._pools: dict[tuple[str, str], Pool] = {}
        self._turn = 0

    def take(self, model: str, now: float) -> Member | None:
        """The next key that may send, counted as having sent; None where all rest."""
        order = self.members[self._turn:] + self.members[:self._turn]
        for member in order:
            if self.rests(member, model, now)[0] <= now:
                self._turn = (self.members.index(member) + 1) % len(self.members)
                self.pool(member, model).sent.append(now)
                member.requests += 1
                return member
        return None

    def soonest(self, model: str, now: float) -> tuple[float, str, Member]:
        """Until when everybody rests, why, and who is first; instant `FOR_GOOD` where nobody comes back."""
        return min(((*self.rests(member, model, now), member) for member in self.members), key=lambda rest: rest[0])

    def rests(self, member: Member, model: str, now: float) -> tuple[float, str]:
        pool = self.pool(member, model)
        while pool.sent and pool.sent[0] <= now - self.minute:
            pool.sent.popleft()
        gates = [(gate.until, gate.reason) for gate in (member, self._projects[member.key.project], pool)]
        if pool.limit is not None and len(pool.sent) >= pool.limit:
            # The first place that comes free is that of the oldest send that still has to grow old for it.
            gates.append((pool.sent[-pool.limit] + self.minute, f"{pool.limit} a minute used"))
        return max(gates, key=lambda gate: gate[0])

    def pool(self, member: Member, model: str) -> Pool:
        return self._pools.setdefault((member.key.project, model), Pool())

    def served(self, member: Member) -> None:
        member.failures = 0

    def refused(self, member: Member, model: str, refusal: Refusal, now: float) -> None:
        """The one who is to blame rests: a project for its quota, a key for being dead, nobody for an overloaded model."""
        member.errors += 1
        pool, project = self.pool(member, model), self._projects[member.key.project]
        if refusal.kind == "minute":
            pool.limit = refusal.limit or pool.limit
            # Never earlier than told, and a little later, so that its clock and ours need not agree to the millisecond.
            pool.close(now + (self.minute if refusal.wait is None else refusal.wait) + 0.05, "per-minute quota used up")
        elif refusal.kind == "day":
            pool.close(day_ends(now, refusal.wait), "per-day quota used up")
        elif refusal.kind == "no-quota":
            pool.close(now + 24 * HOUR, "no quota for this model (limit 0)")
        elif refusal.kind in ("money", "project"):
            project.close(now + HOUR, "out of credit" if refusal.kind == "money" else NOT_ALLOWED)
        elif refusal.kind == "key":
            member.close(FOR_GOOD if refusal.leaked else now + HOUR, LEAKED if refusal.leaked else NOT_ACCEPTED)
        elif refusal.kind == "trouble":
            member.failures += 1
            if member.failures >= FAILURES:
                member.close(now + REST, f"{member.failures} errors in a row")

    def all_dead(self, model: str, now: float) -> bool:
        """Whether no key is accepted: no quota that comes back would change anything."""
        rests = [self.rests(member, model, now) for member in self.members]
        return all(until > now and reason in DEAD for until, reason in rests)
