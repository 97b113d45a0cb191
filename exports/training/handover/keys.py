"""The key of a training run: made at its start, revoked at its end."""

import base64

from django.db import transaction
from django.utils.crypto import salted_hmac

from exports.models import TrainingRun
from feedback.access import keys
from feedback.models import ApiKey

SALT = "exports.training.keys"


def issue(run_id: int) -> str:
    """The text of the key of an unfinished run: the same one each time, unless it was revoked or SECRET_KEY changed."""
    with transaction.atomic():
        locked = TrainingRun.objects.select_for_update(of=["self"])
        run = locked.select_related("key__user", "requested_by").get(pk=run_id)
        key = run.key
        if key is None or not keys.is_secret_of(key, _secret(run_id, key.pk)):
            if key is not None:
                keys.revoke(key)
            name = f"training run {run_id}"
            key = keys.create_for_run(run.requested_by, name, run.deployment_id, lambda pk: _secret(run_id, pk))
            TrainingRun.objects.filter(pk=run_id).update(key=key)
    return _secret(run_id, key.pk)


def revoke_ended() -> int:
    """Revoke the keys of runs that are over; return how many."""
    ended = ApiKey.objects.unrevoked().filter(training_run__in=TrainingRun.objects.ended())
    return sum(keys.revoke(key) for key in ended)


def opens_run(key: ApiKey, run_id: int) -> bool:
    """Whether this key is that of this run. A run that has just ended takes its end again."""
    return TrainingRun.objects.filter(pk=run_id, key=key).exists()


def opens_export(key: ApiKey, batch_id: int) -> bool:
    """Whether this key is of an unfinished run that trains on this export."""
    return TrainingRun.objects.unfinished().filter(batch=batch_id, key=key).exists()


def _secret(run_id: int, key_id: int) -> str:
    digest = salted_hmac(SALT, f"{run_id}:{key_id}", algorithm="sha256").digest()
    return f"cf_{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
