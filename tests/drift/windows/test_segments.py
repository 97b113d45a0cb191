from drift.windows.segments import distributions


def test_experiments_are_no_distribution_that_drifts():
    found = distributions({"plan=free": 3, "experiment=short": 2, "plan=team": 1})

    assert {metric: dict(one.counts) for metric, one in found.items()} == {"metadata.plan": {"free": 3, "team": 1}}
