from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from feedback.access.acting import NoActingUser, acting_user
from feedback.models import Deployment
from feedback.prompts import files
from feedback.prompts.drafts import InvalidPrompt
from feedback.prompts.registry import PromptNotAllowed


class Command(BaseCommand):
    help = "Add the prompts and versions of a TOML or JSON file that are not stored yet. A second import adds nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--deployment", default="", help="of prompts that name none")
        parser.add_argument("--user", help="user who creates them (default: the first active superuser)")

    def handle(self, *, file, deployment, user, **options):
        try:
            prompts = files.read(file, deployment=deployment)
            lines = files.store(prompts, by=acting_user(user))
        except (files.InvalidFile, NoActingUser, PermissionDenied, InvalidPrompt, PromptNotAllowed) as error:
            raise CommandError(str(error)) from error
        except Deployment.DoesNotExist as error:
            names = ", ".join(sorted({one.deployment for one in prompts}))
            raise CommandError(f"Not every deployment exists: {names}.") from error
        for line in lines:
            self.stdout.write(line)
