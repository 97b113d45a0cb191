from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from exports.batches import at_once, storage, target, writing
from exports.batches.encodings import ENCODINGS
from exports.batches.errors import ExportNotAllowed
from exports.batches.options import InvalidOption
from exports.batches.spooling import NoSpace
from exports.choices import ExportFormat, Profile, Reasoning, Turns
from exports.products import PRODUCTS
from feedback.access.acting import NoActingUser, acting_user


class Command(BaseCommand):
    help = "Export an approved set of a deployment: request, approve as a user, write, and print what was written."

    def add_arguments(self, parser):
        parser.add_argument("deployment")
        parser.add_argument("--set", type=int, dest="set_id", help="id of a set (default: the newest approved one)")
        parser.add_argument("--format", choices=[*ENCODINGS], default=ExportFormat.JSONL)
        parser.add_argument("--product", choices=[*PRODUCTS], default="", help="default: what the format holds")
        parser.add_argument(
            "--only-new", action="store_true", help="leave out what an export of the product held before"
        )
        parser.add_argument("--profile", choices=Profile.values, default=Profile.DEFAULT)
        parser.add_argument("--reasoning", choices=Reasoning.values, default=Reasoning.DROP)
        parser.add_argument("--turns", choices=Turns.values, default=Turns.ALL, help="what sft has a model learn")
        parser.add_argument(
            "--output-path", default="", help="where the files will be, below EXPORT_URL (default: a name of the set)"
        )
        parser.add_argument("--user", help="user who approves (default: the first active superuser)")

    def handle(self, *, deployment, set_id, format, user, **options):
        chosen = {
            name: options[name] for name in ("product", "only_new", "profile", "reasoning", "turns", "output_path")
        }
        try:
            batch = at_once.export(deployment, set_id=set_id, format=format, by=acting_user(user), **chosen)
        except (
            NoActingUser,
            ExportNotAllowed,
            InvalidOption,
            NoSpace,
            PermissionDenied,
            writing.NothingToExport,
            target.TargetUnusable,
            storage.InvalidFile,
        ) as error:
            raise CommandError(str(error)) from error
        self._print(batch)

    def _print(self, batch):
        self.stdout.write(f"{batch}: {batch.rows:,} rows, {batch.bytes:,} bytes, SHA-256 {batch.sha256}")
        for reason, count in batch.excluded.items():
            self.stdout.write(f"  excluded as {reason}: {count:,}")
        for file in batch.files:
            self.stdout.write(target.address(file["path"]))
