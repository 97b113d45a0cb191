"""A prefilter: one search that matches wherever a detector could. Most texts need no other search."""

from functools import lru_cache
from typing import Any

import re2

from feedback.masking.emails import ENCODED
from feedback.masking.options import Options
from feedback.masking.secrets.named_secrets import pattern_of

_NO_WIDTH = r"[\x{ad}\x{200b}-\x{200f}\x{2060}-\x{2064}\x{feff}]"
_EMAIL = rf"[^\s@＠][@＠][^\s@＠]|{ENCODED}|{_NO_WIDTH}[@＠]|[@＠]{_NO_WIDTH}"
_NUMBER = (
    r"\p{Nd}(?:[\pZ\t\p{Pd}\x{200b}\x{2060}\x{feff}\x{2212}./()．（）]{0,3}\p{Nd}){5}"
    r"|\p{Nd}[.．]\p{Nd}{1,3}[.．]\p{Nd}{1,3}[.．]\p{Nd}"
    r"|[A-Fa-f\p{Nd}]::|::[A-Fa-f\p{Nd}]|[A-Fa-f\p{Nd}]:[A-Fa-f\p{Nd}]{1,4}:[A-Fa-f\p{Nd}]{1,4}:"
    r"|[A-Za-z]{2}\p{Nd}{2}[\pZ\t\p{Pd}\x{200b}\x{2060}\x{feff}\x{2212}]?[A-Za-z\p{Nd}]{3}"
)
_SECRET = (
    r"[A-Za-z0-9][_\-.:][A-Za-z0-9_\-]{16}|_live_|_test_|xox|eyJ|A[BCKS][CI]A|AIza|(?:AC|SK|dapi)[0-9a-f]{8}|1//0|whsec_"
    r"|BSA[A-Za-z0-9_\-]{20}|bedrock-api|Q~|JQQJ9|LTAI|sha256~|AT[AC]TT3|ATBB|AKCp|cio[A-Za-z0-9]{20}|oy2|FLW|glsa_|glc_|EAA"
    r"|A{21}|sntry|hooks\.slack|/api/webhooks/|PRIVATE KEY"
    r"|(?i:authorization|(?:bearer|basic|token)\s+[A-Z0-9._~+/\-]{16})"
    r"|(?i:(?:key|token|secret|sig|credentials?|pass(?:word|wd|phrase|code)?|pwd|passwort|contrase[ñn]a|passe|senha|cookie2?)"
    r"[0-9]?(?:[_\-][a-z0-9]{1,10})?[\"'\]`>\\]{0,3}\s*(?:[:=>]|is))"
    r"|(?i:\bcurl\s|\bmysql|\bmariadb|sshpass|redis-cli|-(?:password|passwd|passphrase|pass|token|secret|api-key)[= ])"
    r"|://[^\s/@]*:"
)

NUMBER, SECRET = re2.compile(_NUMBER), re2.compile(_SECRET)
ENCODED_SIGN = re2.compile(f"{ENCODED}|{_NO_WIDTH}")
BROKEN_NUMBER = re2.compile(r"[0-9][ \-]?\r?\n[0-9A-Za-z]|[A-Za-z0-9][ \-]?\r?\n[0-9]")


@lru_cache(maxsize=16)
def candidate(options: Options) -> Any:
    """The expression that matches wherever a built-in kind, or a name of the installation's own, could stand."""
    own = (f"(?i:{pattern_of(name)})" for name in sorted(options.secret_names))
    return re2.compile("|".join((_EMAIL, _NUMBER, _SECRET, *own)))
