import tempfile
import unittest
from pathlib import Path

from quota_aware import ConfigInvalid, Key, QuotaAware, find_keys

TEMPLATE = Path(__file__).parents[2] / "api-keys.env.example"


class KeysTest(unittest.TestCase):
    def test_the_template_filled_in_is_a_set_of_keys_and_its_placeholders_are_absent_with_a_warning(self):
        if not TEMPLATE.is_file():
            self.skipTest("the template is in the repository")
        text = TEMPLATE.read_text(encoding="utf-8").replace("your-first-gemini-key-here", "fake-1").replace("your-third-gemini-key-here", "fake-3")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "api-keys.env")
            path.write_text(text, encoding="utf-8")
            warnings: list[str] = []
            keys = find_keys({}, path, warnings.append)
        self.assertEqual([(key.id, key.secret) for key in keys], [("key-1", "fake-1"), ("key-3", "fake-3")])
        self.assertEqual(len(warnings), 1)
        self.assertIn("GEMINI_KEY_2", warnings[0])

    def test_numbers_go_by_number_names_follow_gaps_are_skipped_and_a_secret_counts_once(self):
        env = {"GEMINI_KEY_10": "f", "GEMINI_KEY_2": "b", "GEMINI_KEY_1": "a", "GEMINI_KEY_flash_01": "n", "GEMINI_API_KEY": "a", "GEMINI_API_KEYS": "x, b,", "GROQ_API_KEY": "no"}
        self.assertEqual([key.id for key in find_keys(env)], ["key-1", "key-2", "key-10", "flash_01", "gemini-1"])

    def test_files_may_have_quotes_comments_and_exports_and_the_environment_wins(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "keys.env")
            path.write_text("# GEMINI_KEY_9=no\nexport GEMINI_KEY_1='one'\nGEMINI_KEY_2 = \"two\"  # mine\nGEMINI_KEY_3=three # theirs\n", encoding="utf-8")
            keys = find_keys({"GEMINI_KEY_2": "other"}, path)
        self.assertEqual([key.secret for key in keys], ["one", "other", "three"])

    def test_no_key_says_what_to_do(self):
        with self.assertRaisesRegex(ConfigInvalid, "api-keys.env"):
            find_keys({})

    def test_a_key_is_not_in_its_representation_nor_in_the_refusal_of_a_wrong_one(self):
        self.assertNotIn("secret", repr(Key("secret", "key-1")))
        with self.assertRaises(ConfigInvalid) as caught:
            QuotaAware(["sec ret\n"])
        self.assertNotIn("sec", str(caught.exception))

    def test_keys_go_by_https_or_stay_on_this_machine(self):
        QuotaAware(["fake"], base_url="http://127.0.0.1:1")
        QuotaAware(["fake"], base_url="https://example.org")
        for url in ("http://example.org", "ftp://127.0.0.2", "http://127.0.0.1.example.org"):
            with self.assertRaises(ConfigInvalid):
                QuotaAware(["fake"], base_url=url)
