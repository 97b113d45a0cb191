"""What the OpenAPI description says of itself, and the names of its enumerations."""

SPECTACULAR_SETTINGS = {
    "TITLE": "Crucible Feedback",
    "DESCRIPTION": "Inference events and user signals in; quality, drift, curated sets and training files out.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "APPEND_COMPONENTS": {"securitySchemes": {"ApiKey": {"type": "http", "scheme": "bearer"}}},
    "SECURITY": [{"ApiKey": []}],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "feedback.api.described_items.add_components",
    ],
    "PATH_CONVERTER_OVERRIDES": {"anyuuid": {"type": "string", "format": "uuid"}},
    "ENUM_NAME_OVERRIDES": {
        "CuratedSetStatusEnum": "curation.choices.CuratedSetStatus",
        "CurationStrategyEnum": "curation.choices.Strategy",
        "RowDecisionEnum": "curation.choices.Decision",
        "RowKindEnum": "curation.choices.ROW_KINDS",
        "ComparisonVerdictEnum": "curation.choices.ComparisonVerdict",
        "ShownDecisionEnum": "curation.choices.SHOWN_DECISIONS",
        "ExportStatusEnum": "exports.choices.ExportStatus",
        "ExportFormatEnum": "exports.choices.ExportFormat",
        "DriftProfileEnum": "drift.choices.Profile",
        "DriftReportStatusEnum": "drift.choices.ReportStatus",
        "DriftVerdictEnum": "drift.choices.Verdict",
        "TriggerNameEnum": "drift.choices.TriggerName",
        "FiringStateEnum": "drift.choices.FiringState",
        "RemovalStatusEnum": "exports.choices.DeletionStatus",
    },
}
