import time

from celery import shared_task
from celery.contrib.django.task import DjangoTask


class OneAtATime(DjangoTask):
    """Every task: delivered a second time while it runs with the same arguments, it does nothing."""

    abstract = True

    def __call__(self, *args, **kwargs):
        from feedback.jobs import leases

        if self.request.called_directly:
            return super().__call__(*args, **kwargs)
        key = " ".join(str(value) for value in (*args, *kwargs.values()))
        with leases.held(self.name, key, worker=self.request.hostname or "") as is_ours:
            return super().__call__(*args, **kwargs) if is_ours else None


@shared_task
def heartbeat():
    """Prove that beat sends and a worker receives: `doctor` reads the time."""
    from django.core.cache import cache

    cache.set("beat:heartbeat", time.time(), timeout=None)
