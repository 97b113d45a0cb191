"""Admin pages of third-party apps, styled for the console."""

from django.contrib import admin
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
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from feedback.console.list_filters import NamedFilters
from feedback.console.presentation import ago

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


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(NamedFilters, BeatTaskAdmin, ModelAdmin):
    form = ScheduleForm
    list_display = ["name", "state", "schedule", "last_run"]
    list_filter = ["enabled"]
    date_hierarchy = None
    # The package's own template runs an inline script, which the security policy blocks.
    change_form_template = None

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
    inlines = []


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(NamedFilters, BeatClockedAdmin, ModelAdmin):
    inlines = []
