"""Shares over users, against leaving users out one by one, plain searches and simulated groups."""

import numpy as np
import pytest
from scipy import optimize, stats

from feedback.statistics import user_falls, user_shares


def shares_of(users, ups, *, size=None):
    users, ups = np.asarray(users), np.asarray(ups, dtype=float)
    return user_shares.user_share(users, ups, 1 - ups, size=size or int(users.max()) + 1)


def capped_by_search(votes):
    """The cap that gives the largest user LARGEST_WEIGHT, found by bisection."""
    over = lambda cap: np.minimum(votes, cap).max() / np.minimum(votes, cap).sum() - 0.05  # noqa: E731
    cap = votes.max() if over(votes.max()) <= 0 else optimize.brentq(over, 1e-9, votes.max(), xtol=1e-12)
    return np.minimum(votes, cap) / np.minimum(votes, cap).sum()


@pytest.mark.parametrize("users", [21, 25, 60, 500])
@pytest.mark.parametrize("spread", [0.0, 1.0, 3.0])
def test_no_user_weighs_more_than_a_twentieth_and_the_others_as_they_voted(rng, users, spread):
    votes = rng.lognormal(0, spread, users)

    weights = user_shares.capped_weights(votes)

    assert weights == pytest.approx(capped_by_search(votes), abs=1e-6)
    assert weights.sum() == pytest.approx(1)
    assert weights.max() <= 0.05 + 1e-9


def test_of_twenty_users_all_weigh_alike(rng):
    assert user_shares.capped_weights(rng.lognormal(0, 2, 20)) == pytest.approx(np.full(20, 0.05))


def test_nineteen_users_are_too_few():
    with pytest.raises(ValueError, match="19 users have votes; at least 20 are needed"):
        user_shares.capped_weights(np.append(np.ones(19), 0))


def test_a_user_with_most_votes_does_not_decide_the_share():
    # 400 votes down of one user, one vote up of each of 38 others.
    share = shares_of(np.append(np.zeros(400, int), np.arange(1, 39)), np.repeat([0, 1], [400, 38]))

    assert share.value == pytest.approx(0.95)
    assert share.users == 39


def test_a_vote_for_and_against_counts_once():
    users = np.arange(40)
    share = user_shares.user_share(users, np.full(40, 1.5), np.full(40, 0.5), size=40)

    assert share.value == pytest.approx(0.75)
    assert share.weights == pytest.approx(np.full(40, 1 / 40))


def test_anonymous_votes_are_users_of_their_own():
    users, size = user_shares.numbered(np.array([0, 9, 0, 9, -4, 0]), anonymous=0)

    assert size == 5
    assert users.tolist() == [2, 1, 3, 1, 0, 4]


def test_influences_are_the_moves_of_the_share_without_each_user(rng):
    users, ups = np.repeat(np.arange(50), 3), rng.integers(0, 2, 150)
    share = shares_of(users, ups)

    moves = [share.value - shares_of(users[users != user], ups[users != user], size=50).value for user in range(50)]

    assert share.influences() == pytest.approx(moves)


@pytest.mark.parametrize(("n", "ups"), [(30, 3), (100, 50), (400, 399), (50, 0), (50, 50)])
def test_the_upper_bound_of_single_votes_solves_the_score_equation(n, ups):
    share = shares_of(np.arange(n), np.arange(n) < ups)

    bound = user_falls.upper_bound(share)

    # The moves without each user are n / (n - 1) times their parts of the share.
    m = (n - 1) ** 2 / n if 0 < ups < n else n
    t = stats.t.ppf(0.95, n - 1)
    assert (bound - ups / n) ** 2 == pytest.approx(t * t * bound * (1 - bound) / m, abs=1e-9)
    assert bound >= ups / n - 1e-12


def groups(rng, good, events, *, users, alike):
    """Votes of users of whom some vote far more often, with shares of their own around `good`."""
    activity = rng.lognormal(0, 1, users)
    who = rng.choice(users, size=events, p=activity / activity.sum())
    own = rng.beta(alike * good, alike * (1 - good), users)
    return who, (rng.random(events) < own[who]).astype(float)


@pytest.mark.parametrize("good", [0.2, 0.6, 0.9])
@pytest.mark.parametrize("users", [60, 400])
def test_the_upper_bound_holds_for_correlated_votes(rng, good, users):
    held = 0
    for _ in range(1_000):
        held += user_falls.upper_bound(shares_of(*groups(rng, good, 1_000, users=users, alike=4.0))) >= good

    assert held >= 930


