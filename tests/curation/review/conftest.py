import pytest

from tests.curation.review.crowd import person


@pytest.fixture
def ann(db):
    return person("review_curatedset")


@pytest.fixture
def bob(db):
    return person("review_curatedset")


@pytest.fixture
def judge(db):
    """May decide between reviewers who disagree."""
    return person("approve_curatedset")
