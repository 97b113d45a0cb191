"""Answers whose review tells most about their users."""

from curation.selecting.identifying import identifying


def test_the_answers_of_users_with_many_votes_come_first_and_are_spread_over_users():
    voters = [{1}, {1, 2}, {1, 2}, {3, 4}, {3}, {5}]

    order = list(identifying(voters))

    assert order[:2] == [1, 3]
    assert sorted(order) == [0, 1, 2, 3, 4, 5]


def test_it_is_the_plain_greedy_order(rng):
    voters = [set(rng.choice(30, 4, replace=False).tolist()) for _ in range(60)]

    assert list(identifying(voters)) == greedy(voters)


def greedy(voters):
    worth = {who: float(sum(who in some for some in voters)) for some in voters for who in some}
    left, order = list(range(len(voters))), []
    while left:
        best = max(left, key=lambda at: (round(sum(worth[who] for who in voters[at]), 9), -at))
        left.remove(best)
        order.append(best)
        for who in voters[best]:
            worth[who] /= 2
    return order
