from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from curation.models import CuratedSet
from exports.batches import requesting, storage, target, writing
from exports.batches.encodings import ENCODINGS
from exports.batches.options import InvalidOption
from exports.batches.review import approval
from exports.batches.spooling import NoSpace
from exports.choices import ExportFormat, ExportStatus, Profile, Reasoning, Turns
from exports.products import PRODUCTS
from exports.querysets import APPROVABLE
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
        parser.add_argument("--user", help="user who approves (default: the first active superuser)")

    def handle(self, *, deployment, set_id, format, user, **options):
        try:
            by = acting_user(user)
            curated_set = self._set(deployment, set_id)
            chosen = {name: options[name] for name in ("product", "only_new", "profile", "reasoning", "turns")}
            batch, _ = requesting.request(curated_set.pk, format=format, by=by, **chosen)
            if batch.status in APPROVABLE:
                approval.approve(batch.pk, by=by, queue=False)
            batch = writing.write(batch.pk)
        except (
            NoActingUser,
            requesting.ExportNotAllowed,
            InvalidOption,
            NoSpace,
            PermissionDenied,
            writing.NothingToExport,
            target.TargetUnusable,
            storage.InvalidFile,
        ) as error:
            raise CommandError(str(error)) from error
        if batch.status != ExportStatus.PUBLISHED:
            raise CommandError(f"{batch} is {batch.get_status_display().lower()}: another worker is writing it.")
        self._print(batch)

    def _set(self, deployment, set_id):
        sets = CuratedSet.objects.filter(deployment_id=deployment)
        curated_set = sets.filter(pk=set_id).first() if set_id else sets.exportable().newest_first().first()
        if curated_set is None:
            which = f"set {set_id}" if set_id else "approved set"
            raise CommandError(f"There is no {which} of the deployment {deployment}.")
        return curated_set

    def _print(self, batch):
        self.stdout.write(f"{batch}: {batch.rows:,} rows, {batch.bytes:,} bytes, SHA-256 {batch.sha256}")
        for reason, count in batch.excluded.items():
            self.stdout.write(f"  excluded as {reason}: {count:,}")
        for file in batch.files:
            self.stdout.write(target.address(file["path"]))
