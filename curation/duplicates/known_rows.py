"""Keeps what the rows of sets say, once a deployment, for later sets to be compared with."""

import hashlib
from collections.abc import Sequence
from itertools import chain

import numpy as np
from django.db import connection, transaction
from django.db.models import QuerySet

from curation.choices import ROW_VERSION
from curation.duplicates.signed_rows import SignedRows, sign
from curation.duplicates.texts import answer_text
from curation.models import CuratedExample, KnownExample, KnownRow
from feedback.models import Deployment
from feedback.removal.deployments import in_batches

# Rows whose texts are in memory at a time.
BATCH = 2_000
_COPY_KEYS = "COPY curation_rowband (known_row_id, key) FROM STDIN (FORMAT binary)"
_COPY_HEADER, _COPY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
# A row of two numbers, each after its size.
_COPIED = np.dtype(
    [("fields", ">i2"), ("id_bytes", ">i4"), ("id", ">i8"), ("key_bytes", ">i4"), ("key", ">i8")],
)


def store(deployment_id: str, examples: Sequence[CuratedExample]) -> None:
    """Make examples of a deployment's sets known. Those that are known already stay as they are.

    Takes the lock of the deployment, which the caller's transaction holds until it ends.
    """
    for start in range(0, len(examples), BATCH):
        _store(deployment_id, examples[start : start + BATCH])


def catch_up(deployment_id: str, examples: QuerySet[CuratedExample] | None = None) -> int:
    """Make all examples of a deployment's sets known, or those given; return how many were not.

    Keys and signatures of another version are deleted and computed again. Each batch has a transaction of its own.
    """
    in_batches(KnownRow.objects.of_deployment(deployment_id).of_other_versions())
    wanted = CuratedExample.objects.of_deployment(deployment_id) if examples is None else examples
    stored = 0
    while some := list(wanted.unknown().order_by("pk")[:BATCH]):
        _store(deployment_id, some)
        stored += len(some)
    return stored


def forget_unused(deployment_id: str) -> int:
    """Delete what only deleted and erased examples said; return how many rows that was."""
    with transaction.atomic():
        _lock(deployment_id)
        KnownExample.objects.of_erased(deployment_id).delete()
        return in_batches(KnownRow.objects.of_deployment(deployment_id).unused())


def numbered_keys(deployment_id: str, rows: SignedRows) -> tuple[np.ndarray, np.ndarray]:
    """The number of a row and a key of it, for every key of every row. No other deployment has such keys.

    So rows of one deployment neither find those of another nor fill their buckets.
    """
    keys = [rows.joint_keys(at) for at in range(len(rows))]
    digest = hashlib.blake2b(deployment_id.encode(), digest_size=8).digest()
    salt = np.int64(int.from_bytes(digest, "little", signed=True))
    numbers = np.repeat(np.arange(len(rows)), [len(some) for some in keys])
    return numbers, np.fromiter(chain.from_iterable(keys), np.int64, len(numbers)) ^ salt


def _lock(deployment_id: str) -> None:
    Deployment.objects.select_for_update(no_key=True).filter(pk=deployment_id).first()


def _store(deployment_id: str, examples: Sequence[CuratedExample]) -> None:
    rows = sign([example.prompt for example in examples], [_answer(example) for example in examples])
    with transaction.atomic():
        # Otherwise a known row could be deleted, as unused, before an example names it.
        _lock(deployment_id)
        erased = CuratedExample.objects.filter(pk__in=[one.pk for one in examples]).erased()
        if gone := set(erased.values_list("pk", flat=True)):
            # They were read before their texts were blanked.
            _store(deployment_id, [one for one in examples if one.pk not in gone])
            return
        ids = KnownRow.objects.of_deployment(deployment_id).current().first_by("exact_key", rows.exact_keys)
        # The last of equal keys overwrites the others; which of them is stored makes no difference.
        new = {key: at for at, key in enumerate(rows.exact_keys) if key not in ids}
        stored = KnownRow.objects.bulk_create([_known_row(deployment_id, rows, at) for at in new.values()])
        ids |= zip(new, (row.pk for row in stored), strict=True)
        numbers, keys = numbered_keys(deployment_id, rows)
        is_new = np.isin(numbers, list(new.values()))
        row_ids = np.array([ids[key] for key in rows.exact_keys], np.int64)
        _store_keys(row_ids[numbers[is_new]], keys[is_new])
        KnownExample.objects.bulk_create(
            [
                KnownExample(example=one, known_row_id=ids[key])
                for one, key in zip(examples, rows.exact_keys, strict=True)
            ],
            ignore_conflicts=True,
        )


def _answer(example: CuratedExample) -> str:
    return answer_text(example.response, edited_response=example.edited_response, message=example.response_message)


def _known_row(deployment_id: str, rows: SignedRows, at: int) -> KnownRow:
    return KnownRow(
        deployment_id=deployment_id,
        version=ROW_VERSION,
        exact_key=rows.exact_keys[at],
        normal_key=rows.normal_keys[at],
        prompt_key=rows.prompt_keys[at],
        prompt_signature=rows.prompts[at].astype("<u4").tobytes(),
        answer_signature=rows.answers[at].astype("<u4").tobytes(),
    )


def _store_keys(row_ids: np.ndarray, keys: np.ndarray) -> None:
    """Store keys with the row that each is of, in the order of the index, by binary COPY."""
    order = np.argsort(keys)
    fields = np.empty(len(keys), _COPIED)
    fields["fields"], fields["id_bytes"], fields["key_bytes"] = 2, 8, 8
    fields["id"], fields["key"] = row_ids[order], keys[order]
    with connection.cursor() as cursor, cursor.copy(_COPY_KEYS) as copy:
        copy.write(_COPY_HEADER + fields.tobytes() + _COPY_END)
