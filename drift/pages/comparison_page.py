"""The text of the page of one comparison."""

from drift.choices import ComparisonStatus
from drift.models import ArmComparison
from drift.pages.comparison_rows import (
    Answer,
    ArmRow,
    ComparisonPage,
    ExampleRow,
    OutcomeSection,
    PairRow,
    SegmentRow,
    SegmentTable,
)
from drift.windows.arms import parse_arm
from feedback.console.presentation import excerpt
from feedback.stores import pages
from feedback.stores.base import EventFilter

NOTHING = "–"
TONES = {
    ComparisonStatus.RUNNING: "primary",
    ComparisonStatus.COMPLETED: "success",
    ComparisonStatus.FAILED: "danger",
}
_FINDINGS = {
    "higher": "Higher",
    "lower": "Lower",
    "negligible": "Too small to matter",
    "equivalent": "No difference",
    "unclear": "Not enough evidence",
    "impossible": "Not comparable",
}
# An outcome shows at most so many pairs of answers.
_EXAMPLES = 6


def build(comparison: ArmComparison, *, with_texts: bool) -> ComparisonPage:
    names = comparison.names
    texts = _texts(comparison) if with_texts else {}
    return ComparisonPage(
        comparison=comparison,
        advice=_advice(comparison, names),
        tone=TONES[ComparisonStatus(comparison.status)],
        headline=headline(comparison),
        arms=_arms(comparison, names),
        outcomes=[_outcome(one, names, texts) for one in comparison.results],
    )


def headline(comparison: ArmComparison) -> str:
    if comparison.status == ComparisonStatus.RUNNING:
        return "A worker is comparing the arms. Reload the page to see the result."
    if comparison.status == ComparisonStatus.FAILED:
        return f"The arms could not be compared: {comparison.error}"
    return comparison.verdict


def _advice(comparison, names):
    return [
        f"{_capital(one['label'])}, {names[pair['b']]} against {names[pair['a']]}: {pair['anytime']['sentence']}"
        for one in comparison.results
        for pair in one["pairs"]
        if pair.get("anytime")
    ]


def _capital(text):
    return f"{text[:1].upper()}{text[1:]}"


def _arms(comparison, names):
    counts = comparison.counts or [{"events": None, "users": None}] * len(names)
    return [
        ArmRow(name, parse_arm(arm).describe(), _whole(count["events"]), _whole(count["users"]))
        for name, arm, count in zip(names, comparison.arms, counts, strict=True)
    ]


def _whole(number):
    return NOTHING if number is None else f"{number:,}"


def _outcome(one, names, texts):
    arms = [
        (
            name,
            _whole(arm["n"]),
            _value(arm["mean"], one),
            _range(arm["low"], arm["high"], one),
            NOTHING if one["is_share"] else _value(arm["median"], one),
        )
        for name, arm in zip(names, one["arms"], strict=True)
    ]
    return OutcomeSection(
        name=one["name"],
        title=_capital(one["label"]) + (f" ({one['unit']})" if one["unit"] else ""),
        arms=arms,
        overall=_overall(one["overall"]),
        pairs=[_pair(pair, one, names) for pair in one["pairs"]],
        segments=[_segments(table, one, names) for table in one["segments"]],
        examples=[row for found in one["examples"] if (row := _example(found, one, texts))],
    )


def _overall(found):
    if found is None:
        return ""
    if found["problem"]:
        return found["problem"]
    sizes = "; ".join(_effect(effect) for effect in found["effects"])
    return f"All arms together: {found['test_label']}, {found['written']}; {sizes}. {found['reason']}"


def number(value: float | None, is_share: bool = False) -> str:
    if value is None:
        return NOTHING
    if is_share:
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _value(value, one):
    return number(value, one["is_share"])


def _range(low, high, one):
    return NOTHING if low is None or high is None else f"{_value(low, one)} to {_value(high, one)}"


