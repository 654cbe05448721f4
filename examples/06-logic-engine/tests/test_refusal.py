"""The reader of refusals, on what was recorded of the real API."""

import json
import math
import unittest
from datetime import datetime, timezone
from pathlib import Path

from quota_aware import read_refusal
from quota_aware.refusal import day_ends, hint, seconds

RECORDED = Path(__file__).parents[3] / "tests" / "fixtures" / "responses"
# The classes of the recordings, in our words. Where sources leave open what is meant, a recording accepts several.
KINDS = {
    "rate_limited": {"minute"}, "quota_exhausted_daily": {"day", "money"}, "invalid_key": {"key"}, "permission": {"key", "project", "no-quota", "request"},
    "overloaded": {"overloaded"}, "transient": {"trouble"}, "bad_request": {"request"}, "not_found": {"request"}, "too_large": {"request"},
}


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


class RefusalTest(unittest.TestCase):
    def test_every_recorded_refusal_of_gemini_is_understood(self):
        files = sorted(RECORDED.glob("gemini-[45]*.json"))
        if not files:
            self.skipTest("the recordings are in the repository")
        for path in files:
            recorded = json.loads(path.read_text(encoding="utf-8"))
            expected = recorded["expect"]
            body = recorded["body"] if isinstance(recorded["body"], str) else json.dumps(recorded["body"])
            with self.subTest(path.stem):
                refusal = read_refusal(recorded["status"], recorded["headers"], body)
                kinds = set().union(*(KINDS[name] for name in recorded.get("accept", [expected["class"]])))
                self.assertIn(refusal.kind, kinds)
                if expected["class"] == "permission":
                    self.assertEqual(refusal.kind, {"key": "key", "project": "project", "model": "no-quota", "none": "request"}[expected["scope"]]
                                     if expected["limit"] != 0 else "no-quota")
                if expected["retry_after_ms"] is None:
                    self.assertIsNone(refusal.wait)
                else:
                    self.assertLessEqual(expected["retry_after_ms"], math.ceil(refusal.wait * 1000) + 1)
                    self.assertGreaterEqual(expected["retry_after_ms"] + 1000, refusal.wait * 1000)
        self.assertGreater(len(files), 30)

    def test_a_minute_states_its_limit(self):
        body = '{"violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier","quotaValue":"15"}],"message":"exceeded"}'
        self.assertEqual(read_refusal(429, {}, body).limit, 15)

    def test_durations_as_google_writes_them(self):
        for text, expected in [("38.8s", 38.8), ("900.2ms", 0.9002), ("1m5s", 65), ("19h8.5s", 68408.5), ("10h50m43.6s", 39043.6)]:
            self.assertAlmostEqual(seconds(text), expected)

    def test_retry_after_is_read_where_the_body_says_nothing_and_a_date_is_held_against_the_servers_clock(self):
        self.assertEqual(hint({"retry-after": "7"}, ""), 7)
        dates = {"retry-after": "Wed, 07 Oct 2026 12:00:30 GMT", "date": "Wed, 07 Oct 2026 12:00:10 GMT"}
        self.assertEqual(hint(dates, ""), 20)
        self.assertEqual(hint({"retry-after": "7"}, "Please retry in 9.5s."), 9.5)
        self.assertIsNone(hint({"retry-after": "soon"}, ""))
        self.assertEqual(read_refusal(429, {"retry-after": "7"}, "").kind, "minute")

    def test_a_days_end_is_a_long_hint_or_the_earlier_midnight_in_summer_and_winter(self):
        self.assertEqual(day_ends(at("2026-10-07T12:00:00"), 39043), at("2026-10-07T12:00:00") + 39043)
        # At noon UTC the next to come is midnight in London; at one, that in California: at 7 in summer, at 8 in winter.
        self.assertEqual(day_ends(at("2026-10-07T12:00:00"), 51), at("2026-10-08T00:00:00"))
        self.assertEqual(day_ends(at("2026-07-07T01:00:00"), 51), at("2026-07-07T07:00:00"))
        self.assertEqual(day_ends(at("2026-12-07T01:00:00"), None), at("2026-12-07T08:00:00"))
        # The night in which California's clocks go back has its midnight still in summer time.
        self.assertEqual(day_ends(at("2026-11-01T01:00:00"), None), at("2026-11-01T07:00:00"))
