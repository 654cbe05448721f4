import threading
import unittest

import requests

from quota_aware import Blocked, InvalidKeys, Key, NoAnswer, QuotaAware, QuotaExceeded, Redirected, RequestRefused, Unreachable

from .support import DEAD, KEYS, OK, PATH, World, day, minute

ONE, TWO, THREE = KEYS


class ClientTest(unittest.TestCase):
    def test_keys_take_turns(self):
        world = World()
        for _ in range(6):
            world.api.generate("Hello")
        self.assertEqual(world.keys_tried, [ONE, TWO, THREE] * 2)
        self.assertEqual(world.api.stats()["requestCounts"], [2, 2, 2])

    def test_a_refused_minute_moves_on_at_once_and_the_project_rests_as_long_as_told(self):
        world = World(script={ONE: [minute("12.5s", None)]})
        self.assertEqual(world.api.generate("Hello"), "Hi")
        self.assertEqual(world.slept, [])
        for _ in range(3):
            world.api.generate("Hello")
        self.assertEqual(world.keys_tried, [ONE, TWO, THREE, TWO, THREE])
        world.now += 12.6
        world.api.generate("Hello")
        self.assertEqual(world.keys_tried[-1], ONE)

    def test_another_model_of_the_same_project_is_not_held_back(self):
        world = World([ONE], {ONE: [minute()]}, max_wait=0)
        with self.assertRaises(QuotaExceeded):
            world.api.generate("Hello")
        self.assertEqual(world.api.generate("Hello", model="gemini-3.5-flash"), "Hi")

    def test_keys_of_one_project_rest_together(self):
        world = World([Key(ONE, "a", "class"), Key(TWO, "b", "class"), Key(THREE, "c")], {ONE: [minute()]})
        for _ in range(3):
            world.api.generate("Hello")
        self.assertEqual(world.keys_tried, [ONE, THREE, THREE, THREE])

    def test_where_all_rest_it_waits_for_the_first_and_says_for_how_long(self):
        world = World(script={ONE: [minute("30s")], TWO: [minute("8.2s")], THREE: [minute("20s")]})
        self.assertEqual(world.api.generate("Hello"), "Hi")
        self.assertEqual(world.keys_tried, [ONE, TWO, THREE, TWO])
        self.assertAlmostEqual(sum(world.slept), 8.25, places=2)
        self.assertEqual(world.said, ["waiting 9 s for key-2: per-minute quota used up"])

    def test_longer_than_anybody_is_patient_is_an_error_at_once_that_says_until_when_and_nothing_is_sent(self):
        world = World(script={key: [day("51s")] for key in KEYS})
        for tried in (3, 3):
            with self.assertRaises(QuotaExceeded) as caught:
                world.api.generate("Hello")
            # Noon UTC: twelve hours to the next midnight, whatever "retry in 51 s" says.
            self.assertEqual(caught.exception.retry_after, 12 * 3600)
            self.assertIn("12 h 0 min", str(caught.exception))
            self.assertEqual(len(world.sent), tried)
        self.assertEqual(world.slept, [])

    def test_patience_is_for_all_the_waits_of_a_call_together(self):
        world = World([ONE], {ONE: [minute("40s", None), minute("40s", None)]}, max_wait=60)
        with self.assertRaises(QuotaExceeded):
            world.api.generate("Hello")
        self.assertEqual([round(wait) for wait in world.slept], [40])
        # And where others were quicker, so that after a wait there is another.
        world = World([ONE], {ONE: [minute("40s", None)]}, max_wait=60)

        def sleep(wait: float) -> None:
            world._sleep(wait)
            if len(world.slept) < 3:
                world.api._ring.members[0].close(world.now + 40, "others were quicker")

        world.api._sleep = sleep
        with self.assertRaises(QuotaExceeded):
            world.api.generate("Hello")
        self.assertEqual([round(wait) for wait in world.slept], [40])

    def test_a_limit_that_a_refusal_has_stated_is_kept_from_then_on(self):
        world = World([ONE], {ONE: [minute("10s", 4)]}, max_wait=600)
        for _ in range(13):
            world.api.generate("Hello")
        sent_by_minute = len(world.sent) - 1
        self.assertEqual(sent_by_minute, 13)
        refused = world.api.stats()["totalErrors"]
        self.assertEqual(refused, 1)
        # Thirteen calls at four a minute take three full minutes; never were more than four sent within one.
        self.assertGreater(sum(world.slept), 170)

    def test_a_dead_key_leaves_and_is_asked_again_in_an_hour_a_leaked_one_never(self):
        world = World(script={ONE: [DEAD], TWO: [(403, {"error": {"message": "Your API key was reported as leaked."}})]})
        for _ in range(3):
            world.api.generate("Hello")
        self.assertEqual(world.keys_tried, [ONE, TWO, THREE, THREE, THREE])
        world.now += 3601
        world.api.generate("Hello")
        world.api.generate("Hello")
        self.assertEqual(world.keys_tried[5:], [ONE, THREE])

    def test_all_keys_dead_is_an_error_of_its_own(self):
        world = World(script={key: [DEAD] for key in KEYS})
        with self.assertRaises(InvalidKeys):
            world.api.generate("Hello")
        self.assertEqual(len(world.sent), 3)

    def test_what_no_key_would_change_is_told_after_one_attempt_in_the_providers_words(self):
        world = World(script={ONE: [(404, {"error": {"message": "models/x is not found"}})]})
        with self.assertRaises(RequestRefused) as caught:
            world.api.generate("Hello")
        self.assertEqual((caught.exception.status, str(caught.exception)), (404, "models/x is not found"))
        self.assertEqual(world.api.stats()["errorCounts"], [0, 0, 0])

    def test_overload_and_failures_are_tried_elsewhere_a_number_of_times(self):
        overloaded = (503, {"error": {"message": "The model is overloaded."}})
        world = World(script={ONE: [overloaded], TWO: [requests.ConnectionError("no route")], THREE: [(200, "{ broken")]})
        self.assertEqual(world.api.generate("Hello"), "Hi")
        self.assertEqual(world.keys_tried, [ONE, TWO, THREE, ONE])
        world = World(script={key: [overloaded] * 9 for key in KEYS})
        with self.assertRaises(Unreachable):
            world.api.generate("Hello")
        self.assertEqual(len(world.sent), 5)
        # Nobody is to blame for an overloaded model: all keys are there again at once.
        world.script.clear()
        world.api.generate("Hello")
        self.assertEqual(len(world.sent), 6)

    def test_redirects_are_not_followed_and_the_key_goes_into_the_header_of_googles_host_alone(self):
        world = World([ONE], {ONE: [(302, "", {"location": "https://evil.example/"})]})
        with self.assertRaises(Redirected):
            world.api.generate("Hello")
        [(_, url, rest)] = world.sent
        self.assertEqual(url, f"https://generativelanguage.googleapis.com{PATH}")
        self.assertIs(rest["allow_redirects"], False)
        with self.assertRaises(Exception):
            world.api.post("https://evil.example/", {})
        self.assertEqual(len(world.sent), 1)

    def test_a_key_that_the_provider_repeats_is_hidden(self):
        suspended = (400, {"error": {"message": f"Consumer 'api_key:{ONE}' is odd."}})
        world = World([ONE], {ONE: [suspended]})
        with self.assertRaises(RequestRefused) as caught:
            world.api.generate("Hello")
        self.assertEqual(str(caught.exception), "Consumer 'api_key:[key]' is odd.")
        self.assertNotIn(ONE, repr(vars(caught.exception)) + "".join(world.said))

    def test_blocked_cut_and_empty_answers_are_errors_and_thoughts_are_no_text(self):
        def says(document, **options):
            return World([ONE], {ONE: [(200, document)]}).api.generate("Hello", **options)

        with self.assertRaises(Blocked):
            says({"promptFeedback": {"blockReason": "SAFETY"}})
        with self.assertRaises(NoAnswer):
            says({"candidates": [{"finishReason": "MAX_TOKENS"}]})
        parts = [{"text": "hm", "thought": True}, {"text": '{"a":1}'}]
        document = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
        self.assertEqual(says(document), '{"a":1}')
        self.assertEqual(says(document, schema={"type": "object"}), {"a": 1})
        with self.assertRaises(NoAnswer):
            says(OK[1], schema={"type": "object"})

    def test_stats_are_printed_after_every_ten_requests(self):
        world = World(print_stats_every=10)
        for _ in range(21):
            world.api.generate("Hello")
        self.assertEqual([line.split(",")[0] for line in world.said if line.startswith("Requests")], ["Requests: 10", "Requests: 20"])

    def test_threads_share_the_keys_and_lose_no_count(self):
        world = World()
        threads = [threading.Thread(target=lambda: [world.api.generate("Hello") for _ in range(20)]) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(world.api.stats()["requestCounts"], [40, 40, 40])
