"""The actions of a deployment's page that archive and restore it."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from unfold.decorators import action

from feedback.deployments import configuration
from feedback.deployments.rules import InvalidConfiguration


@action(
    description="Archive",
    icon="archive",
    url_path="archive",
    permissions=["archive"],
    dialog={
        "title": "Archive this deployment?",
        "description": "It rejects events and signals, nothing scheduled runs for it, and lists and the overview leave "
        "it out. Nothing is deleted except by its retention, and you can restore it.",
        "form_submit_text": "Archive",
    },
)
def archive(self, request, form, object_id):
    return _change(request, object_id, archived=True)


@action(
    description="Restore",
    icon="unarchive",
    url_path="restore",
    permissions=["archive"],
    dialog={
        "title": "Restore this deployment?",
        "description": "It accepts events and signals again, and schedules work for it.",
        "form_submit_text": "Restore",
    },
)
def restore(self, request, form, object_id):
    return _change(request, object_id, archived=False)


def _change(request, deployment_id: str, *, archived: bool) -> HttpResponse:
    try:
        configuration.change(deployment_id, {"archived": archived}, by=request.user)
    except InvalidConfiguration as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{deployment_id} is {'archived' if archived else 'restored'}.")
    return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_deployment_change", args=[deployment_id])})
