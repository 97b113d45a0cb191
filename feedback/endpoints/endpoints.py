"""The OpenAI-compatible endpoints that gates and judges may ask, from LLM_ENDPOINTS."""

import os
import re
from typing import Any

import msgspec
from django.conf import settings

from feedback.webhooks.posting import url_problem

KEY_PREFIX = "JUDGE_KEY_"
DEFAULT_TIMEOUT_SECONDS = 120.0
# Four tries and the pauses between them end within the time limit of a task, with the rest of a turn of questions.
MOST_TIMEOUT_SECONDS = 300.0
MOST_USD_PER_MILLION = 1_000_000.0
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KEY_ENV = re.compile(rf"{KEY_PREFIX}[A-Z0-9_]+")
# What servers call the longest answer, in tokens.
_LENGTHS = ("max_tokens", "max_completion_tokens")
# What a request consists of itself.
_OURS = frozenset({"model", "messages", "stream", "n"})


class InvalidEndpoints(Exception):
    """LLM_ENDPOINTS is invalid."""


class EndpointUnusable(Exception):
    """An endpoint that answers no question until an operator changes something."""


class Endpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One endpoint.

    key_env: the name of the environment variable with its key; "" for an endpoint without one. timeout_seconds: for one
    try. private: whether it may have a private address. parameters: sent with each question. The prices are those of a
    million tokens, 0 where nothing is paid.
    """

    base_url: str
    model: str
    key_env: str = ""
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    private: bool = False
    parameters: dict[str, Any] = msgspec.field(default_factory=lambda: {"temperature": 0})
    prompt_usd_per_million: float = 0.0
    completion_usd_per_million: float = 0.0

    @property
    def has_price(self) -> bool:
        return self.prompt_usd_per_million > 0 or self.completion_usd_per_million > 0

    def cost_usd(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens cost."""
        paid = prompt_tokens * self.prompt_usd_per_million + completion_tokens * self.completion_usd_per_million
        return paid / 1_000_000

    def bound(self, tokens: int) -> dict[str, int]:
        """The parameter that ends an answer at so many tokens; none where `parameters` end it elsewhere."""
        return {} if any(name in self.parameters for name in _LENGTHS) else {_LENGTHS[0]: tokens}

    def most_answered(self, tokens: int) -> int:
        """The longest answer to a request with `bound(tokens)`."""
        chosen = [self.parameters[name] for name in _LENGTHS if name in self.parameters]
        return next((one for one in chosen if isinstance(one, int) and one > 0), tokens)

    def key(self) -> str:
        """The key itself. Raises EndpointUnusable if the environment does not have it."""
        if not self.key_env:
            return ""
        if not (key := os.environ.get(self.key_env, "").strip()):
            raise EndpointUnusable(f"The worker has no environment variable {self.key_env}.")
        if not key.isascii() or not key.isprintable():
            raise EndpointUnusable(f"The key in {self.key_env} has a character that a header cannot hold.")
        return key


def endpoints() -> dict[str, Endpoint]:
    """The endpoints by name. Raises InvalidEndpoints."""
    found = settings.LLM_ENDPOINTS
    if isinstance(found, str):
        try:
            found = msgspec.json.decode(found or "{}")
        except msgspec.DecodeError as error:
            raise InvalidEndpoints(f"LLM_ENDPOINTS is not valid JSON: {error}") from error
    try:
        made = msgspec.convert(found, dict[str, Endpoint])
    except msgspec.ValidationError as error:
        raise InvalidEndpoints(f"LLM_ENDPOINTS: {error}") from error
    for name, endpoint in made.items():
        if problem := _problem(name, endpoint):
            raise InvalidEndpoints(f"LLM_ENDPOINTS, {name}: {problem}")
    return made


def _problem(name: str, endpoint: Endpoint) -> str | None:
    if not _NAME.fullmatch(name):
        return "a name has 1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen."
    if problem := url_problem(endpoint.base_url):
        return problem
    if "?" in endpoint.base_url or "#" in endpoint.base_url:
        return "base_url must end before /chat/completions, without a query."
    if not endpoint.model:
        return "model is empty."
    if endpoint.key_env and not _KEY_ENV.fullmatch(endpoint.key_env):
        return f"key_env must be the name of an environment variable that begins with {KEY_PREFIX}."
    if not 0 < endpoint.timeout_seconds <= MOST_TIMEOUT_SECONDS:
        return f"timeout_seconds must be above 0 and at most {MOST_TIMEOUT_SECONDS:.0f}."
    prices = (endpoint.prompt_usd_per_million, endpoint.completion_usd_per_million)
    if not all(0 <= price <= MOST_USD_PER_MILLION for price in prices):
        return f"a price must be from 0 to {MOST_USD_PER_MILLION:,.0f}."
    if taken := sorted(_OURS & set(endpoint.parameters)):
        return f"parameters must not have {', '.join(taken)}."
    return None
