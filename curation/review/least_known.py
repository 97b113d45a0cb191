"""Which rows say most about the users who voted on them: the rows that an order for reviewers begins with."""

import time
from functools import lru_cache
from threading import Lock

from django.db import connection

from curation.models import CuratedSet

MOST = 500
# The order reads the votes on every row of a set and hardly changes from one decision to the next.
KEPT_SECONDS = 10
_one_at_a_time = Lock()
# A voter is as little known as they voted on undecided rows of this set, for each of their votes that is judged: by the
# fit that the set was built with, and by decisions on the set since. Voters without an identity are 0.
_SQL = """
WITH votes AS (
    SELECT example.id, example.decision, voter
    FROM curation_curatedexample AS example
    JOIN feedback_evidence AS evidence USING (event_id), unnest(evidence.voters) AS voter
    WHERE example.curated_set_id = %(set_id)s AND voter <> 0
), voters AS (
    SELECT votes.voter, count(*) FILTER (WHERE votes.decision = '')::float
        / (1 + count(*) FILTER (WHERE votes.decision <> '') + COALESCE(max(judged.votes), 0)) AS unknown
    FROM votes LEFT JOIN feedback_userreliability AS judged
        ON judged.voter = votes.voter AND judged.snapshot_id = %(snapshot_id)s
    GROUP BY votes.voter
)
SELECT votes.id FROM votes JOIN voters USING (voter) WHERE votes.decision = ''
GROUP BY votes.id ORDER BY sum(voters.unknown) DESC, votes.id LIMIT %(most)s
"""


def example_ids(curated_set: CuratedSet) -> list[int]:
    """The undecided examples whose voters are least known, at most MOST; those without votes are left out.

    As found at most KEPT_SECONDS ago: some may be decided since.
    """
    with _one_at_a_time:
        return _found(curated_set.pk, curated_set.snapshot_id, int(time.monotonic() / KEPT_SECONDS))


@lru_cache(maxsize=16)
def _found(set_id: int, snapshot_id: int | None, _period: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"set_id": set_id, "snapshot_id": snapshot_id, "most": MOST})
        return [row_id for (row_id,) in cursor.fetchall()]
