from django.core.management.base import BaseCommand

from exports import crucible


class Command(BaseCommand):
    help = "Print how many events of a deployment are examples of its curated sets."

    def add_arguments(self, parser):
        parser.add_argument("deployment")
        only = parser.add_mutually_exclusive_group()
        only.add_argument(
            "--exported", action="store_const", const=True, dest="exported", help="only those that were exported"
        )
        only.add_argument(
            "--not-exported", action="store_const", const=False, dest="exported", help="only those that were not"
        )

    def handle(self, *, deployment, exported, **options):
        self.stdout.write(str(crucible.get_curated_count(deployment, exported=exported)))