def _difference(found, one):
    if found["difference"] is None:
        return NOTHING
    sign = "+" if found["difference"] > 0 else ""
    interval = found["difference_interval"]
    return f"{sign}{_value(found['difference'], one)}" + (f" ({_range(*interval, one)})" if interval else "")


def _effect(effect):
    text = f"{effect['label']} {effect['value']:.2f}"
    if effect["interval"]:
        text += f" ({effect['interval'][0]:.2f} to {effect['interval'][1]:.2f})"
    return f"{text}, {effect['size']}" if effect["size"] else text


def _probability(value):
    if value is None:
        return NOTHING
    return "below 0.0001" if value < 0.0001 else f"{value:.4f}"


def _tone(found, index):
    if found["finding"] not in ("higher", "lower"):
        return "info"
    if found.get("better") is None:
        return "primary"
    return "success" if found["better"] == index else "danger"


def _pair(pair, one, names):
    details = [_effect(effect) for effect in pair["effects"]]
    needed = pair["needed"]
    more = [
        ("Statistic", pair["written"] or NOTHING),
        ("p without correction", _probability(pair["p_value"])),
        *(("Effect size", detail) for detail in details[1:]),
        ("Smallest difference that matters", _value(pair["margin"], one)),
        ("Detectable with a power of 80 %", _value(pair["detectable"], one)),
        ("Events of each arm needed to see what matters", NOTHING if needed is None else f"{needed:,.0f}"),
        ("Design effect of users", f"{pair['design_effect']:.2f}"),
    ]
    return PairRow(
        names=f"{names[pair['b']]} against {names[pair['a']]}",
        finding=_FINDINGS[pair["finding"]],
        tone=_tone(pair, pair["b"]),
        difference=_difference(pair, one),
        effect=details[0] if details else NOTHING,
        p_value=_probability(pair["adjusted_p_value"]),
        power=NOTHING if pair["power"] is None else f"{100 * pair['power']:.0f} %",
        sentence=pair["sentence"],
        test=pair["test_label"] or "no test",
        reason=pair["reason"] or pair["problem"],
        notes=pair["notes"],
        look=pair["anytime"]["sentence"] if pair.get("anytime") else "",
        look_interval=_look_interval(pair.get("anytime"), one),
        more=more,
    )


def _look_interval(look, one):
    if not look or look["low"] is None:
        return NOTHING
    return f"{_value(look['value'], one)} ({_range(look['low'], look['high'], one)})"


def _segments(table, one, names):
    rows = [
        SegmentRow(
            name=row["segment"].partition("=")[2],
            events=" and ".join(_whole(n) for n in row["n"]),
            means=" and ".join(_value(mean, one) for mean in row["means"]),
            difference=_difference(row, one),
            p_value=_probability(row["adjusted_p_value"]),
            finding=_FINDINGS[row["finding"]],
            tone="primary" if row["finding"] in ("higher", "lower") else "info",
        )
        for row in table["rows"]
    ]
    return SegmentTable(f"{names[table['b']]} against {names[table['a']]}", table["key"], rows, table["too_small"])


def _texts(comparison):
    """By id, the stored events of the examples."""
    ids = [event for one in comparison.results for found in one["examples"][:_EXAMPLES] for event in found["events"]]
    if not ids:
        return {}
    columns = ["id", "prompt", "response", "occurred_at", "content_dropped"]
    return {row["id"]: row for row in pages.read(EventFilter(ids=sorted(set(ids))), columns)}


def _example(found, one, texts):
    rows = [texts.get(event_id) for event_id in found["events"]]
    if None in rows:
        return None
    answers = [
        Answer(row["id"], _value(value, one), excerpt(row["response"], 400) or "(empty)")
        for row, value in zip(rows, found["values"], strict=True)
    ]
    return ExampleRow(
        excerpt(rows[0]["prompt"]) or "(empty prompt)",
        _difference({**found, "difference_interval": None}, one),
        answers,
    )
