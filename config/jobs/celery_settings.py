"""How jobs are delivered, limited and ended: the settings of Celery and of its schedules."""

from config.jobs import queues

CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Longer than any task may run: what is delivered once more belonged to a worker that is gone.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3_600, "global_keyprefix": "celery:"}
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_TASK_QUEUES = queues.QUEUES
CELERY_TASK_ROUTES = queues.ROUTES
CELERY_TASK_DEFAULT_QUEUE = queues.DEFAULT
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# A worker reserves nothing beyond what it runs, so that no job waits behind a long one while another worker is free.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A job that outlasts a loss of the broker goes on: delivered to another worker meanwhile, it does nothing there.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# The soft limit lets a job that takes too long say so on its row; after the hard one its process is killed.
CELERY_TASK_SOFT_TIME_LIMIT = 1_700
CELERY_TASK_TIME_LIMIT = 1_800
# SIGQUIT: running jobs have this long to end before they go back to their queue.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 60.0
CELERY_BEAT_SCHEDULER = "config.jobs.beat:OneBeat"
# What was sent is kept at once, so that a beat that takes over does not send it again.
CELERY_BEAT_SYNC_EVERY = 1
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # Workers log as LOGGING says, and not what the database quotes.
DJANGO_CELERY_BEAT_TZ_AWARE = True
