"""Compares rows with those of all earlier sets of their deployment, in the database."""

from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.db.models import QuerySet

from curation.choices import CopyMethod, LinkKind
from curation.duplicates.known_rows import numbered_keys
from curation.duplicates.near_copies import Match
from curation.duplicates.short_texts import LONG, ShortRow, row_similarities, short
from curation.duplicates.signed_rows import LARGEST_BUCKET, THRESHOLD, SignedRows
from curation.duplicates.texts import answer_text
from curation.models import CuratedExample, CuratedSet, KnownExample, KnownRow
from feedback.signatures import PERMUTATIONS, normalised, similarity

# Rows whose keys are sought at a time, and pairs whose signatures are in memory.
BATCH = 1_000
_COMPARED = 20_000
# No known row stands for a key that more rows share than are compared; one more than those tells it.
_SHARE_A_KEY = """
SELECT DISTINCT asked.row,
    unnest(CASE WHEN cardinality(found.ids) > %(largest)s THEN ARRAY[NULL::bigint] ELSE found.ids END)
FROM unnest(%(rows)s::int[], %(keys)s::bigint[]) AS asked(row, key)
CROSS JOIN LATERAL (
    SELECT array_agg(known_row_id) AS ids
    FROM (SELECT known_row_id FROM curation_rowband WHERE key = asked.key LIMIT %(largest)s + 1) AS sharing
) AS found
"""
# {row: (known row, method, similarity)}
_Best = dict[int, tuple[int, CopyMethod, float]]


@dataclass(frozen=True)
class EarlierCopies:
    """Each row's match among earlier rows, or None. `skipped`: how many rows have a key that too many share."""

    matches: list[Match | None]
    skipped: int


def near_rows_of_sets(
    deployment_id: str,
    rows: SignedRows,
    *,
    among: QuerySet[CuratedSet] | None = None,
    threshold: float = THRESHOLD,
) -> EarlierCopies:
    """For each row the example of a set that it repeats, else one with a prompt like its prompt.

    Compared are the examples of the deployment's sets that `known_rows` has; `among`: those of these sets alone.
    `Match.kept` is the key of the earliest such example. A prompt is like another if they are equal when normalised, or
    if they are near-copies and the rows as a whole are, too.
    """
    sets = CuratedSet.objects.of_deployment(deployment_id)
    if among is not None:
        sets = sets.filter(pk__in=among.values("pk"))
    matches: list[Match | None] = []
    skipped = 0
    for start in range(0, len(rows), BATCH):
        some = _matches(deployment_id, rows.part(start, start + BATCH), sets, threshold)
        matches += some.matches
        skipped += some.skipped
    return EarlierCopies(matches, skipped)


def _matches(deployment_id: str, rows: SignedRows, sets: QuerySet[CuratedSet], threshold: float) -> EarlierCopies:
    known = KnownRow.objects.of_deployment(deployment_id).current().in_sets(sets)
    exact, normal = known.first_by("exact_key", rows.exact_keys), known.first_by("normal_key", rows.normal_keys)
    of_prompts = known.first_by("prompt_key", rows.prompt_keys)
    pairs, skipped = _pairs(deployment_id, rows)
    repeated, alike = _near(rows, known, pairs, threshold)
    found: list[tuple[int, LinkKind, CopyMethod, float] | None] = []
    for at in range(len(rows)):
        if row_id := exact.get(rows.exact_keys[at]):
            found.append((row_id, LinkKind.DROPPED, CopyMethod.EXACT, 1.0))
        elif row_id := normal.get(rows.normal_keys[at]):
            found.append((row_id, LinkKind.DROPPED, CopyMethod.NORMALISED, 1.0))
        elif at in repeated:
            row_id, method, similar = repeated[at]
            found.append((row_id, LinkKind.DROPPED, method, similar))
        elif row_id := of_prompts.get(rows.prompt_keys[at]):
            found.append((row_id, LinkKind.LINKED, CopyMethod.NORMALISED, 1.0))
        elif at in alike:
            row_id, method, similar = alike[at]
            found.append((row_id, LinkKind.LINKED, method, similar))
        else:
            found.append(None)
    examples = KnownExample.objects.first_in(sets, {one[0] for one in found if one})
    matches = [Match(examples[one[0]], *one[1:]) if one and one[0] in examples else None for one in found]
    return EarlierCopies(matches, skipped)


