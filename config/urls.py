from django.contrib import admin
from django.urls import include, path, register_converter
from django.views.generic import RedirectView

from config.metrics import MetricsView
from config.openapi.views import DocumentationView, SchemaView
from feedback.api import errors, health
from feedback.api.paths import AnyUuidConverter, DeploymentConverter, PromptLabelConverter

register_converter(AnyUuidConverter, "anyuuid")
register_converter(DeploymentConverter, "deployment")
register_converter(PromptLabelConverter, "promptlabel")

handler400 = errors.bad_request
handler404 = errors.not_found
handler500 = errors.server_error

api = [
    path("", include("feedback.urls")),
    path("", include("drift.urls")),
    path("", include("curation.urls")),
    path("", include("exports.urls")),
]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", MetricsView.as_view(), name="metrics"),
    path("api/v1/", include(api)),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", DocumentationView.as_view(url_name="schema"), name="docs"),
    path("admin/", admin.site.urls),
]
