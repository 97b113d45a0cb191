import pytest


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/api/v1/nothing", "application/json"),
        ("/api/v1/deployments/%00/quality", "application/json"),
        ("/api/v1/deployments/a%20b/quality", "application/json"),
        ("/api/v1/deployments/unknown/quality", "application/json"),
        ("/nothing", "text/html; charset=utf-8"),
    ],
)
def test_what_is_not_there_is_not_found_in_the_shape_of_its_place(api, path, content_type):
    answer = api.get(path)

    assert (answer.status_code, answer["Content-Type"]) == (404, content_type)
    if content_type == "application/json":
        assert [error["code"] for error in answer.json()["errors"]] == ["not_found"]
