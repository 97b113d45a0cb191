"""Measures the review page with many reviewers at once: `python -m benchmarks.reviewing [ROWS]`.

Reviewers keep row after row of one set without a pause, each with a session of its own. As in production
(config/web/gunicorn.py), two processes of eight threads serve them. A time is that of the whole answer, from the
request to the page of the next row, with the wait for a thread and without the network; database and workers share the
machine. The processor time is that of the workers alone, which other work on the machine changes less. A run takes
about a minute, most of it before the first decision.
"""

import multiprocessing
import re
import sys
import time
import uuid
from datetime import UTC, datetime
from threading import BoundedSemaphore, Thread

import numpy as np

from benchmarks.labelled_data import print_table
from benchmarks.rollups import prepared_database
from config.web import gunicorn

ROWS, REVIEWERS, SECONDS = 10_000, 20, 6
WANTED = 50
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TEXT = "Open the settings page, choose Security and follow the link. " * 5


def main(rows: int = ROWS) -> None:
    with prepared_database():
        curated_set = _filled(rows)
        lines = [_line("least certain first", 1, curated_set, "uncertain")]
        lines += [
            _line(name, REVIEWERS, curated_set, order)
            for name, order in (("least certain first", "uncertain"), ("least known users first", "users"))
        ]
        _check(curated_set)
    figures = ("reviewers", "decisions", "a second", "median ms", "p95 ms", "processor ms")
    header = ("order", *figures, f"at least {WANTED} a second")
    print_table(f"Reviewing a set of {rows:,} rows", header, lines)


def _filled(rows: int):
    """A draft whose events are stored, with three votes each, and statistics as autovacuum keeps them."""
    from django.db import connection  # noqa: PLC0415 - needs django.setup

    from curation.models import CuratedExample, CuratedSet  # noqa: PLC0415
    from feedback.models import Deployment, Event, Evidence  # noqa: PLC0415

    random = np.random.default_rng(7)
    Deployment.objects.create(pk="helpdesk")
    curated_set = CuratedSet.objects.create(
        deployment_id="helpdesk", name="measured", version=1, status="draft", strategies=["high_quality"], limit=rows,
        counts={"high_quality": rows}, content_hash="c" * 64, built_at=NOON,
    )  # fmt: skip
    ids = [uuid.UUID(int=int(number)) for number in random.choice(2**60, rows, replace=False)]
    shared = {"prompt": "How do I reset my password?", "response": TEXT, "occurred_at": NOON}
    Event.objects.bulk_create(
        (Event(id=one, deployment_id="helpdesk", received_at=NOON, batch_id=one, **shared) for one in ids), 1_000
    )
    voters = random.integers(1, 3_000, (rows, 3)).tolist()
    made = {"deployment_id": "helpdesk", "occurred_at": NOON, "state": "good", "ups": [1.0] * 3, "downs": [0.0] * 3}
    Evidence.objects.bulk_create(
        (
            Evidence(event_id=one, voters=who, up=3, down=0, users=3, **made)
            for one, who in zip(ids, voters, strict=True)
        ),
        1_000,
    )
    CuratedExample.objects.bulk_create(
        (
            CuratedExample(curated_set=curated_set, position=at, event_id=one, strategy="high_quality", score=1,
                           reason="It is good.", p_good=p_good, **shared)
            for at, (one, p_good) in enumerate(zip(ids, random.random(rows).tolist(), strict=True))
        ),
        1_000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return curated_set


def _line(name: str, reviewers: int, curated_set, order: str) -> tuple:
    """Review for SECONDS; the processes have connections of their own."""
    from django.contrib.auth.models import User  # noqa: PLC0415 - needs django.setup
    from django.db import connections  # noqa: PLC0415

    run = uuid.uuid4().hex[:8]
    users = [
        User.objects.create(username=f"{run} {number}", is_staff=True, is_superuser=True) for number in range(reviewers)
    ]
    connections.close_all()
    forking = multiprocessing.get_context("fork")
    results = forking.Queue()
    workers = min(gunicorn.workers, reviewers)
    shares = [[user.pk for user in users[at::workers]] for at in range(workers)]
    processes = [forking.Process(target=_work, args=(share, curated_set.pk, order, results)) for share in shares]
    for process in processes:
        process.start()
    times, processor_seconds = zip(*(results.get() for _ in processes), strict=True)
    for process in processes:
        process.join()
    found = np.concatenate(times) * 1e3
    rate = len(found) / SECONDS
    median, p95 = np.percentile(found, [50, 95]).round(1)
    used = round(1e3 * sum(processor_seconds) / len(found), 1)
    return name, reviewers, len(found), round(rate, 1), median, p95, used, rate >= WANTED


def _work(user_ids: list[int], set_id: int, order: str, results) -> None:
    times: list[float] = []
    free_threads = BoundedSemaphore(gunicorn.threads)
    used = time.process_time()
    end = time.monotonic() + SECONDS
    threads = [Thread(target=_review, args=(user_id, set_id, order, end, free_threads, times)) for user_id in user_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((np.array(times), time.process_time() - used))


def _review(
    user_id: int, set_id: int, order: str, end: float, free_threads: BoundedSemaphore, times: list[float]
) -> None:
    from django.contrib.auth.models import User  # noqa: PLC0415 - needs django.setup
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    client = Client(headers={"Host": "localhost"})
    client.force_login(User.objects.get(pk=user_id))
    address = client.post(
        reverse("admin:curation_curatedset_review_next", args=[set_id]), {"order": order}, secure=True
    )["Location"]
    while time.monotonic() < end:
        begun = time.perf_counter()
        with free_threads:
            answer = client.post(address, {"step": "keep", "order": order}, headers={"HX-Request": "true"}, secure=True)
        if answer.status_code != 200 or not re.search(r"/review/\d+/", answer.get("HX-Replace-Url", "")):
            raise SystemExit(f"A decision was answered by {answer.status_code}.")
        times.append(time.perf_counter() - begun)
        address = answer["HX-Replace-Url"]
    connection.close()


def _check(curated_set) -> None:
    """No row was decided twice, and the counts of the set are those of its rows."""
    from curation.models import CuratedSet, RowDecision  # noqa: PLC0415 - needs django.setup
    from curation.sets import content  # noqa: PLC0415

    decided = list(RowDecision.objects.values_list("example", flat=True))
    stored = CuratedSet.objects.get(pk=curated_set.pk)
    if len(decided) != len(set(decided)) or content.counted(stored)["counts"] != stored.counts:
        raise SystemExit("A row was decided twice, or the counts are wrong.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
