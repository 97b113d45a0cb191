import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("crucible_feedback", task_cls="config.jobs.one_at_a_time:OneAtATime")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("config.jobs.workers:StatementTime")
app.steps["consumer"].add("config.jobs.workers:WorkerHeartbeat")
