"""Sends calls, each with the key whose turn it is; waits where waiting is right, and says for how long."""

from __future__ import annotations

import base64
import json
import math
import os
import random
import re
import threading
import time
from pathlib import Path
from typing import Any, Callable, Mapping
from urllib.parse import urlsplit

import requests

from .errors import Blocked, ConfigInvalid, InvalidKeys, NoAnswer, QuotaExceeded, Redirected, RequestRefused, Unreachable
from .keys import Key, find_keys
from .refusal import Refusal, read_refusal
from .ring import Member, Ring

GOOGLE = "https://generativelanguage.googleapis.com"
# An alias that Google keeps pointing at its newest: the one with most free quota, as of November 2026.
MODEL = "gemini-flash-lite-latest"


class QuotaAware:
    """Several keys behind one method. May be used from several threads.

    :param keys: secrets, or `Key`s where some share a project
    :param base_url: where keys go; Google's own host unless another is named. https, except on this machine
    :param max_wait: how many seconds one call may wait for quota in all; where it would have to wait longer it is not sent
    :param timeout: seconds for one attempt
    :param attempts: how often a call is sent at most because of overload and failures; refusals for quota cost time, not attempts.
        Default: the number of keys + 2, at most 10
    :param print_stats_every: prints the stats after so many requests; default: never
    :param say: where announcements go, for people; default: the terminal
    """

    def __init__(self, keys: list[Key | str], *, base_url: str | None = None, max_wait: float = 60.0, timeout: float = 60.0,
                 attempts: int | None = None, print_stats_every: int | None = None, say: Callable[[str], None] = print,
                 minute: float = 60.0, send: Callable[..., requests.Response] = requests.request,
                 clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep):
        found = [key if isinstance(key, Key) else Key(key, f"key-{at}") for at, key in enumerate((k for k in keys if k), 1)]
        if not found:
            raise ConfigInvalid("expected at least one key")
        if len({key.secret for key in found}) < len(found):
            raise ConfigInvalid("a key is given twice")
        self._ring = Ring(found, minute)
        self._base = checked(base_url) if base_url else GOOGLE
        self._max_wait, self._timeout = max_wait, timeout
        self._attempts = attempts if attempts is not None else min(len(found) + 2, 10)
        self._every, self._say = print_stats_every, say
        self._send_request, self._clock, self._sleep = send, clock, sleep
        self._lock = threading.Lock()
        self._began = clock()

    @classmethod
    def from_env(cls, path: str | Path = "api-keys.env", environ: Mapping[str, str] = os.environ, **options: Any) -> QuotaAware:
        """With the keys of a file and of the environment. `GOOGLE_GEMINI_BASE_URL` is read too, as Google's own SDK does."""
        keys = find_keys(environ, path, options.get("say", print))
        return cls(keys, **{"base_url": environ.get("GOOGLE_GEMINI_BASE_URL"), **options})

    def generate(self, prompt: str, *, model: str = MODEL, system: str | None = None, schema: dict | None = None,
                 image: bytes | None = None, temperature: float | None = None) -> Any:
        """A text in, a text out; with a JSON schema, what the JSON says. Values are not held against the schema here."""
        parts: list[dict] = [{"text": prompt}]
        if image is not None:
            kind = "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"
            parts.insert(0, {"inlineData": {"mimeType": kind, "data": base64.b64encode(image).decode()}})
        config = {"temperature": temperature} if temperature is not None else {}
        if schema is not None:
            config.update(responseMimeType="application/json", responseJsonSchema=schema)
        body: dict = {"contents": [{"role": "user", "parts": parts}]}
        body.update({"systemInstruction": {"parts": [{"text": system}]}} if system else {})
        body.update({"generationConfig": config} if config else {})
        return answer_of(self.post(f"/v1beta/models/{model}:generateContent", body), schema is not None)

    def post(self, path: str, body: Any) -> Any:
        """Any call of the API; returns what the JSON of its answer says.

        :raises QuotaAwareError: one of those in `errors`
        """
        if not path.startswith("/"):
            raise ConfigInvalid("path: expected one that begins with a slash; the host is `base_url`'s")
        model = (re.search(r"/models/([^/:?]+)", path) or ["", "*"])[1]
        patience, tries = self._max_wait, 0
        while True:
            member, waited = self._turn(model, patience)
            patience -= waited
            outcome = self._attempt(member, path, body)
            with self._lock:
                if not isinstance(outcome, Refusal):
                    self._ring.served(member)
                    return outcome
                self._ring.refused(member, model, outcome, self._clock())
            if outcome.kind in ("overloaded", "trouble"):
                tries += 1
                if tries >= self._attempts:
                    raise Unreachable(f"{tries} attempts failed; the last: {self._hidden(outcome.text)}", outcome.wait)
                # Full jitter: many that failed in one instant must not come back in one.
                pause = max(outcome.wait or 0.0, random.uniform(0, min(30.0, 0.5 * 2**tries)))
                self._sleep(pause)

    def stats(self) -> dict:
        """The workshop's counters, by its names."""
        with self._lock:
            counts, errors = [m.requests for m in self._ring.members], [m.errors for m in self._ring.members]
        total, failed = sum(counts), sum(errors)
        return {
            "totalKeys": len(counts), "requestCounts": counts, "errorCounts": errors, "totalRequests": total, "totalErrors": failed,
            "successRate": f"{100 * (total - failed) / total:.1f}%" if total else "N/A", "uptime": f"{self._clock() - self._began:.0f}s",
        }

    def print_stats(self) -> None:
        stats = self.stats()
        self._say(f"Requests: {stats['totalRequests']}, errors: {stats['totalErrors']}, success rate: {stats['successRate']}, uptime: {stats['uptime']}")
        for at, member in enumerate(self._ring.members):
            self._say(f"Key {at + 1}/{stats['totalKeys']} {member.key.id:<12} {member.requests:>5} requests {member.errors:>4} errors")

    def _turn(self, model: str, patience: float) -> tuple[Member, float]:
        """The next key, and how long it took until there was one."""
        waited = 0.0
        while True:
            with self._lock:
                now = self._clock()
                member = self._ring.take(model, now)
                if member is not None:
                    total = sum(m.requests for m in self._ring.members)
                    break
                until, reason, first = self._ring.soonest(model, now)
                dead = self._ring.all_dead(model, now)
            if dead or math.isinf(until):
                raise InvalidKeys(f"no key is accepted ({reason}): check them with examples/verify.mjs, and make new ones at https://aistudio.google.com/apikey")
            wait = until - now
            if waited + wait > patience:
                raise QuotaExceeded(f"no key can serve now; the first, {first.key.id}, in {span(wait)} ({reason})", wait)
            self._say(f"waiting {span(wait)} for {first.key.id}: {reason}")
            self._sleep(wait)
            waited += wait
        if self._every and total % self._every == 0:
            self.print_stats()
        return member, waited

    def _attempt(self, member: Member, path: str, body: Any) -> Any:
        """What the JSON of the answer says, or a `Refusal` after which another attempt may do better."""
        try:
            answer = self._send_request(
                "POST", self._base + path, json=body, timeout=(10, self._timeout),
                # In the header, never in the URL: URLs end up in logs.
                headers={"X-goog-api-key": member.key.secret},
                # `requests` takes only Authorization off when a redirect leads to another host; this header would go along.
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return Refusal("trouble", None, f"no response ({type(error).__name__})")
        if answer.is_redirect or 300 <= answer.status_code < 400:
            raise Redirected(f"the answer is a redirect ({answer.status_code}), which is not followed: the key would go along")
        if answer.ok:
            try:
                return answer.json()
            except ValueError:
                return Refusal("trouble", None, "the answer is no JSON, or breaks off")
        refusal = read_refusal(answer.status_code, answer.headers, answer.text)
        if refusal.kind == "request":
            raise RequestRefused(self._hidden(refusal.text), answer.status_code)
        return refusal

    def _hidden(self, text: str) -> str:
        """Without any key: some of Google's errors repeat the caller's."""
        for member in self._ring.members:
            text = text.replace(member.key.secret, "[key]")
        return text


def answer_of(document: dict, as_json: bool) -> Any:
    reason = document.get("promptFeedback", {}).get("blockReason")
    candidate = (document.get("candidates") or [{}])[0]
    finish = candidate.get("finishReason")
    text = "".join(part.get("text", "") for part in candidate.get("content", {}).get("parts", []) if not part.get("thought"))
    if reason or (finish not in (None, "STOP", "MAX_TOKENS") and not text):
        raise Blocked(f"the provider refuses to answer this ({reason or finish}); another key would not change that")
    if not text.strip():
        raise NoAnswer(f"there is no text in the answer (it ended by {finish})")
    if not as_json:
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise NoAnswer(f"the answer is no JSON (it ended by {finish}): {text[:80]!r}") from None


def checked(base_url: str) -> str:
    url = urlsplit(base_url)
    if url.scheme != "https" and url.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ConfigInvalid("base_url: expected https, since the keys go there; http is for this machine alone")
    return base_url.rstrip("/")


def span(seconds: float) -> str:
    whole, minutes = math.ceil(seconds), math.ceil(seconds / 60)
    return f"{whole} s" if whole < 90 else f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
