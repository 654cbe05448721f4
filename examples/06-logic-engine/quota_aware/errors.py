"""What can come of a call besides an answer. Each says what to do in its message, and none contains a key."""

from __future__ import annotations


class QuotaAwareError(Exception):
    """The parent of them all.

    `code` has the words of the JavaScript package; `retry_after` is how many seconds to wait, None where waiting does not
    help or nothing is known.
    """

    code = "ERROR"

    def __init__(self, message: str, retry_after: float | None = None):
        super().__init__(message)
        self.retry_after = retry_after


class ConfigInvalid(QuotaAwareError):
    """No key, or an option that cannot be right."""

    code = "CONFIG_INVALID"


class InvalidKeys(QuotaAwareError):
    """No key is accepted, or none is allowed to: somebody has to look at them."""

    code = "INVALID_KEYS"


class QuotaExceeded(QuotaAwareError):
    """No project has quota now, and the next has some later than the caller is patient. See `retry_after`."""

    code = "QUOTA_EXCEEDED"


class RequestRefused(QuotaAwareError):
    """The provider does not want this request (400, 404, 413, …); no other key would change that. `status` is its own."""

    code = "REFUSED"

    def __init__(self, message: str, status: int):
        super().__init__(message)
        self.status = status


class Unreachable(QuotaAwareError):
    """Overloaded, broken or out of reach, in every attempt that was made."""

    code = "UNREACHABLE"


class Redirected(QuotaAwareError):
    """The answer was a redirect. It is not followed: the key would go along, to wherever it points."""

    code = "REDIRECTED"


class Blocked(QuotaAwareError):
    """The provider refuses to speak of this content."""

    code = "BLOCKED"


class NoAnswer(QuotaAwareError):
    """There is no text in the answer, or no JSON where a schema was given."""

    code = "NO_ANSWER"
