"""Calls to the Gemini API over several keys, for Python programs: the manners of `quota-aware-api` in five small modules.

`keys` finds the keys, `refusal` says what an answer means, `ring` whose turn it is and who has to rest, `client` sends,
`errors` is what can come of it. It counts for one process; where several programs, or a whole class, share the keys, let
them call the relay (`examples/relay.mjs`) instead, which shares fairly and counts for all.
"""

from .client import GOOGLE, QuotaAware
from .errors import (
    Blocked,
    ConfigInvalid,
    InvalidKeys,
    NoAnswer,
    QuotaAwareError,
    QuotaExceeded,
    Redirected,
    RequestRefused,
    Unreachable,
)
from .keys import Key, find_keys
from .refusal import Refusal, read_refusal

__all__ = [
    "GOOGLE", "Blocked", "ConfigInvalid", "InvalidKeys", "Key", "NoAnswer", "QuotaAware", "QuotaAwareError",
    "QuotaExceeded", "Redirected", "Refusal", "RequestRefused", "Unreachable", "find_keys", "read_refusal",
]
