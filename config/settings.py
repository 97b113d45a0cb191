"""Every setting of the installation. Each environment variable is described in docs/configuration.md."""

from ipaddress import ip_network
from pathlib import Path

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.urls import reverse_lazy

from config import logs
from config.console.unfold import UNFOLD as UNFOLD
from config.embedded import secrets
from config.embedded.environment import load
from config.jobs.celery_settings import *  # noqa: F403
from config.openapi.description import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS

BASE_DIR = Path(__file__).resolve().parent.parent
PROGRAM_VERSION = "0.1.0"
load(BASE_DIR)
env = environ.Env()

# Secrets and addresses: no default, so that a missing one stops the start; a short secret too.
SECRET_KEY = secrets.required("SECRET_KEY")
HASH_KEY = secrets.required("HASH_KEY")
HASH_KEY_ID = env.str("HASH_KEY_ID", default="1")
HASH_DOMAINS = env.bool("HASH_DOMAINS", default=True)
RETIRED_HASH_KEYS = env.dict("RETIRED_HASH_KEYS", default={})
DATABASES = {"default": env.db("DATABASE_URL")}
REDIS_URL = env.str("REDIS_URL")

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS_ONLY = env.bool("HTTPS_ONLY", default=False)
TRUSTED_PROXIES = [ip_network(network) for network in env.list("TRUSTED_PROXIES", default=[])]
LOGIN_ATTEMPTS_PER_ACCOUNT = env.int("LOGIN_ATTEMPTS_PER_ACCOUNT", default=10)
LOGIN_ATTEMPTS_PER_ADDRESS = env.int("LOGIN_ATTEMPTS_PER_ADDRESS", default=50)
FOUR_EYES = env.bool("FOUR_EYES", default=False)
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")

# Ingestion
INGEST_MAX_BATCH = env.int("INGEST_MAX_BATCH", default=3_000)
INGEST_FLUSH_SECONDS = env.float("INGEST_FLUSH_SECONDS", default=1.0)
INGEST_MAX_BODY_BYTES = env.int("INGEST_MAX_BODY_BYTES", default=16 * 2**20)
INGEST_MAX_DECOMPRESSED_BYTES = env.int("INGEST_MAX_DECOMPRESSED_BYTES", default=32 * 2**20)
INGEST_MAX_ITEMS = env.int("INGEST_MAX_ITEMS", default=10_000)
INGEST_MAX_ITEM_BYTES = env.int("INGEST_MAX_ITEM_BYTES", default=4 * 2**20)
INGEST_MAX_PROCESSOR_SECONDS = env.float("INGEST_MAX_PROCESSOR_SECONDS", default=20)
INGEST_MAX_BACKLOG_ENTRIES = env.int("INGEST_MAX_BACKLOG_ENTRIES", default=20_000)
INGEST_MAX_BACKLOG_BYTES = env.int("INGEST_MAX_BACKLOG_BYTES", default=512 * 2**20)
LEDGER_RETENTION_DAYS = env.int("LEDGER_RETENTION_DAYS", default=90)
MASK_SECRET_NAMES = env.list("MASK_SECRET_NAMES", default=[])
MASK_PRIVATE_ADDRESSES = env.bool("MASK_PRIVATE_ADDRESSES", default=False)
# What an API key may send
API_KEY_REQUESTS_PER_MINUTE = env.int("API_KEY_REQUESTS_PER_MINUTE", default=120_000)
API_KEY_ITEMS_PER_MINUTE = env.int("API_KEY_ITEMS_PER_MINUTE", default=2_000_000)
API_KEY_BYTES_PER_MINUTE = env.int("API_KEY_BYTES_PER_MINUTE", default=4 * 2**30)
API_KEY_PROCESSOR_SECONDS_PER_MINUTE = env.int("API_KEY_PROCESSOR_SECONDS_PER_MINUTE", default=240)
PUBLIC_KEY_REQUESTS_PER_MINUTE = env.int("PUBLIC_KEY_REQUESTS_PER_MINUTE", default=6_000)
PUBLIC_KEY_ITEMS_PER_MINUTE = env.int("PUBLIC_KEY_ITEMS_PER_MINUTE", default=12_000)
PUBLIC_KEY_BYTES_PER_MINUTE = env.int("PUBLIC_KEY_BYTES_PER_MINUTE", default=32 * 2**20)
PUBLIC_KEY_PROCESSOR_SECONDS_PER_MINUTE = env.int("PUBLIC_KEY_PROCESSOR_SECONDS_PER_MINUTE", default=10)
PUBLIC_KEY_MAX_BODY_BYTES = env.int("PUBLIC_KEY_MAX_BODY_BYTES", default=64 * 1024)
PUBLIC_KEY_MAX_ITEMS = env.int("PUBLIC_KEY_MAX_ITEMS", default=20)
PUBLIC_KEY_MAX_TEXT_CHARACTERS = env.int("PUBLIC_KEY_MAX_TEXT_CHARACTERS", default=10_000)
NEW_DEPLOYMENTS_PER_HOUR = env.int("NEW_DEPLOYMENTS_PER_HOUR", default=100)
SIGNALS_ORIGINS = env.list("SIGNALS_ORIGINS", default=["*"])

