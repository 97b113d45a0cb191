"""The base class of every Celery task."""

from celery.contrib.django.task import DjangoTask


class OneAtATime(DjangoTask):
    """A task that skips a second delivery while it is running with the same arguments."""

    abstract = True

    def __call__(self, *args, **kwargs):
        from feedback.jobs import leases

        if self.request.called_directly:
            return super().__call__(*args, **kwargs)
        key = " ".join(str(value) for value in (*args, *kwargs.values()))
        with leases.held(self.name, key, worker=self.request.hostname or "") as lease:
            return super().__call__(*args, **kwargs) if lease else None
