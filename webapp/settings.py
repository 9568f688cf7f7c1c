"""One settings module; every machine's differences come from the environment (``env.py``)."""

from pathlib import Path

from webapp.env import database_from_url, env_bool, env_int, env_list, env_text, storages_from_env
from webapp.lib.logs import json_logging

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env_text("TOUCHLINE_DATA", str(BASE_DIR / "var")))

DEBUG = env_bool("DEBUG", default=False)
SECRET_KEY = env_text("SECRET_KEY")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
SITE_URL = env_text("SITE_URL", "http://localhost:8000")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "webapp.accounts",
    "webapp.matches",
    "webapp.analytics",
    "webapp.annotation",
    "webapp.exports",
    "webapp.playlists",
    "webapp.api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "webapp.lib.security.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "webapp.api.tokens.TokenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "webapp.urls"
WSGI_APPLICATION = "webapp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webapp.accounts.teams.team_context",
            ]
        },
    }
]

DATABASES = {"default": database_from_url(env_text("DATABASE_URL"))}
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "matches:list"
LOGOUT_REDIRECT_URL = "accounts:sign_in"

LANGUAGE_CODE = "en"
TIME_ZONE = env_text("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "webapp" / "static"]
# Files are found where they lie, so that a fresh checkout needs no collectstatic.
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = Path(env_text("MEDIA_ROOT", str(DATA_DIR / "media")))
ARTIFACT_ROOT = Path(env_text("ARTIFACT_ROOT", str(DATA_DIR / "artifacts")))
# Behind nginx: files leave through an internal location of this name; empty means that Django serves ranges itself.
X_ACCEL_LOCATION = env_text("X_ACCEL_LOCATION", "")
# With S3_BUCKET files lie in a bucket; both folders above then hold unfinished uploads and copies being worked on.
STORAGES = storages_from_env()
# Behind nginx with a bucket: the internal location that passes signed addresses on to it.
X_ACCEL_OBJECTS = env_text("X_ACCEL_OBJECTS", "")
UPLOAD_MAX_BYTES = env_int("UPLOAD_MAX_BYTES", 40 * 1024**3)
UPLOAD_STALE_HOURS = env_int("UPLOAD_STALE_HOURS", 48)
DISK_RESERVE_BYTES = env_int("DISK_RESERVE_BYTES", 512 * 1024**2)
# With less than this above the reserve no new analysis begins; those that wait go on by themselves when there is room.
DISK_PAUSE_BYTES = env_int("DISK_PAUSE_BYTES", 1024**3)

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
BEHIND_PROXY = env_bool("BEHIND_PROXY", default=False)
# Browsers that came by TLS once keep to it; whether to enter their built-in list is the owner's own decision.
SECURE_HSTS_SECONDS = env_int("HSTS_SECONDS", 30 * 24 * 3600 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_SSL_REDIRECT = HTTPS and BEHIND_PROXY
# Asked by machines on the inside, by plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "webapp.api.v1.base.answer_problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Touchline",
    "VERSION": "1",
    "DESCRIPTION": "Match analysis from broadcast video.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # One name for one set of words, whatever the field is called.
    "ENUM_NAME_OVERRIDES": {"TeamEnum": (("home", "home"), ("away", "away"))},
}

METRICS_TOKEN = env_text("METRICS_TOKEN", "")
if env_text("LOG_FORMAT", "text") == "json":
    LOGGING = json_logging(env_text("LOG_LEVEL", "INFO"))

CELERY_BROKER_URL = env_text("CELERY_BROKER_URL")
# A run without a heartbeat for this long is somebody else's to take.
LEASE_S = env_int("LEASE_S", 60)
SWEEP_EVERY_S = env_int("SWEEP_EVERY_S", 15)
# A match is looked at in parts of this length, by as many workers as there are; what a killed worker may lose.
ANALYSIS_SEGMENT_S = env_int("ANALYSIS_SEGMENT_S", 120)
# An analysis that says nothing for this long stands still, and its process is ended; stages without steps of their own
# (joining a match) take minutes at most.
ANALYSIS_STANDSTILL_S = env_int("ANALYSIS_STANDSTILL_S", 15 * 60)
ANALYSIS_DEVICE = env_text("ANALYSIS_DEVICE", "auto")
