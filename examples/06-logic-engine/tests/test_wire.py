"""Over real HTTP, before the mock of the JavaScript package, which is started by Node."""

import json
import os
import shutil
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from quota_aware import QuotaAware, QuotaExceeded

FOLDER = Path(__file__).parents[1]


@unittest.skipIf(shutil.which("node") is None, "Node.js runs the mock")
class WireTest(unittest.TestCase):
    def setUp(self):
        # A minute of two seconds: its end is waited for in earnest.
        self.mock = subprocess.Popen(["node", "mock.mjs", "0"], cwd=FOLDER, env={**os.environ, "MINUTE": "2000"}, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        lines = [self.mock.stdout.readline(), self.mock.stdout.readline()]
        self.env = dict(pair.split("=", 1) for pair in "".join(lines).split())
        self.said: list[str] = []
        self.api = QuotaAware.from_env(None, self.env, minute=2.0, say=self.said.append)

    def tearDown(self):
        self.mock.kill()
        self.mock.communicate()

    def order(self, text: str) -> str:
        self.mock.stdin.write(f"{text}\n")
        self.mock.stdin.flush()
        return self.mock.stdout.readline()

    def served(self) -> list:
        return [key["served"] for key in json.loads(self.order("state"))["keys"]]

    def test_text_and_schema_and_picture_are_answered_with_each_key_in_turn(self):
        self.assertIn("Grüße", self.api.generate("Grüße"))
        self.assertEqual(self.api.generate("Hi", schema={"type": "object", "properties": {"n": {"type": "integer"}}}), {"n": 1})
        self.assertIn("mock", self.api.generate("Hi", image=b"\x89PNG\r\n\x1a\n"))
        self.assertEqual(self.served(), [1, 1, 1])

    def test_a_used_up_minute_is_waited_for_and_announced(self):
        for project in (1, 2, 3):
            self.order(f"exhaust project-{project} minute gemini-3.5-flash-lite")
        self.assertIn("mock", self.api.generate("Hi"))
        self.assertTrue(any(line.startswith("waiting ") for line in self.said), self.said)

    def test_a_dead_key_and_a_used_up_day_are_passed_over_and_the_end_of_all_days_is_told(self):
        self.order("breakKey key-2 invalid")
        self.order("exhaust project-1 day gemini-3.5-flash-lite")
        for _ in range(4):
            self.api.generate("Hi")
        self.assertEqual(self.served(), [0, 0, 4])
        self.order("exhaust project-3 day gemini-3.5-flash-lite")
        with self.assertRaises(QuotaExceeded) as caught:
            self.api.generate("Hi")
        self.assertGreater(caught.exception.retry_after, 0)

    def test_sixty_at_once_are_all_answered_though_three_projects_have_forty_five_a_minute(self):
        with ThreadPoolExecutor(max_workers=60) as pool:
            answers = list(pool.map(lambda at: self.api.generate(f"person {at}"), range(60)))
        self.assertTrue(all(f"person {at}" in text for at, text in enumerate(answers)))
        self.assertTrue(all(count > 0 for count in self.served()))

    def test_the_script_solves_its_puzzles_and_shows_no_key(self):
        done = subprocess.run([sys.executable, "logic_client.py"], cwd=FOLDER, env={**os.environ, **self.env}, text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Are all bloops lazzies?", done.stdout)
        self.assertIn("Requests: 6, errors: 0", done.stdout)
        self.assertNotIn("fake-mock-key", done.stdout + done.stderr)