# Event store and embeddings
EVENT_STORE = env.str("EVENT_STORE", default="postgres")
CLICKHOUSE_URL = env.str("CLICKHOUSE_URL", default="")
EMBEDDING_CLIENT = env.str("EMBEDDING_CLIENT", default="wordllama")
EMBEDDING_SAMPLE_PER_HOUR = env.int("EMBEDDING_SAMPLE_PER_HOUR", default=200)

# Quality
QUALITY_MIN_LENGTH = env.int("QUALITY_MIN_LENGTH", default=20)
QUALITY_MAX_LENGTH = env.int("QUALITY_MAX_LENGTH", default=4_000)
QUALITY_CHECKS = env.json("QUALITY_CHECKS", default={})
QUALITY_CHECK_SECONDS = env.float("QUALITY_CHECK_SECONDS", default=5.0)
QUALITY_WINDOW = env.int("QUALITY_WINDOW", default=1_000)

# Prompts
DEFAULT_PROMPT_VERSION = env.str("DEFAULT_PROMPT_VERSION", default="v1")

# Drift
DRIFT_WINDOW = env.int("DRIFT_WINDOW", default=1_000)

# Triggers
TRIGGER_DRIFT_THRESHOLD = env.float("TRIGGER_DRIFT_THRESHOLD", default=0.2)
TRIGGER_QUALITY_THRESHOLD = env.float("TRIGGER_QUALITY_THRESHOLD", default=0.7)
TRIGGER_DATA_COUNT_THRESHOLD = env.int("TRIGGER_DATA_COUNT_THRESHOLD", default=1_000)
TRIGGER_INTERVAL_SECONDS = env.int("TRIGGER_INTERVAL_SECONDS", default=86_400)
TRIGGER_CHECK_INTERVAL_SECONDS = env.int("TRIGGER_CHECK_INTERVAL_SECONDS", default=3_600)
TRIGGER_COOLDOWN_SECONDS = env.int("TRIGGER_COOLDOWN_SECONDS", default=86_400)

# Alerts
ALERT_PRIVATE_ADDRESSES = env.bool("ALERT_PRIVATE_ADDRESSES", default=False)
EMAIL_URL = env.str("EMAIL_URL", default="")
EMAIL_FROM = env.str("EMAIL_FROM", default="crucible-feedback@localhost")
EMAIL_TIMEOUT = 10
vars().update(environ.Env.email_url_config(EMAIL_URL) if EMAIL_URL else {})

# Curation
CURATION_LIMIT = env.int("CURATION_LIMIT", default=1_000)
CURATION_CANDIDATES = env.int("CURATION_CANDIDATES", default=50_000)

