"""What a verdict needs."""

LEAST_REFERENCES = 50
# Where a judge compares the answers: the fewest rows, and its least kappa against people.
LEAST_JUDGED = 20
LEAST_JUDGE_KAPPA = 0.4
# With more than this share of missing answers on a side there is no verdict.
MOST_MISSING_SHARE = 0.05
