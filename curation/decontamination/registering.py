"""Registers evaluation sets, deletes them, and loads them to compare candidates with."""

import hashlib
import pickle
import tempfile
from collections.abc import Iterator
from typing import IO

import numpy as np
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from curation.decontamination.decontaminator import Decontaminator
from curation.decontamination.golden_texts import golden_texts
from curation.decontamination.reading import EvaluationFile
from curation.decontamination.short_texts import Embed
from curation.decontamination.signing import SignedTexts, signed_texts
from curation.models import EvaluationSet, EvaluationTexts
from feedback.signatures import KEY_BYTES, PERMUTATIONS, VERSION

# Parts stay in memory up to this size, in a temporary file beyond it.
SPOOLED_BYTES = 32 * 2**20
REGISTER_PERMISSION = "curation.add_evaluationset"
DELETE_PERMISSION = "curation.delete_evaluationset"


class NameTaken(Exception):
    def __init__(self, name: str):
        super().__init__(f"There is an evaluation set {name}. Delete it first, or choose another name.")


class NoTexts(ValueError):
    def __init__(self, file: EvaluationFile):
        super().__init__(f"None of the {file.rows:,} rows of {file.source} has a text that can be compared.")


def register(name: str, file: EvaluationFile, *, by: User | None) -> EvaluationSet:
    """Read a file and store what is compared of its texts, all or nothing.

    Raises NameTaken, NoTexts, TooLarge, UnknownColumn and UnreadableFile.
    """
    if EvaluationSet.objects.filter(name=name).exists():
        raise NameTaken(name)
    with tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES) as parts:
        texts, grams, digest = 0, 0, hashlib.sha256()
        for part in signed_texts(file.texts()):
            texts, grams = texts + len(part), grams + len(part.grams)
            digest.update(b"".join(part.normal_keys))
            pickle.dump(part, parts)
        if not texts:
            raise NoTexts(file)
        parts.seek(0)
        try:
            with transaction.atomic():
                evaluation_set = EvaluationSet.objects.create(
                    name=name,
                    source=file.source,
                    columns=list(file.columns),
                    rows=file.rows,
                    rows_skipped=file.rows_skipped,
                    texts=texts,
                    grams=grams,
                    content_hash=digest.hexdigest(),
                    version=VERSION,
                    created_by=by,
                )
                for part in _parts(parts):
                    _stored(evaluation_set, part).save(force_insert=True)
        except IntegrityError as error:
            raise NameTaken(name) from error
    return evaluation_set


def delete(evaluation_set_id: int) -> bool:
    """Delete a set, so that nothing is compared with it; return whether there was one."""
    with transaction.atomic():
        return bool(EvaluationSet.objects.filter(pk=evaluation_set_id).delete()[0])


def decontaminator(*, deployment_id: str = "", embed: Embed | None = None) -> Decontaminator:
    """All registered sets of today's keys and signatures, and the golden sets of a deployment.

    embed: compares their short texts too.
    """
    sets = EvaluationSet.objects.current().in_order()
    parts = {found.name: map(_loaded, found.parts.order_by("pk").iterator(20)) for found in sets}
    return Decontaminator({**parts, **golden_texts(deployment_id)}, embed=embed)


def _parts(file: IO[bytes]) -> Iterator[SignedTexts]:
    while True:
        try:
            yield pickle.load(file)
        except EOFError:
            return


def _stored(evaluation_set: EvaluationSet, part: SignedTexts) -> EvaluationTexts:
    return EvaluationTexts(
        evaluation_set=evaluation_set,
        rows=part.rows.astype("<i8").tobytes(),
        normal_keys=b"".join(part.normal_keys),
        signatures=part.signatures.astype("<u4").tobytes(),
        grams=part.grams.astype("<u8").tobytes(),
        gram_texts=part.gram_texts.astype("<i4").tobytes(),
        short_texts=part.short_texts,
    )


def _loaded(part: EvaluationTexts) -> SignedTexts:
    keys = bytes(part.normal_keys)
    return SignedTexts(
        rows=np.frombuffer(part.rows, "<i8"),
        normal_keys=[keys[start : start + KEY_BYTES] for start in range(0, len(keys), KEY_BYTES)],
        signatures=np.frombuffer(part.signatures, "<u4").reshape(-1, PERMUTATIONS),
        grams=np.frombuffer(part.grams, "<u8"),
        gram_texts=np.frombuffer(part.gram_texts, "<i4"),
        short_texts=part.short_texts or [""] * (len(keys) // KEY_BYTES),
    )
