import pytest
from django.core.management import CommandError, call_command

from feedback import keys
from feedback.models import ApiKey
from tests.factories import UserFactory


@pytest.mark.parametrize(("length", "made"), [(100, 1), (101, 0)])
def test_a_key_is_made_unless_its_name_is_too_long(db, capsys, length, made):
    UserFactory(username="ann")

    if made:
        call_command("create_api_key", user="ann", scopes=["read"], name="n" * length)
        assert keys.find(capsys.readouterr().out.strip()).name == "n" * length
    else:
        with pytest.raises(CommandError, match="at most 100 characters"):
            call_command("create_api_key", user="ann", scopes=["read"], name="n" * length)

    assert ApiKey.objects.count() == made
