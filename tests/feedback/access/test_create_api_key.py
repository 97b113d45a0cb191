import pytest
from django.core.management import CommandError, call_command

from feedback.access import keys
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


def test_a_key_is_limited_by_the_command(db, capsys, time_machine):
    time_machine.move_to("2026-05-04T12:00:00Z", tick=False)
    UserFactory(username="ann")

    rights = ["--scopes", "signals", "--public", "--deployments", "shop", "helpdesk", "--expires-days", "7"]
    call_command("create_api_key", "--user", "ann", *rights)

    key = keys.find(capsys.readouterr().out.strip())
    assert (key.is_public, key.scopes, key.deployments) == (True, ["signals"], ["helpdesk", "shop"])
    assert key.expires_at.isoformat() == "2026-05-11T12:00:00+00:00"


@pytest.mark.parametrize(
    ("rights", "message"),
    [
        (["--scopes", "signals", "read", "--public"], "A public key may only send signals"),
        (["--scopes", "train"], "A key with the scope train is bound to one training run"),
        (["--scopes", "read", "train"], "it is made when the run starts"),
        (["--scopes", "read", "--deployments", "a b"], "a b is not a deployment id"),
        (["--scopes", "read", "--expires-days", "0"], "A key expires after 1 to 3,650 days, or never."),
    ],
)
def test_rights_that_no_key_may_have_are_rejected_by_the_command(db, rights, message):
    UserFactory(username="ann")

    with pytest.raises(CommandError, match=message):
        call_command("create_api_key", "--user", "ann", *rights)

    assert not ApiKey.objects.exists()
