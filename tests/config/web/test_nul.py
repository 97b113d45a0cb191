import pytest


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/admin/feedback/event/?deployment_id=%00", 400),
        ("/admin/feedback/deployment/%00/change/", 400),
        ("/admin/feedback/event/?deployment_id=helpdesk", 200),
    ],
)
def test_a_nul_in_the_address_of_a_page_is_rejected(console, path, status):
    assert console.get(path).status_code == status
