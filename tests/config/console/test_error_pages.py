import pytest
from django.template.loader import render_to_string


def test_an_unknown_address_shows_a_page_with_a_link_home(client, db):
    answer = client.get("/nothing")

    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert 'href="/admin/"' in answer.text


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_every_error_page_stands_alone(status):
    page = render_to_string(f"{status}.html")

    assert page.count("<h1>") == 1
    assert "<title> –" not in page
