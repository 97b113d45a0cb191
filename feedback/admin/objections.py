from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from feedback.console.presentation import ago, short_hash
from feedback.console.record_admin import RecordAdmin
from feedback.console.user_form import UserForm
from feedback.removal import objections


class TrainingObjectionAdmin(RecordAdmin):
    list_display = ["shown_user", "by", "recorded"]
    list_display_links = None
    list_select_related = ["by"]
    sortable_by = []
    actions_list = ["object_to_training", "lift"]
    empty_text = (
        "Users whose data is not used for training. To add one, choose Record an objection or send their id to the API."
    )
    empty_command = (
        'curl HOST/api/v1/training-objections -H "Authorization: Bearer $CRUCIBLE_KEY" \\\n'
        '  -H "Content-Type: application/json" -d \'{"user_id": "ID OF THE USER"}\''
    )

    # Named methods, because Unfold looks up a dotted permission in the database before there are tables.
    def has_record_permission(self, request):
        return request.user.has_perm(objections.RECORD_PERMISSION)

    def has_lift_permission(self, request):
        return request.user.has_perm(objections.LIFT_PERMISSION)

    @action(
        description="Record an objection",
        icon="do_not_disturb_on",
        variant=ActionVariant.PRIMARY,
        permissions=["record"],
        dialog={
            "title": "Record an objection to training",
            "description": "The user's events and edits are left out of new sets and of files not written yet. "
            "Sets that hold them say so. Published files stay as they are.",
            "form_submit_text": "Record",
            "form_class": UserForm,
        },
    )
    def object_to_training(self, request, form):
        objections.record(form.cleaned_data["user_id"], by=request.user)
        messages.success(request, "The user's data is no longer used for training.")
        return _to_list()

    @action(
        description="Lift an objection",
        icon="undo",
        permissions=["lift"],
        dialog={
            "title": "Lift an objection to training",
            "description": "The user's data may be used for training again.",
            "form_submit_text": "Lift",
            "form_class": UserForm,
        },
    )
    def lift(self, request, form):
        if objections.lift(form.cleaned_data["user_id"], by=request.user):
            messages.success(request, "The user's data may be used for training again.")
        else:
            messages.error(request, "No objection of this user is recorded.")
        return _to_list()

    @display(description="User")
    def shown_user(self, objection):
        return short_hash(objection.user_hash)

    @display(description="Recorded")
    def recorded(self, objection):
        return ago(objection.created_at)


def _to_list() -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_trainingobjection_changelist")})
