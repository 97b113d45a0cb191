import os

# Processes share the cores between them; BLAS with a thread for each core in each process is twice as slow.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from config.celery import app as celery_app

__all__ = ["celery_app"]
