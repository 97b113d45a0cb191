"""The endpoints of a judge as voters, with what earlier runs learned of them."""

from collections.abc import Iterator, Sequence

from feedback.endpoints.endpoints import Endpoint, EndpointUnusable, InvalidEndpoints, endpoints
from feedback.judging.panels.latencies import Budget, Delays, Hedging
from feedback.judging.panels.voters import FORMATS, Voter
from feedback.models import Judge

# Judgements whose latencies a run begins with.
_MOST_REMEMBERED = 200


def named_endpoints(names: Sequence[str]) -> list[Endpoint]:
    """The endpoints of these names. Raises EndpointUnusable."""
    try:
        known = endpoints()
    except InvalidEndpoints as error:
        raise EndpointUnusable(str(error)) from error
    if unknown := [name for name in names if name not in known]:
        raise EndpointUnusable(f"LLM_ENDPOINTS of the worker has no endpoint {unknown[0]}.")
    return [known[name] for name in names]


def panel_of(judge: Judge) -> list[Voter]:
    """A voter for each endpoint, in the order of the judge. Raises EndpointUnusable."""
    hedging = Hedging(judge.hedging_strategy, judge.delay_ms, judge.percentile, judge.budget_percent)
    voters = [
        Voter(
            judge,
            name,
            endpoint,
            judge.rubric_version,
            Delays(hedging),
            Budget(judge.budget_percent / 100),
            judge.reply_formats.get(name, FORMATS[0]),
        )
        for name, endpoint in zip(judge.endpoints, named_endpoints(judge.endpoints), strict=True)
    ]
    for voter in voters:
        # A key that the worker does not have is known before anything is asked.
        voter.endpoint.key()
    _remember_latencies(judge, voters)
    return voters


def problems() -> Iterator[tuple[str, str]]:
    """The enabled judges that are paused or cannot ask an endpoint from this process, each with the reason."""
    for judge in Judge.objects.online().filter(is_enabled=True).order_by("pk"):
        if judge.paused_reason:
            yield str(judge), judge.paused_reason
            continue
        try:
            for endpoint in named_endpoints(judge.endpoints):
                endpoint.key()
        except EndpointUnusable as error:
            yield str(judge), str(error)


def remember_formats(judge: Judge, voters: Sequence[Voter]) -> None:
    """Keep which forms of structured output the endpoints accept."""
    found = {voter.name: voter.reply_format for voter in voters if voter.reply_format != FORMATS[0]}
    if found != judge.reply_formats:
        Judge.objects.filter(pk=judge.pk).update(reply_formats=found)


def _remember_latencies(judge: Judge, voters: Sequence[Voter]) -> None:
    by_name = {voter.name: voter for voter in voters}
    newest = judge.judgements.judged().exclude(is_cached=True).order_by("-judged_at")
    votes = list(newest.values_list("votes", flat=True)[:_MOST_REMEMBERED])
    for vote in (vote for of_one in reversed(votes) for vote in of_one):
        voter = by_name.get(vote.get("endpoint"))
        if voter and vote.get("first_ms"):
            voter.delays.observe(vote.get("size") or 0, vote["first_ms"] / 1_000)
