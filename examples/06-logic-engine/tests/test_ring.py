import unittest

from quota_aware import Key, Refusal
from quota_aware.ring import Ring

from .support import NOON

MODEL = "gemini-3.5-flash-lite"


class RingTest(unittest.TestCase):
    def test_a_late_refusal_for_the_minute_does_not_open_what_is_closed_for_the_day(self):
        ring = Ring([Key("fake", "key-1")])
        first, second = ring.take(MODEL, NOON), ring.take(MODEL, NOON)
        ring.refused(first, MODEL, Refusal("day", 51, ""), NOON)
        ring.refused(second, MODEL, Refusal("minute", 20, ""), NOON + 1)
        self.assertIsNone(ring.take(MODEL, NOON + 3600))
        self.assertIsNotNone(ring.take(MODEL, NOON + 12 * 3600))

    def test_who_has_sent_more_than_a_limit_allows_waits_until_there_is_room_under_it(self):
        ring = Ring([Key("fake", "key-1")])
        for at in range(6):
            member = ring.take(MODEL, NOON + at)
        ring.refused(member, MODEL, Refusal("minute", 0, "", limit=4), NOON + 6)
        # Sends at 0 to 5: three of them have to be over a minute old before a fourth is within the limit.
        self.assertEqual(ring.soonest(MODEL, NOON + 7)[0], NOON + 2 + 60)
        self.assertIsNone(ring.take(MODEL, NOON + 61.9))
        self.assertIsNotNone(ring.take(MODEL, NOON + 62))

    def test_three_errors_in_a_row_are_a_rest_and_a_success_between_them_begins_anew(self):
        ring = Ring([Key("fake", "key-1")])
        trouble = Refusal("trouble", None, "")
        for good in (False, False, True, False, False):
            member = ring.take(MODEL, NOON)
            ring.served(member) if good else ring.refused(member, MODEL, trouble, NOON)
        self.assertIsNotNone(ring.take(MODEL, NOON))
        ring.refused(member, MODEL, trouble, NOON)
        self.assertIsNone(ring.take(MODEL, NOON + 29))
        self.assertIsNotNone(ring.take(MODEL, NOON + 30))
