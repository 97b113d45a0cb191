from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from feedback import keys
from feedback.choices import Scope
from feedback.models import ApiKey

MAX_NAME_CHARACTERS = ApiKey._meta.get_field("name").max_length


class Command(BaseCommand):
    help = "Make an API key of a user and print it. It is shown this once."

    def add_arguments(self, parser):
        parser.add_argument("--user", required=True)
        parser.add_argument("--scopes", nargs="+", required=True, choices=Scope.values)
        parser.add_argument("--name", default="command line")

    def handle(self, *args, user, scopes, name, **options):
        if len(name) > MAX_NAME_CHARACTERS:
            raise CommandError(f"The name of a key has at most {MAX_NAME_CHARACTERS} characters.")
        owner = get_user_model().objects.filter(username=user).first()
        if owner is None:
            raise CommandError(f"There is no user {user}. Make one with createsuperuser or in the console.")
        _, secret = keys.create(owner, name, scopes)
        self.stdout.write(secret)
