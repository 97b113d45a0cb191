"""What the page of a curated set shows, and one page of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from curation.admin import funnel, request_words
from curation.choices import CuratedSetStatus, PairSource, Split, Strategy
from curation.models import CuratedExample, CuratedPair, CuratedSet
from curation.review import marking
from curation.sets import withdrawn
from feedback.console.presentation import excerpt

ROWS_PER_PAGE = 25
EXAMPLES, QUEUE, PAIRS = "examples", "queue", "pairs"
_EMPTY = {
    EXAMPLES: "No row passed every gate.",
    QUEUE: "No row waits for a person.",
    PAIRS: "No two answers to one context differ enough to make a pair.",
}
# Beside each other on a line, so shorter than elsewhere.
_EXCERPT = 160


@dataclass(frozen=True)
class Row:
    """An example, a row of the queue or a pair, on one line."""

    id: int
    prompt: str
    version: str
    label: str
    split: str
    number: float
    answer: str
    rejected: str
    reason: str
    event_ids: list[str]


@dataclass(frozen=True)
class Part:
    """One of the three lists. query: the address that shows it."""

    key: str
    name: str
    count: int
    is_shown: bool


@dataclass(frozen=True)
class Rows:
    """A page of the chosen list; `parts` leads to the others."""

    key: str
    parts: list[Part]
    page: Page
    rows: list[Row]
    empty: str


def build(curated_set: CuratedSet, query: Mapping[str, str]) -> dict:
    """The context of the page."""
    return {
        "curated_set": curated_set,
        "counts": [(strategy.label, count) for strategy, count in curated_set.by_strategy.items()],
        "splits": _splits(curated_set),
        "strategies": ", ".join(Strategy(key).label for key in curated_set.strategies),
        "asked": request_words.of_request(curated_set),
        "influence": request_words.influence(curated_set.influence),
        "funnel": funnel.build(curated_set.funnel, read=curated_set.candidates, strategies=curated_set.strategies),
        "withdrawn": withdrawn.count(curated_set),
        "changes": marking.changes(curated_set.pk),
        "decisions": curated_set.decisions.select_related("by"),
        "progress": progress(curated_set),
        "rows": None if curated_set.status == CuratedSetStatus.BUILDING else _rows(curated_set, query),
    }


def progress(curated_set: CuratedSet) -> dict | None:
    """How far the build is; None for a set that is built."""
    if curated_set.status != CuratedSetStatus.BUILDING:
        return None
    return {"stage": curated_set.get_stage_display(), "done": curated_set.stage_done, "total": curated_set.stage_total}


def _splits(curated_set: CuratedSet) -> list[tuple[str, int]]:
    """The accepted examples of each split; none for a set that holds nothing out."""
    if not curated_set.splits:
        return []
    numbers = CuratedExample.objects.filter(curated_set=curated_set).accepted().numbers_by_split()
    return [(split.label, numbers.get(split, 0)) for split in Split]


def _rows(curated_set: CuratedSet, query: Mapping[str, str]) -> Rows:
    examples = CuratedExample.objects.filter(curated_set=curated_set).in_order().without_messages()
    lists: dict[str, QuerySet] = {
        EXAMPLES: examples.accepted(),
        QUEUE: examples.queued(),
        PAIRS: CuratedPair.objects.filter(curated_set=curated_set).released().in_order().without_messages(),
    }
    counts = {key: rows.count() for key, rows in lists.items()}
    wanted = query.get("rows", "")
    key = wanted if wanted in lists else next((key for key in lists if counts[key]), EXAMPLES)
    paginator = Paginator(lists[key], ROWS_PER_PAGE)
    paginator.count = counts[key]
    page = paginator.get_page(query.get("rows_page"))
    show = _pair if key == PAIRS else _example
    return Rows(
        key=key,
        parts=[Part(each, each.capitalize(), counts[each], each == key) for each in lists],
        page=page,
        rows=[show(row, row.get_split_display() if curated_set.splits else "") for row in page.object_list],
        empty=_EMPTY[key],
    )


def _example(row: CuratedExample, split: str) -> Row:
    return Row(
        id=row.pk,
        prompt=_prompt(row),
        version=row.model_version_id or "no version",
        label=Strategy(row.strategy).label,
        split=split,
        number=row.score,
        answer=_answer(row, row.edited_response or row.response),
        rejected="",
        reason=row.queue_reason or row.reason,
        event_ids=[str(row.event_id)],
    )


def _pair(row: CuratedPair, split: str) -> Row:
    return Row(
        id=row.pk,
        prompt=_prompt(row),
        version="",
        label=PairSource(row.pair_source).label,
        split=split,
        number=row.margin,
        answer=_answer(row, row.chosen),
        rejected=_answer(row, row.rejected),
        reason="",
        event_ids=[str(row.chosen_event_id), str(row.rejected_event_id)],
    )


def _prompt(row: CuratedExample | CuratedPair) -> str:
    return excerpt(row.prompt, _EXCERPT) or ("(erased)" if row.erased_at else "(empty prompt)")


def _answer(row: CuratedExample | CuratedPair, text: str) -> str:
    return excerpt(text, _EXCERPT) or ("(erased)" if row.erased_at else "(no text)")
