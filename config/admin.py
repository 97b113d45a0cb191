"""Admin pages of third-party apps, styled for the console."""

from celery.schedules import ParseException, crontab_parser
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django_celery_beat.admin import ClockedScheduleAdmin as BeatClockedAdmin
from django_celery_beat.admin import CrontabScheduleAdmin as BeatCrontabAdmin
from django_celery_beat.admin import IntervalScheduleAdmin as BeatIntervalAdmin
from django_celery_beat.admin import PeriodicTaskAdmin as BeatTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from feedback.console.list_filters import NamedFilters
from feedback.console.presentation import ago

PARSERS = {
    "minute": crontab_parser(60),
    "hour": crontab_parser(24),
    "day_of_week": crontab_parser(7),
    "day_of_month": crontab_parser(31, 1),
    "month_of_year": crontab_parser(12, 1),
}

for model in (Group, User, ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(model)


@admin.register(User)
class UserAdmin(NamedFilters, DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "first_name", "last_name", "is_staff", "is_active"]


@admin.register(Group)
class GroupAdmin(NamedFilters, DjangoGroupAdmin, ModelAdmin):
    """Groups, with the console's forms."""


class TaskSelect(UnfoldAdminSelectWidget, TaskSelectWidget):
    """The names of the registered tasks."""


class ScheduleForm(PeriodicTaskForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelect()

    def clean(self):
        # The package reads the task's name even if the field has an error.
        return self.cleaned_data if "task" in self.errors else super().clean()

    def _clean_json(self, field):
        try:
            return super()._clean_json(field)
        except RecursionError as error:
            raise forms.ValidationError("This JSON is nested too deeply.") from error


class CrontabForm(forms.ModelForm):
    """Rejects what Celery could not read when the schedule is due; the package's validators accept more."""

    def clean(self):
        for name, parser in PARSERS.items():
            try:
                parser.parse(self.cleaned_data.get(name) or "*")
            except (ParseException, ValueError) as error:
                self.add_error(name, str(error))
        return self.cleaned_data


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(NamedFilters, BeatTaskAdmin, ModelAdmin):
    form = ScheduleForm
    list_display = ["name", "state", "schedule", "last_run"]
    list_filter = ["enabled"]
    date_hierarchy = None
    # The package's own template runs an inline script, which the security policy blocks.
    change_form_template = None

    @action(description="Run selected tasks")
    def run_tasks(self, request, queryset):
        try:
            super().run_tasks(request, queryset)
        except TypeError as error:
            messages.error(request, f"A task does not accept its arguments: {error}")

    @display(description="State", label={"on": "success", "off": ""})
    def state(self, task):
        return "on" if task.enabled else "off"

    @display(description="Schedule")
    def schedule(self, task):
        return task.scheduler or "–"

    @display(description="Last run", ordering="last_run_at")
    def last_run(self, task):
        return ago(task.last_run_at)


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(NamedFilters, BeatIntervalAdmin, ModelAdmin):
    inlines = []


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(NamedFilters, BeatCrontabAdmin, ModelAdmin):
    form = CrontabForm
    inlines = []


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(NamedFilters, BeatClockedAdmin, ModelAdmin):
    inlines = []
