from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from feedback.access import keys
from feedback.choices import Scope
from feedback.models import ApiKey

MAX_NAME_CHARACTERS = ApiKey._meta.get_field("name").max_length


class Command(BaseCommand):
    help = "Create an API key for a user and print it. It is shown only once."

    def add_arguments(self, parser):
        parser.add_argument("--user", required=True)
        parser.add_argument("--scopes", nargs="+", required=True, choices=Scope.values)
        parser.add_argument("--name", default="command line")
        parser.add_argument(
            "--deployments", nargs="+", default=[], help="Deployments that the key may use. Default: all."
        )
        parser.add_argument("--public", action="store_true", help="For browsers: the key may only send signals.")
        parser.add_argument(
            "--no-new-deployments", action="store_true", help="Reject events of deployments that do not exist."
        )
        parser.add_argument("--expires-days", type=int, help="Default: never.")

    def handle(self, *args, user, scopes, name, deployments, public, no_new_deployments, expires_days, **options):
        if len(name) > MAX_NAME_CHARACTERS:
            raise CommandError(f"The name of a key has at most {MAX_NAME_CHARACTERS} characters.")
        owner = get_user_model().objects.filter(username=user).first()
        if owner is None:
            raise CommandError(f"User {user} does not exist. Create one with createsuperuser or in the console.")
        try:
            expires_at = keys.expiry(expires_days)
            _, secret = keys.create(
                owner,
                name,
                scopes,
                deployments=deployments,
                is_public=public,
                may_create_deployments=not no_new_deployments,
                expires_at=expires_at,
            )
        except keys.InvalidKey as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)
