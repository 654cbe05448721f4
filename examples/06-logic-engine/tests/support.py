"""What the tests share: a clock that moves only by sleeping, and a provider that says what it is told to."""

from __future__ import annotations

import json

import requests

from quota_aware import QuotaAware

NOON = 1_791_374_400.0  # 2026-10-07 12:00 UTC
KEYS = ["fake-key-one", "fake-key-two", "fake-key-three"]
PATH = "/v1beta/models/gemini-flash-lite-latest:generateContent"
OK = (200, {"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]})


def answer(status: int, body, headers: dict | None = None) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = (body if isinstance(body, str) else json.dumps(body)).encode()
    response.headers.update(headers or {})
    return response


def minute(wait: str = "12.5s", limit: int | None = 15) -> tuple:
    quota = {"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "quotaValue": str(limit)}
    return 429, {"error": {"message": f"You exceeded your current quota.\nPlease retry in {wait}.", "details": [{"violations": [quota]}]}}


def day(wait: str = "51.6s") -> tuple:
    quota = {"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "20"}
    return 429, {"error": {"message": f"You exceeded your current quota.\nPlease retry in {wait}.", "details": [{"violations": [quota]}]}}


DEAD = (400, {"error": {"message": "API key not valid.", "details": [{"reason": "API_KEY_INVALID"}]}})


class World:
    """`script`: what each key is answered, in turn; afterwards, and for keys that are not in it, `OK`."""

    def __init__(self, keys=KEYS, script: dict | None = None, **options):
        self.now, self.slept, self.said, self.sent = NOON, [], [], []
        self.script = {key: list(steps) for key, steps in (script or {}).items()}
        self.api = QuotaAware(list(keys), send=self._send, clock=lambda: self.now, sleep=self._sleep, say=self.said.append, **options)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def _send(self, method: str, url: str, *, headers: dict, **rest) -> requests.Response:
        key = headers["X-goog-api-key"]
        self.sent.append((key, url, rest))
        steps = self.script.get(key)
        step = steps.pop(0) if steps else OK
        if isinstance(step, Exception):
            raise step
        return answer(*step)

    @property
    def keys_tried(self) -> list[str]:
        return [key for key, _, _ in self.sent]