# Jobs
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=120)

# Export
EXPORT_LICENSE = env.str("EXPORT_LICENSE", default="")
ERASURE_DELETES_FILES = env.bool("ERASURE_DELETES_FILES", default=True)
EXPORT_RETENTION_DAYS = env.int("EXPORT_RETENTION_DAYS", default=0)
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")
TRAINERS = env.json("TRAINERS", default={})
TRAINING_SILENT_HOURS = env.int("TRAINING_SILENT_HOURS", default=168)
TRAINING_FOLDER = BASE_DIR / env.str("TRAINING_FOLDER", default=".local/training")
EXPORT_URL = env.str("EXPORT_URL", default=f"file://{BASE_DIR / '.local' / 'exports'}")

# Gates
LLM_ENDPOINTS = env.json("LLM_ENDPOINTS", default={})
GATE_TOKEN_BUDGET = env.int("GATE_TOKEN_BUDGET", default=2_000_000)

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # Plain: the default one would replace the console site with its own.
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "config.apps.ConsoleConfig",
    "config.apps.RootConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "csp",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "feedback",
    "drift",
    "curation",
    "exports",
]

MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",  # First, so that every answer has its headers, refusals too.
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.web.nul.refuse_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.web.unstorable.RejectUnstorable",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A server that hangs is given up after this long, instead of holding every thread.
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    **DATABASES["default"].get("OPTIONS", {}),
}
WEB_STATEMENT_SECONDS = env.int("WEB_STATEMENT_SECONDS", default=30)
WRITER_STATEMENT_SECONDS = env.int("WRITER_STATEMENT_SECONDS", default=300)
WORKER_STATEMENT_SECONDS = env.int("WORKER_STATEMENT_SECONDS", default=1_600)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "VERSION": 2,  # The first one was written by pickle.
        "OPTIONS": {"serializer": "config.web.json_cache.JsonSerializer"},
    }
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "config.formats"  # Django's English formats hide DATETIME_FORMAT.
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
DATA_UPLOAD_MAX_MEMORY_SIZE = INGEST_MAX_BODY_BYTES

SECURE_SSL_REDIRECT = HTTPS_ONLY
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS_ONLY else None
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "script-src": [SELF, UNSAFE_EVAL],  # Alpine, which the admin theme is built on, evaluates its attributes.
        "style-src": [SELF, UNSAFE_INLINE],
        "frame-ancestors": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
    }
}

# Browsers may send signals from other sites, and nothing else. A key is sent by the page's own code, never by a cookie.
CORS_URLS_REGEX = r"^/api/v1/signals$"
CORS_ALLOW_ALL_ORIGINS = "*" in SIGNALS_ORIGINS
CORS_ALLOWED_ORIGINS = [origin for origin in SIGNALS_ORIGINS if origin != "*"]
CORS_ALLOW_METHODS = ["POST"]
CORS_ALLOW_HEADERS = ["authorization", "content-type", "content-encoding"]
CORS_EXPOSE_HEADERS = ["Retry-After"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["feedback.access.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [
        "feedback.access.authentication.HasScope",
        "feedback.access.viewing.MayView",
        "feedback.access.parameters.KnownParameters",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["feedback.access.authentication.KeyRate"],
    "DEFAULT_RENDERER_CLASSES": ["feedback.api.renderers.ExactJson"],
    "DEFAULT_PARSER_CLASSES": ["feedback.api.parsers.JsonBody"],
    "DEFAULT_PAGINATION_CLASS": "feedback.api.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "ALLOWED_VERSIONS": ["1"],  # Without a list the schema's view puts any ?version= into a header.
    "EXCEPTION_HANDLER": "feedback.api.errors.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "PAGE_SIZE": 50,
}

CELERY_BROKER_URL = REDIS_URL

LOGGING = logs.to_console(LOG_LEVEL)
logs.configure_structlog()
