import pytest

from curation.choices import CuratedSetStatus
from curation.sets import building
from tests.curation.factories import CuratedSetFactory
from tests.curation.voting import edited, voted
from tests.factories import DeploymentFactory


@pytest.mark.django_db
def test_a_run_logs_one_line_without_texts(embedding, caplog):
    DeploymentFactory(id="helpdesk")
    edited(voted(), "A far better answer.")
    curated_set = CuratedSetFactory(status=CuratedSetStatus.BUILDING, content_hash="", built_at=None)

    with caplog.at_level("INFO", logger="curation"):
        building.build(curated_set.pk)

    (line,) = [record.msg for record in caplog.records if record.name == "curation.sets.building"]
    assert (line["event"], line["deployment_id"], line["curated_set"]) == ("curation_run", "helpdesk", curated_set.pk)
    assert (line["count"], line["user_edit"]) == (1, 1)
    assert "better" not in str(line)