def _pairs(deployment_id: str, rows: SignedRows) -> tuple[np.ndarray, int]:
    """Pairs of a row and a known row that share a key, (n, 2), and the number of rows with a key that was skipped."""
    numbers, keys = numbered_keys(deployment_id, rows)
    with connection.cursor() as cursor:
        wanted = {"rows": numbers.tolist(), "keys": keys.tolist(), "largest": LARGEST_BUCKET}
        cursor.execute(_SHARE_A_KEY, wanted)
        found = cursor.fetchall()
    pairs = sorted(pair for pair in found if pair[1] is not None)
    return np.array(pairs, np.int64).reshape(-1, 2), len(found) - len(pairs)


def _near(rows: SignedRows, known: QuerySet[KnownRow], pairs: np.ndarray, threshold: float) -> tuple[_Best, _Best]:
    """The known rows of which prompt and answer are near-copies, and those of which the prompt is."""
    repeated: _Best = {}
    alike: _Best = {}
    for start in range(0, len(pairs), _COMPARED):
        some = pairs[start : start + _COMPARED]
        row_ids, prompts, answers = _signatures(known, np.unique(some[:, 1]).tolist())
        some = some[np.isin(some[:, 1], row_ids)]
        at, stored = some[:, 0], np.searchsorted(row_ids, some[:, 1])
        of_prompts = similarity(rows.prompts[at], prompts[stored])
        of_answers = similarity(rows.answers[at], answers[stored])
        estimates = np.minimum(of_prompts, of_answers)
        of_both = _similarities(rows, some, of_prompts, of_answers, threshold)
        _take_best(repeated, some, of_both, estimates, threshold)
        _take_best(alike, some, of_prompts, of_prompts, threshold)
    return repeated, alike


def _similarities(
    rows: SignedRows, pairs: np.ndarray, of_prompts: np.ndarray, of_answers: np.ndarray, threshold: float
) -> np.ndarray:
    """The similarities of pairs; where a row is short, by the words of both."""
    found = np.minimum(of_prompts, of_answers)
    is_short = np.array([rows.short[at] != LONG for at in pairs[:, 0].tolist()], bool)
    texts = _short_texts(np.unique(pairs[is_short, 1]).tolist())
    for number in np.flatnonzero(is_short):
        at, row_id = pairs[number].tolist()
        one = slice(number, number + 1)
        found[one] = row_similarities(
            of_prompts[one], of_answers[one], rows.short[at], [texts.get(row_id, LONG)], threshold=threshold
        )
    return found


def _short_texts(row_ids: list[int]) -> dict[int, ShortRow]:
    """The short texts of known rows, as one of their examples has them."""
    examples = CuratedExample.objects.filter(known__known_row__in=row_ids).order_by("known__known_row", "pk")
    columns = ("known__known_row", "prompt", "response", "edited_response", "response_message")
    return {
        row_id: (
            short(normalised(prompt)),
            short(normalised(answer_text(response, edited_response=edited, message=message))),
        )
        for row_id, prompt, response, edited, message in examples.distinct("known__known_row").values_list(*columns)
    }


def _signatures(known: QuerySet[KnownRow], row_ids: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The known rows among these in ascending order, with their signatures of prompts and answers."""
    columns = ("pk", "prompt_signature", "answer_signature")
    found = list(known.filter(pk__in=row_ids).order_by("pk").values_list(*columns))
    prompts, answers = (
        np.frombuffer(b"".join(bytes(one[column]) for one in found), "<u4").reshape(-1, PERMUTATIONS)
        for column in (1, 2)
    )
    return np.array([one[0] for one in found], np.int64), prompts, answers


def _take_best(
    best: _Best, pairs: np.ndarray, similarities: np.ndarray, estimates: np.ndarray, threshold: float
) -> None:
    """Take over the most similar known row of each row, the earliest of equals."""
    for number in np.flatnonzero(similarities >= threshold):
        at, row_id = pairs[number].tolist()
        similar = float(similarities[number])
        if at not in best or similar > best[at][2]:
            method = CopyMethod.MINHASH if estimates[number] >= threshold else CopyMethod.WORDS
            best[at] = row_id, method, similar
