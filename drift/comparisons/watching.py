"""Comparisons that are watched while events arrive: intervals that hold at every look, and what to do."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from drift.bench import anytime, clustered, effects
from drift.bench.anytime import Advice, Look
from drift.comparisons.results import Compared, clean

# Of the history of looks; then every second one is dropped.
MOST_LOOKS = 500
_SENTENCES = {
    Advice.WAIT: "Wait: too few users to say anything.",
    Advice.GO_ON: "Go on: neither a difference nor its absence is certain.",
    Advice.SWITCH: "Switch to {b}: it is better.",
    Advice.KEEP: "Keep {a}: {b} is worse.",
    Advice.DIFFERENT: "Stop: {b} is certainly {direction}.",
    Advice.STOP: "Stop: any difference is too small to matter.",
}


def judge(
    compared: Sequence[Compared], found: Sequence[dict], names: Sequence[str], tuning: dict[str, float]
) -> dict[str, float]:
    """Add what a look says to each pair of the results; return what each outcome is tuned to from now on."""
    pairs = sum(len(one.pairs) for one in compared)
    level, tuning = anytime.LEVEL / max(1, pairs), dict(tuning)
    for one, outcome in zip(compared, found, strict=True):
        for pair, (result, sample) in zip(outcome["pairs"], zip(one.pairs, one.samples[1:], strict=True), strict=True):
            pair["anytime"] = None
            if result.problem:
                continue
            contrast = clustered.mean_difference(one.samples[0], sample)
            key = f"{one.outcome.name} {pair['b']}"
            if contrast.freedom >= anytime.FEWEST_USERS and result.margin > 0:
                # Chosen once, before anything is shown: the mixture must not follow the data.
                typical = anytime.TYPICAL_DIFFERENCE * effects.pooled_sd(one.samples[0], sample)
                tuning.setdefault(key, max(result.margin, typical))
            look = anytime.look(contrast, tuned_to=tuning.get(key, 1.0), level=level)
            advice = anytime.advice(look, margin=result.margin, better=one.outcome.better)
            pair["anytime"] = _as_json(look, advice, level, tuning.get(key), [names[0], names[pair["b"]]])
    return tuning


def _as_json(look: Look, advice: Advice, level: float, tuned_to: float | None, names: Sequence[str]) -> dict[str, Any]:
    direction = "higher" if look.value > 0 else "lower"
    sentence = _SENTENCES[advice].format(a=names[0], b=names[1], direction=direction)
    return clean(
        {
            "value": look.value,
            "low": look.low,
            "high": look.high,
            "p_value": look.p_value,
            "level": level,
            "tuned_to": tuned_to,
            "advice": advice.value,
            "sentence": sentence,
        }
    )


def with_look(looks: Sequence[dict], found: Sequence[dict], counts: Sequence[dict]) -> list[dict]:
    """The history of looks with this one."""
    kept = list(looks) if len(looks) < MOST_LOOKS else list(looks[::2])
    intervals = {
        outcome["name"]: [
            [pair["anytime"][key] for key in ("value", "low", "high")] if pair["anytime"] else None
            for pair in outcome["pairs"]
        ]
        for outcome in found
    }
    at = timezone.now().isoformat()
    return [*kept, {"at": at, "n": [count["events"] for count in counts], "intervals": intervals}]
