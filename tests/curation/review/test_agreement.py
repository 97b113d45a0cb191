"""A crowd of reviewers with known errors: agreement and decisions come out as computed by hand."""

import pytest
from django.urls import reverse

from curation.choices import Decision
from curation.models import CuratedExample
from curation.review import agreement, leasing, progress, verdicts
from tests.curation.review.crowd import decision_of, person, set_of
from tests.curation.test_admin import page_of

pytestmark = pytest.mark.django_db
KEEP, DROP = Decision.KEEP, Decision.DROP
OTHER = {KEEP: DROP, DROP: KEEP}


def truth(row):
    """Every other row is good."""
    return DROP if row.position % 2 else KEEP


def review(curated_set, errors):
    """Each reviewer gets every row and is wrong at these positions."""
    for reviewer, wrong in errors.items():
        while row := leasing.take(curated_set, by=reviewer):
            right = truth(row)
            verdicts.submit(row, OTHER[right] if row.position in wrong else right, by=reviewer)


def crowd(rows, *errors, **fields):
    """A set that as many reviewers as there are errors have reviewed, and the reviewers by name."""
    reviewers = {person("review_curatedset"): set(wrong) for wrong in errors}
    curated_set = set_of(rows, reviews_per_row=len(errors), **fields)
    review(curated_set, reviewers)
    return curated_set, list(reviewers)


def shown(api, curated_set):
    answer = api.get(f"/api/v1/curated-sets/{curated_set.pk}/agreement")
    assert answer.status_code == 200
    return answer.data


def shares(found):
    return (found["equal"], found["n"], found["share"])


def test_three_reviewers_with_known_errors_and_a_judge(api, judge):
    """60 rows, half of them good. The first is wrong on rows 0 to 5, the second on 6 to 17, the third never.

    So 18 rows have one deviant: one equal pair of three. The other 42 rows have three: 18 + 126 = 144 of 180. Each
    reviewer gives as many of both verdicts, 90 in all: D_o = 18 * 2 / 180, D_e = 2 * 90 * 90 / (180 * 179).
    """
    curated_set, reviewers = crowd(60, range(6), range(6, 18), [])
    disputed = progress.disputed(curated_set)
    assert sorted(row.position for row in disputed) == list(range(18))

    for row in disputed:
        verdicts.adjudicate(row, truth(row), by=judge)

    assert [decision_of(row) for row in curated_set.examples.all()] == [
        truth(row) for row in curated_set.examples.all()
    ]
    found = shown(api, curated_set)
    assert (found["rows"], shares(found["percent"])) == (60, (144, 180, 0.8))
    alpha = found["alpha"]
    assert alpha["value"] == pytest.approx(1 - (36 / 180) / (2 * 90 * 90 / (180 * 179)))
    assert 0.4 < alpha["low"] < alpha["value"] < alpha["high"] < 0.8
    assert found["kappa"] == {"value": None, "low": None, "high": None, "note": "not_two_reviewers"}
    assert [
        (one["reviewer"], one["verdicts"], shares(one["with_others"]), shares(one["with_adjudication"]))
        for one in found["reviewers"]
    ] == [
        (reviewers[0].username, 60, (120 - 2 * 6 - 12, 120, 96 / 120), (12, 18, 12 / 18)),
        (reviewers[1].username, 60, (120 - 2 * 12 - 6, 120, 90 / 120), (6, 18, 6 / 18)),
        (reviewers[2].username, 60, (120 - 6 - 12, 120, 102 / 120), (18, 18, 1.0)),
    ]


def test_two_reviewers_have_a_kappa(api):
    """Of 40 rows they agree on 16 good and 16 bad ones: 0.8 observed, 0.5 by chance."""
    curated_set, _ = crowd(40, range(8), [])

    found = shown(api, curated_set)

    assert shares(found["percent"]) == (32, 40, 0.8)
    assert found["kappa"]["value"] == pytest.approx(0.6)
    assert found["alpha"]["value"] == pytest.approx(1 - (16 / 80) / (2 * 40 * 40 / (80 * 79)))


def test_one_verdict_alone_is_undefined_with_full_agreement(api):
    everything_good = range(1, 60, 2)
    curated_set, _ = crowd(30, everything_good, everything_good)

    found = shown(api, curated_set)

    assert shares(found["percent"]) == (30, 30, 1.0)
    undefined = {"value": None, "low": None, "high": None, "note": "one_value"}
    assert (found["kappa"], found["alpha"]) == (undefined, undefined)


def test_full_agreement_on_both_verdicts_has_no_interval(api):
    curated_set, _ = crowd(30, [], [])

    assert shown(api, curated_set)["alpha"] == {"value": 1.0, "low": None, "high": None, "note": "no_interval"}


def test_few_rows_are_not_enough_data_and_rows_with_one_verdict_do_not_count(api):
    curated_set, _ = crowd(29, [0], [])
    single, _ = crowd(5, [])

    found, alone = shown(api, curated_set), shown(api, single)

    assert (found["rows"], found["kappa"]["note"], found["alpha"]["note"]) == (29, "not_enough_data", "not_enough_data")
    assert shares(found["percent"]) == (28, 29, 28 / 29)
    assert (alone["rows"], shares(alone["percent"])) == (0, (0, 0, None))
    assert [one["verdicts"] for one in alone["reviewers"]] == [5]


def test_verdicts_on_rows_that_were_put_back_do_not_count(api, judge):
    curated_set, _ = crowd(30, [0], [])
    verdicts.requeue(CuratedExample.objects.get(curated_set=curated_set, position=0), by=judge)

    assert shares(shown(api, curated_set)["percent"]) == (29, 29, 1.0)


def test_a_judge_is_not_compared_with_their_own_decisions(api):
    ann, bob = (person("review_curatedset", "approve_curatedset") for _ in range(2))
    curated_set = set_of(4, reviews_per_row=2)
    review(curated_set, {ann: {0, 1}, bob: set()})
    for row in progress.disputed(curated_set):
        verdicts.adjudicate(row, truth(row), by=ann)

    found = shown(api, curated_set)

    assert [shares(one["with_adjudication"]) for one in found["reviewers"]] == [(0, 0, None), (2, 2, 1.0)]


def test_a_set_without_verdicts_has_none(api):
    found = shown(api, set_of(1))

    assert (found["rows"], found["reviewers"], found["alpha"]["note"]) == (0, [], "not_enough_data")
    assert found["positions"] == {
        "comparisons": 0,
        "decided": 0,
        "chose_a": 0,
        "chose_b": 0,
        "share_a": None,
        "interval": None,
    }


def test_the_page_of_a_set_loads_the_agreement(console, judge, django_assert_max_num_queries):
    curated_set, reviewers = crowd(40, range(8), [])
    address = reverse("admin:curation_curatedset_agreement", args=[curated_set.pk])
    for row in progress.disputed(curated_set):
        verdicts.adjudicate(row, truth(row), by=judge)

    assert f'hx-get="{address}"' in console.get(page_of(curated_set)).content.decode()
    with django_assert_max_num_queries(12):
        page = console.get(address).content.decode()
    part = console.get(address, headers={"HX-Request": "true"}).content.decode()

    found = agreement.of_set(curated_set)
    interval = f"{found.alpha.low:.2f} to {found.alpha.high:.2f}"
    for text in (
        "80 % of 40",
        "0.60",
        f"{found.alpha.value:.2f} (95 % interval {interval})",
        "not enough data, 8 of 10",
    ):
        assert (text in page, text in part) == (True, True)
    assert [reviewer.username in part for reviewer in reviewers] == [True, True]
    assert ("<html" in page, "<html" in part) == (True, False)
