"""One at a time: what fills evidence, scores it again, or removes it."""

from django.db import connection

from feedback.advisory_locks import AdvisoryLock


def lock_evidence() -> None:
    """Keep others from writing evidence until the transaction ends; take it after the locks of scores and signals.

    So what is read after it is newer than all evidence there is, and evidence of a removed event never comes back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.EVIDENCE])
