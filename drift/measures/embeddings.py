"""Compares embeddings over two windows: effect, evidence and a sentence."""

import numpy as np

from drift.choices import Verdict
from drift.measures.facts import facts_of, too_few, too_small
from drift.measures.verdicts import Evidence, MetricResult, VerdictParameters, size_of
from feedback.statistics import vectors


def measure(
    name: str,
    label: str,
    reference: np.ndarray,
    current: np.ndarray,
    parameters: VerdictParameters,
    *,
    rng: np.random.Generator,
    clients: tuple[str, str] = ("", ""),
) -> Evidence | MetricResult:
    """Measure embeddings.

    Parameters
    ----------
    name, label : str
        The metric's name, and its name in sentences.
    reference, current : ndarray
        Float arrays of shape (n, d) and (m, d).
    parameters : VerdictParameters
        Thresholds; below `minimum_n` rows in a window there is insufficient data.
    rng : numpy.random.Generator
        Draws features and relabellings.
    clients : tuple of str
        The embedding client of each window; vectors of different clients cannot be compared.

    Returns
    -------
    Evidence or MetricResult
        Evidence for judge, with the distance as its effect. Too little data is a result, and so are embeddings that
        cannot be compared: an error, never "no drift".

    Examples
    --------
    >>> result = measure(
    ...     "prompt_embedding", "Prompts", np.ones((60, 4)), np.ones((60, 4)), VerdictParameters(),
    ...     rng=np.random.default_rng(1), clients=("small", "large"),
    ... )
    >>> result.verdict.value, result.sentence
    ('error', 'Prompts: the windows were embedded by different clients, small and large.')
    """
    n, m = len(reference), len(current)
    facts = facts_of(name, label, ("mmd",), n, m)
    if too_small(facts, parameters):
        return too_few(facts, "embedded texts", parameters)
    if clients[0] != clients[1]:
        sentence = f"{label}: the windows were embedded by different clients, {clients[0]} and {clients[1]}."
        return MetricResult(**facts, verdict=Verdict.ERROR, sentence=sentence)
    try:
        found = vectors.mmd(reference, current, rng=rng, permutations=parameters.permutations)
    except ValueError as error:
        return MetricResult(**facts, verdict=Verdict.ERROR, sentence=f"{label}: {error}")
    interval = f"[{found.low:.2f}, {found.high:.2f}]"
    result = MetricResult(
        **facts,
        verdict=Verdict.OK,
        sentence=f"{label}: distance {found.distance:.2f} {interval} of 1, n = {n:,} and {m:,}",
        effect=found.distance,
        effect_interval=(found.low, found.high),
        p_value=found.p_value,
        statistics={"effect": "mmd", "squared_mmd": found.squared, "permutations": found.permutations},
    )
    return Evidence(result, size_of(found.low, found.high, negligible=(0.0, parameters.negligible_mmd)))
