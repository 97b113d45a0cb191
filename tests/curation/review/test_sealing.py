"""A decision seals the rows of a set, and a command checks them."""

import hashlib

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from curation.models import CuratedSet
from curation.review import approval, sealing
from curation.sets.content import canonical
from tests.curation.factories import CuratedExampleFactory, CuratedSetFactory

pytestmark = pytest.mark.django_db


def decided(operator, *, step=approval.approve, **fields):
    """A set with an example, a row of the queue and a pair, after this step."""
    curated_set = CuratedSetFactory(examples=1, with_pairs=1, **fields)
    CuratedExampleFactory(curated_set=curated_set, position=1, queue_reason="Too short.")
    return step(curated_set.pk, by=operator, note="Seen.")


@pytest.mark.parametrize("step", [approval.approve, approval.reject])
def test_a_decision_stores_salted_hashes_of_all_rows_and_one_of_the_set(operator, step):
    one, other = decided(operator, step=step), decided(operator, step=step, name="other")

    rows = [*one.examples.all(), *one.pair_rows.all()]
    salt = bytes.fromhex(one.salt)
    expected = {row.pk: hashlib.sha256(salt + canonical(row)).hexdigest() for row in rows}
    assert {row.pk: row.row_hash for row in rows} == expected
    assert one.sealed_hash == hashlib.sha256("\n".join(sorted(expected.values())).encode()).hexdigest()
    assert (len(rows), len(salt), one.salt == other.salt) == (3, 32, False)


def test_a_submitted_set_is_not_sealed(operator):
    in_review = decided(operator, step=approval.submit)

    assert (in_review.salt, in_review.sealed_hash, in_review.examples.first().row_hash) == ("", "", "")


def test_rows_that_change_behind_the_triggers_are_found(operator, capsys):
    unchanged, changed, shorter = (decided(operator, name=name) for name in ("one", "two", "three"))
    row = changed.examples.first()
    call_command("check_curated_sets")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE curation_curatedexample SET response = 'Changed.' WHERE id = %s", [row.pk])
        cursor.execute("DELETE FROM curation_curatedpair WHERE curated_set_id = %s", [shorter.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")

    with pytest.raises(CommandError, match="^2 of 3 sets have changed since their decision.$"):
        call_command("check_curated_sets")

    printed = capsys.readouterr()
    assert printed.out == "3 sets are unchanged since their decision.\n"
    assert printed.err.splitlines() == [
        f"{changed} (id {changed.pk}): rows {row.pk} have changed.",
        f"{shorter} (id {shorter.pk}): rows are missing.",
    ]
    call_command("check_curated_sets", "--set", str(unchanged.pk))
    assert sealing.check(CuratedSet.objects.get(pk=unchanged.pk)) == sealing.Checked(3, 0, [], is_complete=True)


def test_the_command_needs_a_sealed_set():
    with pytest.raises(CommandError, match="No sealed set has the id 7."):
        call_command("check_curated_sets", "--set", "7")
