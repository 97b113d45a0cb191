"""Measures edits, dishonest users and repeated runs through whole builds: `python -m benchmarks.selection_edits`.

Events and signals go through ingestion, evidence and the build on PostgreSQL, on the half of each set that was held out
when the rules for edits were tuned.
"""

import random
from collections.abc import Iterator

import numpy as np

from benchmarks import built_sets
from benchmarks.built_sets import Traffic
from benchmarks.edits import Junk, answers
from benchmarks.labelled_data import half, print_table, require_data, rows
from benchmarks.rollups import prepared_database
from benchmarks.selection import LIMIT, Line, honest_votes, share_line

ANSWERS_OF_JUNK = 100
# JFLEG has sentences without the prompt that asks to correct them.
PROMPT_OF_SENTENCES = "Correct this sentence."
EVENTS_OF_ONE_USER = 1_000


def main() -> None:
    require_data()
    with prepared_database():
        lines = [*real("edits_lamp_professional"), *real("edits_jfleg_grammar"), *junk(), *repeated()]
        print_table("Edits and repeated runs", ("figure", "n", "value", "95 % interval"), lines)
        print_table("Sets and one user", ("case", "events", "rows", "most that rest on one"), list(one_user()))


def real(dataset: str) -> Iterator[Line]:
    """The share of edited answers with a row, of which some have several editors."""
    traffic, events, people = Traffic(dataset.replace("_", "-")), {}, 0
    for row in half(dataset, held_out=True):
        prompt = row.get("prompt") or PROMPT_OF_SENTENCES
        texts = row["human_edits"] if "human_edits" in row else [row["edited"]]
        for text in texts:
            if text.strip() != row["response"].strip():
                key = prompt, row["response"]
                events[key] = events.get(key) or traffic.event(*key)
                people += 1
                traffic.signal(events[key], "edit", f"editor {people}", edited_response=text)
    built_sets.send(traffic)
    curated_set = built_sets.build(traffic.deployment_id, limit=LIMIT, strategies=["user_edit"])
    found = curated_set.funnel["user_edit"]
    yield share_line(f"{dataset}: accepted", found.get("accepted", 0), len(traffic.events))
    for outcome in sorted(found.keys() - {"accepted"}):
        yield share_line(f"{dataset}: {outcome}", found[outcome], len(traffic.events))


def junk() -> Iterator[Line]:
    """Junk edits that became rows, or would have but for a row that is like them."""
    rng = random.Random(7)
    found = answers(held_out=True)
    traffic = Traffic("junk")
    for kind, spoil in Junk(found, rng).kinds.items():
        for number, (prompt, answer) in enumerate(rng.sample(found, ANSWERS_OF_JUNK)):
            edited = spoil(prompt, answer)
            if edited and prompt:
                event_id = traffic.event(prompt, answer)
                traffic.signal(event_id, "edit", f"{kind} {number}", edited_response=edited)
    built_sets.send(traffic)
    outcomes = built_sets.build("junk", limit=LIMIT, strategies=["user_edit"]).funnel["user_edit"]
    count = outcomes.get("accepted", 0) + outcomes.get("near_copy", 0)
    yield share_line("junk edits of 18 kinds: accepted", count, len(traffic.signals))
    yield share_line("junk edits of 18 kinds: queued", outcomes.get("queued", 0), len(traffic.signals))


def repeated() -> Iterator[Line]:
    """Rows of a second set that an export of the first one holds."""
    draws = np.random.default_rng(7)
    some = [row for row in rows("correctness_gsm8k_models") if row["question_id"] % 2][:EVENTS_OF_ONE_USER]
    traffic = Traffic("repeated")
    ids = [traffic.event(row["prompt"], row["response"], version=row["model"]) for row in some]
    is_right = np.array([bool(row["is_correct"]) for row in some])
    traffic.votes(ids, honest_votes(is_right, draws.integers(0, 7, len(ids)), draws), draws)
    built_sets.send(traffic)
    first = built_sets.build("repeated", limit=60, only_new=True)
    built_sets.export(first)
    second = built_sets.build("repeated", limit=60, only_new=True)
    texts = [
        set(one.examples.filter(queue_reason="").values_list("prompt", "response", "edited_response"))
        for one in (first, second)
    ]
    yield share_line(
        "rows of a second set with only_new that repeat the export", len(texts[0] & texts[1]), second.total
    )


def one_user() -> Iterator[tuple]:
    """Sets of deployments where one user does everything, or most."""
    answers = [row for row in rows("correctness_gsm8k_models") if row["question_id"] % 2][:1_000]
    random = np.random.default_rng(7)
    for name, edits, others in (("votes for everything", False, False), ("edits everything", True, False)) + (
        ("votes for everything, beside 0 to 6 others", False, True),
        ("edits everything, beside 0 to 6 voters", True, True),
    ):
        traffic = Traffic(f"one-user-{int(edits)}-{int(others)}")
        ids = [traffic.event(row["prompt"], row["response"], version=row["model"]) for row in answers]
        for one, row in zip(ids, answers, strict=True):
            if edits:
                edited = f"Here is how it goes, step by step. {row['response']}"
                traffic.signal(one, "edit", "everywhere", edited_response=edited)
            else:
                traffic.signal(one, "thumbs_up", "everywhere")
        if others:
            is_right = np.array([bool(row["is_correct"]) for row in answers])
            traffic.votes(ids, honest_votes(is_right, random.integers(0, 7, len(ids)), random), random)
        built_sets.send(traffic)
        curated_set = built_sets.build(traffic.deployment_id, limit=500)
        yield name, len(ids), curated_set.total, curated_set.influence["rows"]


if __name__ == "__main__":
    main()
