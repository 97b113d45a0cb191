import numpy as np
import pytest

from drift.bench.choosing import choose
from drift.bench.samples import sample_of

RNG = np.random.default_rng(5)
NORMAL = [RNG.normal(0, 1, 200), RNG.normal(0, 1, 200), RNG.normal(0, 1, 200)]
SKEWED = [RNG.lognormal(0, 1.5, 60) for _ in range(3)]
EVEN = [np.arange(200) % 2, np.arange(200) % 3 == 0, np.arange(200) % 5 == 0]
RARE = [np.arange(30) == 0, np.zeros(30), np.zeros(30)]
TWICE = np.repeat(np.arange(1000), 2)


def arms(values, k, *, users=False, prompts=False):
    found = []
    for i in range(k):
        n = len(values[i])
        by_user = TWICE[:n] + 1000 * i if users else None
        found.append(sample_of(values[i], by_user, np.arange(n) if prompts else None))
    return found


@pytest.mark.parametrize(
    ("samples", "test", "reason"),
    [
        (arms(NORMAL, 2), "welch_t", "near to normal"),
        (arms([one[:12] for one in NORMAL], 2), "welch_t", "Shapiro-Wilk"),
        (arms(SKEWED, 2), "mann_whitney", "too few for the mean"),
        (arms([np.exp(2 * one) for one in [*NORMAL]], 2, users=True), "clustered_ranks", "clustered by user"),
        (arms(NORMAL, 2, users=True), "clustered_t", "Users have several events"),
        (arms(EVEN, 2), "two_proportions", "yes or no"),
        (arms(EVEN, 2, users=True), "clustered_t", "the mean is a share"),
        (arms(RARE, 2), "fisher", "exact"),
        (arms([[1, 1, 2, 50, 1], [2, 2, 3, 90, 2]], 2), "permutation", "ties"),
        (arms(NORMAL, 2, prompts=True), "paired_t", "200 prompts are in all arms"),
        (arms(EVEN, 2, prompts=True), "mcnemar", "yes or no"),
        (arms([np.zeros(60), np.tan(1.5 * np.linspace(-1, 1, 60))], 2, prompts=True), "wilcoxon", "about symmetric"),
        (arms([np.zeros(60), SKEWED[0] ** 2], 2, prompts=True), "sign", "only signs"),
        (arms(NORMAL, 3), "welch_anova", "near to normal"),
        (arms(SKEWED, 3), "kruskal_wallis", "ranks are compared"),
        (arms(EVEN, 3), "chi_square", "expected of each"),
        (arms(RARE, 3), "kruskal_wallis", "rare"),
        (arms(NORMAL, 3, prompts=True), "friedman", "by rank"),
        (arms(NORMAL, 3, users=True), "clustered_anova", "clustered by user"),
    ],
)
def test_the_test_follows_from_the_data_and_says_why(samples, test, reason):
    found = choose(samples)

    assert (found.test.value, reason in found.reason) == (test, True), found.reason


def test_users_with_events_under_several_prompts_are_not_paired():
    before = sample_of([1, 2, 3, 4], users=[0, 0, 1, 1], prompts=[0, 1, 2, 3])
    after = sample_of([2, 2, 4, 5], users=[2, 3, 2, 3], prompts=[0, 1, 2, 3])

    assert choose([before, after]).test.value == "clustered_t"


def test_answers_of_one_user_to_each_prompt_are_paired_and_clustered():
    users = [0, 0, 1, 1, 2, 2]
    before, after = (sample_of(values, users, range(6)) for values in ([1, 2, 3, 4, 5, 6], [2, 3, 3, 5, 7, 7]))

    found = choose([before, after])

    assert (found.test.value, "errors are clustered by user" in found.reason) == ("paired_t", True)


def test_few_shared_prompts_do_not_pair():
    before = sample_of(NORMAL[0], prompts=np.arange(200))
    after = sample_of(NORMAL[1], prompts=np.arange(120, 320))

    assert choose([before, after]).test.value == "welch_t"


def test_several_arms_by_prompt_are_clustered_where_users_have_several_prompts():
    users, prompts = np.arange(60) // 3, np.arange(60)
    samples = [sample_of(one[:60], users, prompts) for one in NORMAL]

    assert choose(samples).test.value == "clustered_anova"
