"""Identifiers of deployments, prompts and rows."""

import os
import re
import time
import uuid

DEPLOYMENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,255}")
# The name of a prompt, and of a version of one, as events say it in `prompt_version`.
PROMPT_LABEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._:@+-]{0,63}")


def time_ordered_uuid() -> uuid.UUID:
    """A version 7 UUID: 48 bits of Unix milliseconds, then 74 random bits, so that new keys are adjacent.

    Source: RFC 9562, section 5.7.
    """
    milliseconds = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | (random_bits >> 68) << 64 | 0b10 << 62
    return uuid.UUID(int=value | random_bits & (2**62 - 1))
