import uuid

import pytest

from exports.batches import storage


@pytest.fixture
def draft(folder):
    return storage.Draft(uuid.uuid4())
