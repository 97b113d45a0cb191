"""The strategies of a set whose request names none."""

from collections.abc import Iterable

from curation.choices import DEFAULT_STRATEGIES, Strategy
from curation.strategies.registry import STRATEGIES
from feedback.embeddings.availability import has_embeddings


def default_strategies() -> list[Strategy]:
    """The default, without the strategies that need an embedding client if there is none."""
    missing = without_client(DEFAULT_STRATEGIES)
    return [strategy for strategy in DEFAULT_STRATEGIES if strategy not in missing]


def default_notice() -> str:
    """Which strategies the default leaves out, as a sentence; empty if none."""
    missing = without_client(DEFAULT_STRATEGIES)
    return f"{', '.join(missing)} was left out: no embedding client (EMBEDDING_CLIENT)." if missing else ""


def without_client(strategies: Iterable[Strategy | str]) -> list[str]:
    """Those of the strategies that cannot select anything, because there is no embedding client."""
    return [] if has_embeddings() else [str(name) for name in strategies if STRATEGIES[name].embeds]
