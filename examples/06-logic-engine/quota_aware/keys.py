"""Keys, out of the same `api-keys.env` that the JavaScript package reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Mapping

from .errors import ConfigInvalid

# Numbered first, then named, then those that stand for one key alone: [pattern, how the id begins].
FAMILIES = [(r"GEMINI_KEY_(\w+)", "key-"), (r"GOOGLE_AI_API_KEY_(\d+)", "google-ai-"), (r"GEMINI_API_KEY_(\d+)", "gemini-api-")]
SINGLE = ["GEMINI_API_KEY", "GOOGLE_API_KEY"]
PLACEHOLDER = re.compile(r"your[-_].*here|<.*>", re.IGNORECASE)


@dataclass(frozen=True)
class Key:
    """A key, and whose quota it uses: keys of one project share it. A key that names no project has one of its own."""

    # Not in the representation: that is what ends up in logs and tracebacks.
    secret: str = field(repr=False)
    id: str
    project: str = ""

    def __post_init__(self) -> None:
        # What a header cannot carry would be an exception with the key in its text, deep inside of `requests`.
        if not re.fullmatch(r"[\x21-\x7e]+", self.secret):
            raise ConfigInvalid(f"{self.id}: expected a key in visible ASCII characters, without blanks")
        object.__setattr__(self, "project", self.project or self.id)


def find_keys(environ: Mapping[str, str], path: str | Path | None = None, warn: Callable[[str], None] = print) -> list[Key]:
    """The keys of a file, if it is there, and of an environment, which wins as it does with `node --env-file`.

    The same secret twice counts once; a placeholder of the template counts as absent, with a warning.
    """
    names = {**read_env_file(path), **environ} if path is not None and Path(path).is_file() else dict(environ)
    found: dict[str, Key] = {}

    def add(name: str, value: str, key_id: str) -> None:
        secret = value.strip()
        if PLACEHOLDER.fullmatch(secret):
            warn(f"{name} still holds the placeholder of the template; it counts as absent")
        elif secret and secret not in found:
            found[secret] = Key(secret, key_id)

    for pattern, start in FAMILIES:
        parts = [(match[1], name) for name in names if (match := re.fullmatch(pattern, name))]
        # By number where they are numbers, so that 2 comes before 10; named ones after them.
        for part, name in sorted(parts, key=lambda pair: (not pair[0].isdigit(), pair[0].zfill(9))):
            add(name, names[name], start + part if part.isdigit() else part)
    for at, value in enumerate(names.get("GEMINI_API_KEYS", "").split(","), 1):
        add("GEMINI_API_KEYS", value, f"gemini-{at}")
    for name in SINGLE:
        add(name, names.get(name, ""), name.lower().replace("_", "-"))
    if not found:
        raise ConfigInvalid("no key found: copy examples/api-keys.env.example to api-keys.env and put yours in, for example GEMINI_KEY_1=…")
    return list(found.values())


def read_env_file(path: str | Path) -> dict[str, str]:
    """`NAME=value` lines, with quotes or without; what follows a # is a comment."""
    pairs = {}
    for line in Path(path).read_text(encoding="utf-8-sig").splitlines():
        match = re.match(r"""\s*(?:export\s+)?(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^#]*))""", line)
        if match:
            pairs[match[1]] = next(part for part in match.groups()[1:] if part is not None).strip()
    return pairs