@pytest.mark.parametrize("good", [0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize(("before", "now"), [(1_000, 100), (150, 100), (1_000, 1_000)])
def test_without_a_change_few_falls_of_ten_points_are_found(rng, good, before, now):
    found = 0
    for _ in range(1_000):
        who, ups = groups(rng, good, before + now, users=300, alike=4.0)
        earlier, newest = (shares_of(who[side], ups[side], size=300) for side in (slice(now, None), slice(0, now)))
        fall = user_falls.fall(earlier, newest, alpha=0.01)
        found += fall.low > 0 and fall.value >= 0.1

    # 18 or more of 1,000 have a chance of 1 % at a rate of .01.
    assert found <= 18


def test_the_fall_of_single_votes_is_that_of_two_independent_shares():
    before, now = (
        shares_of(np.arange(400), np.arange(400) < 320, size=600),
        shares_of(np.arange(400, 600), np.arange(200) < 100, size=600),
    )

    fall = user_falls.fall(before, now, alpha=0.05)

    own = 0.8 * 0.2 * 400 / 399**2 + 0.5 * 0.5 * 200 / 199**2
    common = 0.7 * 0.3 * (1 / 400 + 1 / 200)
    factor = own / (0.8 * 0.2 / 400 + 0.5 * 0.5 / 200)
    freedom = (1 / 400 + 1 / 200) ** 2 / (1 / 400**3 + 1 / 200**3) - 1
    margin = stats.t.ppf(0.95, freedom) * np.sqrt(max(own, common * factor))
    assert (fall.value, fall.low) == (pytest.approx(0.3), pytest.approx(0.3 - margin))


def test_users_who_voted_on_both_sides_are_compared_with_themselves():
    """Each user always says the same, so there is no fall to be unsure about."""
    users, ups = np.arange(100), np.arange(100) < 60
    before, now = shares_of(users, ups), shares_of(users, ups)
    strangers = shares_of(users, ups, size=200), shares_of(users + 100, ups, size=200)

    assert user_falls.fall(before, now, alpha=0.05).low == 0
    assert user_falls.fall(*strangers, alpha=0.05).low < -0.1


def test_a_share_is_compared_with_a_level_as_if_the_level_were_true():
    now = shares_of(np.arange(100), np.arange(100) < 20)

    fall = user_falls.fall_below(0.5, now, alpha=0.05)

    margin = stats.t.ppf(0.95, 99) * np.sqrt(0.25 * 100 / 99**2)
    assert (fall.value, fall.low) == (pytest.approx(0.3), pytest.approx(0.3 - margin))


@pytest.mark.parametrize(("users", "events"), [(5, 20), (10, 30), (25, 80), (400, 1_000)])
@pytest.mark.parametrize("good", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("alike", [0.5, 1_000.0])
def test_intervals_hold_the_true_share_of_few_and_many_users(rng, users, events, good, alike):
    drawn = [groups(rng, good, events, users=users, alike=alike) for _ in range(500)]
    shares = [user_shares.user_share(who, ups, 1 - ups, size=users, fewest=1) for who, ups in drawn]

    found = [interval for interval in user_shares.intervals(shares) if interval is not None]

    assert len(found) >= 495
    # 461 of 500 or fewer have a chance of 1 % at a rate of .95.
    assert np.mean([low <= good <= high for low, high in found]) >= 0.922


def test_of_fewer_than_twenty_users_each_weighs_the_same_and_one_has_no_interval():
    votes = np.append(np.ones(30), 0.0)
    two = user_shares.user_share(np.append(np.zeros(30, int), 1), votes, 1 - votes, size=4, fewest=1)
    one = user_shares.user_share(np.zeros(3, int), np.ones(3), np.zeros(3), size=4, fewest=1)

    assert (two.value, two.users, two.weights.tolist()) == (0.5, 2, [0.5, 0.5, 0.0, 0.0])
    [interval, none] = user_shares.intervals([two, one])
    # A score interval of two votes, with Student's t of one degree of freedom.
    t, n = stats.t.ppf(0.975, 1), 0.25 / (2 * 0.5**2)
    margin = t * np.sqrt(0.25 / n + t * t / (4 * n * n)) / (1 + t * t / n)
    assert interval == (pytest.approx(0.5 - margin), pytest.approx(0.5 + margin))
    assert (one.value, none) == (1.0, None)


def test_no_votes_are_no_share():
    with pytest.raises(ValueError, match="0 users have votes"):
        user_shares.user_share(np.zeros(0, int), np.zeros(0), np.zeros(0), size=0, fewest=1)
