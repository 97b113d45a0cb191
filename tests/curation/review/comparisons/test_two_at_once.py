"""Two reviewers at the same moment never have the same comparison."""

from threading import Barrier

import pytest

from curation.models import Comparison
from curation.review.comparisons import leasing
from tests.curation.factories import CuratedSetFactory
from tests.curation.review.comparisons.rival_answers import reviewer, rivals
from tests.curation.review.test_concurrent_review import in_thread

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_reviewers_who_ask_at_once_get_different_comparisons():
    curated_set = CuratedSetFactory()
    for position in range(4):
        rivals(curated_set, position)
    users, start, taken = [reviewer()[0] for _ in range(4)], Barrier(4), []

    def take(user):
        start.wait()
        taken.append(leasing.next_for(curated_set, user)[0].pk)

    threads = [in_thread(lambda user=user: take(user)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == sorted(Comparison.objects.values_list("pk", flat=True))
    assert set(Comparison.objects.values_list("reviewer", flat=True)) == {user.pk for user in users}
