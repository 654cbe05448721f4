"""Exercise 6: a logic engine. The model draws the conclusion; the program holds it against what it knows.

    python3 logic_client.py                                     your keys, from the api-keys.env of the folder that you are in
    GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:8790 python3 …      the mock, after: node mock.mjs
    python3 logic_client.py "All cats sleep. Tom is a cat." "Does Tom sleep?"     premises and a question of yours

Needs Python 3.9 and `requests` (pip install requests). Several threads ask at once, over all keys: see `quota_aware/`.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from quota_aware import QuotaAware, QuotaAwareError

# What is asked for first is thought of first: with the steps before the answer, the answer follows from them.
SCHEMA = {
    "type": "object",
    "properties": {
        "steps": {"type": "array", "items": {"type": "string"}},
        "answer": {"type": "string", "enum": ["yes", "no", "unknown"]},
    },
    "required": ["steps", "answer"],
}
SYSTEM = "Decide by the premises alone, whatever you know of the world. Where they do not tell, the answer is unknown."
PUZZLES = [
    ("All bloops are razzies. All razzies are lazzies.", "Are all bloops lazzies?", "yes"),
    ("Some birds swim. Pip is a bird.", "Does Pip swim?", "unknown"),
    ("No fish flies. Nemo is a fish.", "Does Nemo fly?", "no"),
    ("If it rains, the road is wet. The road is wet.", "Does it rain?", "unknown"),
    ("If it rains, the road is wet. The road is dry.", "Does it rain?", "no"),
    ("Ann is older than Ben. Ben is older than Cleo.", "Is Ann older than Cleo?", "yes"),
]


def main(words: list[str]) -> int:
    puzzles = [(words[0], " ".join(words[1:]), None)] if words else PUZZLES
    try:
        api = QuotaAware.from_env(print_stats_every=10)
        # Threads, since each waits for the network nearly all of the time. Whose key is next is decided under one lock.
        with ThreadPoolExecutor(max_workers=8) as pool:
            answers = pool.map(lambda puzzle: api.generate(f"{puzzle[0]}\n{puzzle[1]}", system=SYSTEM, schema=SCHEMA, temperature=0), puzzles)
            for (premises, question, expected), answer in zip(puzzles, answers):
                mark = "" if expected is None else " ✓" if answer["answer"] == expected else f" ✗ (it is {expected})"
                print(f"\n{premises} {question}\n→ {answer['answer']}{mark}: {' '.join(answer['steps'])}")
        api.print_stats()
        return 0
    except QuotaAwareError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
