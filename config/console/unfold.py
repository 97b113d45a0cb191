"""The look and the sidebar of the console."""

from django.templatetags.static import static
from django.urls import reverse_lazy


def _file(path):
    return lambda request: static(path)


def _page(title, icon, model):
    app, name = model.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": lambda request: request.user.has_perm(f"{app}.view_{name}"),
    }


UNFOLD = {
    "SITE_TITLE": "Crucible Feedback",
    "SITE_HEADER": "Crucible Feedback",
    "SITE_SUBHEADER": "Production to training",
    "SITE_URL": None,
    "SITE_ICON": {"light": _file("brand/mark.svg"), "dark": _file("brand/mark.svg")},
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _file("brand/mark.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "config.console.site.home",
    "STYLES": [_file(f"{name}.css") for name in ("theme", "console", "home", "records", "drift")],
    "SCRIPTS": [_file("console.js")],
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "base": {
            "50": "oklch(98.4% .003 247.858)",
            "100": "oklch(96.8% .007 247.896)",
            "200": "oklch(92.9% .013 255.508)",
            "300": "oklch(86.9% .022 252.894)",
            "400": "oklch(70.4% .04 256.788)",
            "500": "oklch(54.2% .043 257.417)",
            "600": "oklch(44.6% .043 257.281)",
            "700": "oklch(37.2% .044 257.287)",
            "800": "oklch(27.9% .041 260.031)",
            "900": "oklch(20.8% .042 265.755)",
            "950": "oklch(12.9% .042 264.695)",
        },
        "primary": {
            "50": "oklch(96.9% .016 252)",
            "100": "oklch(93.4% .032 252)",
            "200": "oklch(88.2% .06 252)",
            "300": "oklch(80.9% .1 252)",
            "400": "oklch(71% .145 253)",
            "500": "oklch(61% .17 254)",
            "600": "oklch(51.5% .17 256)",
            "700": "oklch(45% .155 257)",
            "800": "oklch(39% .13 258)",
            "900": "oklch(34% .1 258)",
            "950": "oklch(25% .075 259)",
        },
    },
    "COMMAND": {
        # Never True: it would load every matching row of the event table for each keystroke.
        "search_models": ["curation.CuratedSet", "feedback.Deployment"],
        "search_callback": "config.console.site.find_event",
    },
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": [
            {"items": [{"title": "Overview", "icon": "space_dashboard", "link": reverse_lazy("admin:index")}]},
            {
                "title": "Traffic",
                "items": [
                    _page("Events", "forum", "feedback.event"),
                    _page("Signals", "thumbs_up_down", "feedback.signal"),
                    _page("Deployments", "deployed_code", "feedback.deployment"),
                ],
            },
            {
                "title": "Quality & drift",
                "items": [
                    _page("Drift reports", "ssid_chart", "drift.driftreport"),
                    _page("Triggers", "notifications_active", "drift.triggerevaluation"),
                    _page("Alerts", "campaign", "drift.alertchannel"),
                    {"title": "Try a text", "icon": "visibility_off", "link": reverse_lazy("admin:masking")},
                ],
            },
            {
                "title": "Training data",
                "items": [
                    _page("Curated sets", "fact_check", "curation.curatedset"),
                    _page("Exports", "outbox", "exports.exportbatch"),
                ],
            },
            {
                "title": "System",
                "items": [
                    {
                        "title": "System",
                        "icon": "monitor_heart",
                        "link": reverse_lazy("admin:system"),
                        "permission": lambda request: request.user.has_perm("feedback.view_ingestbatch"),
                    },
                    _page("Ingest ledger", "receipt_long", "feedback.ingestbatch"),
                    _page("Rejected items", "report", "feedback.rejecteditem"),
                    _page("Erasures", "person_remove", "exports.erasure"),
                    _page("API keys", "key", "feedback.apikey"),
                    _page("Schedules", "schedule", "django_celery_beat.periodictask"),
                    _page("Users", "group", "auth.user"),
                ],
            },
        ],
    },
}
