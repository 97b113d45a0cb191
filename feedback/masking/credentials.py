from collections.abc import Iterator

import re2

from feedback.masking.spans import Span

# Each form begins with a mark that the vendor reserves for it.
_VENDOR_FORMS = (
    r"sk-(?:[A-Za-z0-9]+-)?[A-Za-z0-9_\-]{20,}",
    r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}",
    r"whsec_[A-Za-z0-9+/]{24,}={0,2}",
    r"(?:AKIA|ASIA)[A-Z0-9]{16}",
    r"gh[opsur]_[A-Za-z0-9]{30,}",
    r"github_pat_[A-Za-z0-9_]{22,}",
    r"gl(?:pat|ptt|dt|rt|cbt|ft|soat)-[A-Za-z0-9_\-]{20,}",
    r"xox[abeoprs]-[A-Za-z0-9\-]{10,}",
    r"xapp-[A-Za-z0-9\-]{20,}",
    r"hooks\.slack\.com/services/[A-Za-z0-9/]{20,}",
    r"AIza[A-Za-z0-9_\-]{35}",
    r"ya29\.[A-Za-z0-9_\-]{20,}",
    r"GOCSPX-[A-Za-z0-9_\-]{20,}",
    r"eyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*",
    r"(?:hf|npm|gsk|r8|fw|pplx|ntn)[_\-][A-Za-z0-9]{30,}",
    r"xai-[A-Za-z0-9]{40,}",
    r"pypi-AgE[A-Za-z0-9_\-]{50,}",
    r"SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{30,}",
    r"do[opr]_v1_[a-f0-9]{40,}",
    r"dapi[a-f0-9]{32}",
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    r"hvs\.[A-Za-z0-9_\-]{24,}",
    r"[0-9]{8,10}:AA[A-Za-z0-9_\-]{32,}",
    r"cf_[A-Za-z0-9_\-]{40,}",
)
_VENDOR_KEY = re2.compile(r"(?:^|[^A-Za-z0-9_])(" + "|".join(_VENDOR_FORMS) + ")")
_KEY_BODY = r"[A-Za-z0-9+/=\s\\:,\-]*"
# A key that is cut off before its end is masked as far as it goes.
_PRIVATE_KEY = re2.compile(
    rf"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"
    rf"(?:{_KEY_BODY}?-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|{_KEY_BODY})"
)
_BEARER = re2.compile(r"(?i)\b(?:bearer|authorization: ?basic)\s+([A-Za-z0-9._~+/\-]{16,}=*)")
_ASSIGNED = re2.compile(
    r"(?i)(?:api[_\- ]?key|secret[_\- ]?(?:access[_\- ]?)?key|client[_\- ]?secret|(?:access|auth)[_\- ]?token)"
    r"[\"']?\s*(?:[:=]|=>|is)\s*[\"']?([A-Za-z0-9+/_\-.]{16,}=*)"
)
_URL_PASSWORD = re2.compile(r"[a-z][a-z0-9+]*://[^\s/:@\[\]]+:([^\s/@\[\]]+)@")


def find_secrets(text: str) -> Iterator[Span]:
    for pattern in (_VENDOR_KEY, _BEARER, _ASSIGNED, _URL_PASSWORD):
        for match in pattern.finditer(text):
            if pattern is _URL_PASSWORD or _is_random(match.group(1)):
                yield Span(match.start(1), match.end(1), "SECRET")
    for match in _PRIVATE_KEY.finditer(text):
        yield Span(match.start(), match.end(), "SECRET")


def _is_random(secret: str) -> bool:
    """Tell a secret from words joined by dashes or dots, which carry no digit."""
    return any(character.isdigit() for character in secret)
