"""What a verdict needs."""

LEAST_REFERENCES = 50
# With more than this share of missing answers on a side there is no verdict.
MOST_MISSING_SHARE = 0.05
