from django.core.management.base import BaseCommand, CommandError

from feedback.judging import budget, consent
from feedback.judging.online import running
from feedback.models import Judge


class Command(BaseCommand):
    help = "Let the judges of a deployment score events now, and print what came of it."

    def add_arguments(self, parser):
        parser.add_argument("deployment")
        parser.add_argument("--judge", default="", help="name of one judge (default: all that are enabled)")
        parser.add_argument("--most", type=int, help="most events of each judge (default: that of the judge)")

    def handle(self, *args, deployment, judge, most, **options):
        if most is not None and most < 1:
            raise CommandError("--most must be at least 1.")
        judges = Judge.objects.of_deployment(deployment).online().order_by("name")
        judges = list(judges.filter(name=judge) if judge else judges.filter(is_enabled=True))
        if not judges:
            raise CommandError(f"{deployment} has no {f'judge {judge}' if judge else 'enabled judge'} with endpoints.")
        if consent.of(deployment) is None:
            raise CommandError(f"No user has accepted that masked texts of {deployment} are sent to endpoints.")
        for one in judges:
            self._run(one, most)

    def _run(self, judge, most):
        ran = running.run(judge.pk, most=most)
        judge.refresh_from_db()
        if ran is None:
            is_working = Judge.objects.at_work().filter(pk=judge.pk).exists()
            why = judge.paused_reason or ("it is at work already" if is_working else "it or its deployment is disabled")
            self.stdout.write(f"{judge.name}: nothing asked, {why}")
            return
        used = budget.today(judge)
        self.stdout.write(
            f"{judge.name}: {ran.judged:,} judged ({ran.cached:,} from the cache), {ran.failed:,} unjudged; "
            f"today {used.tokens:,} of {judge.daily_tokens:,} tokens, {used.cost_usd:.4f} USD"
        )
        if ran.stopped:
            self.stdout.write(f"  {ran.stopped}")
