"""Gives rows their group and split, and takes rows out of train that are near-copies of held-out ones."""

import hashlib
from collections.abc import Sequence

from curation.candidates import texts
from curation.choices import Outcome, Split
from curation.duplicates.signed_rows import sign
from curation.models import CuratedExample, CuratedPair, CuratedSet
from curation.splits.assignment import Shares, group_of, split_of
from curation.splits.leakage import leaks
from curation.strategies.base import Candidate
from curation.strategies.filling import Filling

Row = CuratedExample | CuratedPair


def shares_of(curated_set: CuratedSet) -> Shares | None:
    """The shares of groups in each split; None if all rows are train."""
    held_out = {name: curated_set.splits.get(name, 0.0) for name in (Split.VALIDATION, Split.TEST)}
    if not any(held_out.values()):
        return None
    return Shares(1 - sum(held_out.values()), held_out[Split.VALIDATION], held_out[Split.TEST])


def assign(curated_set: CuratedSet, rows: Sequence[Row]) -> None:
    """Set group and split of rows that are not stored yet."""
    shares = shares_of(curated_set)
    for row in rows:
        group = group_of(session_hash=row.session_hash, user_hash=row.user_hash, prompt=row.prompt)
        row.group_id = hashlib.sha256(f"{curated_set.deployment_id}\0{group}".encode()).hexdigest()[:32]
        row.split = _split(curated_set, group, shares)


def drop_leaks(filling: Filling, curated_set: CuratedSet, candidates: Sequence[Candidate]) -> None:
    """Drop accepted picks of train whose prompt is a near-copy of one of validation or test."""
    shares = shares_of(curated_set)
    if shares is None:
        return
    accepted = filling.accepted
    chosen = [candidates[pick.index] for pick in accepted]
    prompts = [row["prompt"] if row else "" for _, row in texts.of_events([one.event_id for one in chosen])]
    groups = [
        group_of(session_hash=one.session, user_hash=one.user, prompt=prompt)
        for one, prompt in zip(chosen, prompts, strict=True)
    ]
    found = leaks(sign(prompts, [""] * len(prompts)), [_split(curated_set, group, shares) for group in groups])
    filling.drop([accepted[leak.row] for leak in found], Outcome.LEAKED, [leak.similarity for leak in found])


def without_leaks(pairs: Sequence[CuratedPair], examples: Sequence[CuratedExample]) -> list[CuratedPair]:
    """The pairs, without those of train whose prompt is a near-copy of one of validation or test."""
    rows = [*pairs, *(example for example in examples if example.is_accepted)]
    if all(row.split == Split.TRAIN for row in rows):
        return list(pairs)
    signed = sign([row.prompt for row in rows], [""] * len(rows))
    leaking = {leak.row for leak in leaks(signed, [Split(row.split) for row in rows])}
    return [pair for number, pair in enumerate(pairs) if number not in leaking]


def _split(curated_set: CuratedSet, group: str, shares: Shares | None) -> Split:
    # The salt is the deployment, so that a row has one split in all its sets.
    return Split.TRAIN if shares is None else split_of(group, salt=curated_set.deployment_id, shares=shares)
