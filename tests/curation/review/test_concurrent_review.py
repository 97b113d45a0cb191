from threading import Thread

import pytest
from django.db import connection, transaction

from curation.models import CuratedSet
from curation.review import approval
from tests.curation.factories import CuratedSetFactory


def in_thread(work):
    def run():
        try:
            work()
        finally:
            connection.close()

    return Thread(target=run)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_versions_approved_at_once_leave_the_newer_one_approved(operator):
    older, newer = CuratedSetFactory(version=1), CuratedSetFactory(version=2)
    other = in_thread(lambda: approval.approve(newer.pk, by=operator))

    with transaction.atomic():
        approval.approve(older.pk, by=operator)
        other.start()
        other.join(timeout=1)
    other.join()

    assert dict(CuratedSet.objects.values_list("version", "status")) == {1: "superseded", 2: "approved"}
