"""Theme and sidebar of the console."""

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


# In the order in which pages load them: a later one may refine an earlier one.
STYLES = ("tokens", "unfold", "content", "controls", "records", "conversations", "reviews", "pages")

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
    "STYLES": [_file(f"styles/{name}.css") for name in STYLES],
    "SCRIPTS": [_file("console.js")],
    "COLORS": lambda request: {},  # styles/tokens.css has them. A dict would be merged with Unfold's palette.
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
                    _page("Flags", "flag", "feedback.raisedflag"),
                    _page("Deployments", "deployed_code", "feedback.deployment"),
                    _page("Prompts", "chat", "feedback.prompt"),
                ],
            },
            {
                "title": "Monitoring",
                "items": [
                    _page("Drift reports", "ssid_chart", "drift.driftreport"),
                    _page("Comparisons", "compare", "drift.armcomparison"),
                    _page("Trigger evaluations", "notifications_active", "drift.triggerevaluation"),
                    _page("Alert channels", "campaign", "drift.alertchannel"),
                    _page("Judges", "gavel", "feedback.judge"),
                    _page("Judgements", "rate_review", "feedback.judgement"),
                    {"title": "Masking preview", "icon": "visibility_off", "link": reverse_lazy("admin:masking")},
                ],
            },
            {
                "title": "Assessment",
                "items": [
                    _page("Rubrics", "rule_folder", "feedback.rubricversion"),
                    _page("Judge agreement", "handshake", "feedback.judgestanding"),
                    _page("Random samples", "casino", "feedback.scoringsample"),
                ],
            },
            {
                "title": "Training data",
                "items": [
                    _page("Curated sets", "fact_check", "curation.curatedset"),
                    _page("Drop reasons", "playlist_remove", "curation.dropreason"),
                    _page("Evaluation sets", "quiz", "curation.evaluationset"),
                    _page("Golden sets", "verified", "curation.goldenset"),
                    _page("Gates", "balance", "exports.gaterun"),
                    _page("Pairwise runs", "compare", "exports.pairwiserun"),
                    _page("Tool renames", "compare_arrows", "feedback.toolrename"),
                    _page("Reassessments", "refresh", "feedback.reassessment"),
                    _page("Exports", "outbox", "exports.exportbatch"),
                    _page("Training runs", "model_training", "exports.trainingrun"),
                    _page("Pipelines", "account_tree", "exports.pipelinerun"),
                    _page("Training objections", "do_not_disturb_on", "feedback.trainingobjection"),
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
                    _page("Ingest batches", "receipt_long", "feedback.ingestbatch"),
                    _page("Rejected items", "report", "feedback.rejecteditem"),
                    _page("Rejection reasons", "rule", "feedback.rejectionreason"),
                    _page("Erasures", "person_remove", "exports.erasure"),
                    _page("API keys", "key", "feedback.apikey"),
                    _page("Periodic tasks", "schedule", "django_celery_beat.periodictask"),
                    _page("Users", "group", "auth.user"),
                ],
            },
        ],
    },
}
