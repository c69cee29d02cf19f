"""All settings, read once from the environment and `.env`; nonsense is refused at start with the
variable's name.

An empty environment is a working development set-up on SQLite. `.env.example` explains each
variable; a secret may also come from a file named by `NAME_FILE`.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from portal.content_policy import CONTENT_POLICY
from portal.logs import logging_to_console
from portal.variables import agents_sign_in, anymail, credentials, text_of, when_keys_are_needed

BASE_DIR = Path(__file__).resolve().parent.parent
# Tests and the demo name another file, so that nothing of this machine bends them.
environ.Env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
env = environ.Env()


def secret(name: str, default: str = "") -> str:
    """The variable `name`, or what the file named by `<name>_FILE` holds, or the default."""
    path = env.str(f"{name}_FILE", default="")
    return text_of(f"{name}_FILE", path).strip() if path else env.str(name, default=default)


def positive(name: str, default: int, *, least: int = 1) -> int:
    """A whole number of at least one, or of at least so much."""
    value = env.int(name, default=default)
    if value < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {value}.")
    return value


DEBUG = env.bool("DEBUG", default=True)
SANDBOX = env.bool("SANDBOX", default=False)
if SANDBOX and not DEBUG:
    raise ImproperlyConfigured(
        "SANDBOX=1 simulates Microsoft and works only with DEBUG=1. Nothing starts otherwise."
    )

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
PORTAL_URL = env.str("PORTAL_URL", default="http://localhost:8000").rstrip("/")
MICROSOFT_URL = env.str("MICROSOFT_URL", default="http://localhost:8100").rstrip("/")
_portal = urlsplit(PORTAL_URL)
if _portal.scheme not in {"http", "https"} or not _portal.hostname:
    raise ImproperlyConfigured(
        f"PORTAL_URL must be an address like https://approve.example.com, not {PORTAL_URL!r}."
    )

# The keys of a development set-up stand here for everybody to read.
_needed = when_keys_are_needed(debug=DEBUG, host=_portal.hostname)
SECRET_KEY = secret("SECRET_KEY", "" if _needed else "development-only")
if not SECRET_KEY:
    raise ImproperlyConfigured(f"SECRET_KEY is needed {_needed}.")
# The emailed links have a key of their own, so that a leaked session key opens none of them.
LINK_KEY = secret("LINK_KEY", "" if _needed else f"links-{SECRET_KEY}")
if not LINK_KEY:
    raise ImproperlyConfigured(f"LINK_KEY is needed {_needed}.")
LINK_KEY_FALLBACKS = env.list("LINK_KEY_FALLBACKS", default=[])

IS_HTTPS = _portal.scheme == "https"
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=[_portal.hostname, "localhost", "127.0.0.1"] if DEBUG else [_portal.hostname],
)
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]

# Waits of a minute and more between looks are divided by this; the demo runs with 60.
CHECK_PACE = positive("CHECK_PACE", 1)
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL", default="support@acme.example")
SUPPORT_NAME = env.str("SUPPORT_NAME", default="Acme Support")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{SUPPORT_NAME} <{SUPPORT_EMAIL}>")
MESSAGE_ID_DOMAIN = env.str("MESSAGE_ID_DOMAIN", default=SUPPORT_EMAIL.rpartition("@")[2])

# An app registration names its credential; the database never holds it (`portal/variables.py`).
MICROSOFT_CREDENTIALS = credentials(os.environ)
if SANDBOX:
    from portal.sandbox.microsoft.seed import APPS  # noqa: PLC0415 -- the sandbox exists only here

    MICROSOFT_CREDENTIALS |= {app.slug.replace("-", "_"): {"secret": app.secret} for app in APPS}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.microsoft",
    "anymail",
    "tenants",
    "consent",
    "portal",
    *(["portal.sandbox"] if SANDBOX else []),
]
MIDDLEWARE = [
    "portal.middleware.NameRequest",
    "portal.middleware.KeepTokenPages",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "portal.middleware.RefuseTooMuch",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    *(["portal.sandbox.middleware.PlainNotFound"] if SANDBOX else []),
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
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
                "portal.context.house",
            ],
        },
    }
]

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")
}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Several processes write: IMMEDIATE takes the lock when a transaction begins instead of failing
    # half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Only allauth counts here, failed sign-ins mostly: for all processes and hosts together. Our own
# limits are rows (`consent/rates.py`).
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",  # made by a migration
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

REDIS_URL = env.str("REDIS_URL", default="redis://localhost:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
# Rows know what is left to do; what is not acknowledged is lost anyway when Redis dies.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker that is away costs a page nothing: the rows are swept.
_AT_ONCE = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
_QUICK_TO_NOTICE = {"socket_connect_timeout": 2, "socket_timeout": 10, **_AT_ONCE}
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300, **_QUICK_TO_NOTICE}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"consent.look*": {"queue": "checks"}, "outbox.*": {"queue": "mail"}}

# A provider of Anymail (`postmark`, `mailgun`, …) with its ANYMAIL_… variables, or EMAIL_URL.
EMAIL_PROVIDER = env.str("EMAIL_PROVIDER", default="")
ANYMAIL = anymail(os.environ)
if EMAIL_PROVIDER:
    EMAIL_BACKEND = f"anymail.backends.{EMAIL_PROVIDER}.EmailBackend"
elif SANDBOX and not env.str("EMAIL_URL", default=""):
    EMAIL_BACKEND = "portal.sandbox.mailbox.MailboxBackend"
else:
    if not (DEBUG or env.str("EMAIL_URL", default="")):
        raise ImproperlyConfigured("EMAIL_URL or EMAIL_PROVIDER is needed when DEBUG is off.")
    _email = env.email_url("EMAIL_URL", default="consolemail://")
    EMAIL_BACKEND = _email["EMAIL_BACKEND"]
    EMAIL_HOST = _email.get("EMAIL_HOST", "localhost")
    EMAIL_PORT = _email.get("EMAIL_PORT") or 25
    EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER") or ""
    EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD") or ""
    EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
MAILS_PER_MINUTE = positive("MAILS_PER_MINUTE", 0, least=0)
MAILS_A_CONNECTION = positive("MAILS_A_CONNECTION", 100)

AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:queue"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Whoever asks for a new password for an unknown address mails nobody.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {"reset_password": "portal.desk.accounts.NewPasswordForm"}
ACCOUNT_RATE_LIMITS = {"reset_password": "20/m/ip,3/d/key"}
ACCOUNT_ADAPTER = "portal.desk.accounts.ClosedSignup"
SOCIALACCOUNT_ADAPTER = "portal.desk.accounts.ClosedSocialSignup"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_PROVIDERS = agents_sign_in(
    env.str("AGENTS_TENANT_ID", default=""),
    env.str("AGENTS_CLIENT_ID", default=""),
    secret("AGENTS_CLIENT_SECRET"),
)

LANGUAGE_CODE = "en"
# One more with each catalogue: without one, dates in that language would stand among English words.
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
LOCALE_PATHS = [BASE_DIR / "locale"]
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
_PLAIN_FILES = "django.contrib.staticfiles.storage.StaticFilesStorage"
_HASHED_FILES = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _PLAIN_FILES if DEBUG else _HASHED_FILES},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

CONTENT_SECURITY_POLICY = {"DIRECTIVES": CONTENT_POLICY}
# Not no-referrer: Chromium would then send `Origin: null` and Django would refuse every POST.
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "portal_session"
CSRF_COOKIE_NAME = "portal_csrf"
SECURE_SSL_REDIRECT = IS_HTTPS and not DEBUG
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# Rate limits (`consent/rates.py`).
MAILS_TO_STRANGERS_A_DAY = positive("MAILS_TO_STRANGERS_A_DAY", 3)
ASKS_PER_NETWORK_AN_HOUR = positive("ASKS_PER_NETWORK_AN_HOUR", 30)
ASKS_PER_TENANT_AN_HOUR = positive("ASKS_PER_TENANT_AN_HOUR", 200)
STARTS_PER_NETWORK_AN_HOUR = positive("STARTS_PER_NETWORK_AN_HOUR", 200)
PICTURES_PER_NETWORK_A_DAY = positive("PICTURES_PER_NETWORK_A_DAY", 5)
POSTS_PER_LINK_AN_HOUR = positive("POSTS_PER_LINK_AN_HOUR", 60)
if SANDBOX:
    MAILS_TO_STRANGERS_A_DAY = ASKS_PER_NETWORK_AN_HOUR = ASKS_PER_TENANT_AN_HOUR = 50 * 60 * 24
    PICTURES_PER_NETWORK_A_DAY = 50 * 60 * 24
    STARTS_PER_NETWORK_AN_HOUR = POSTS_PER_LINK_AN_HOUR = 50 * 60 * 2
# Who hears of alarms: a credential that breaks or ends, a worker that is silent. Empty: nobody.
OPERATORS_EMAIL = env.str("OPERATORS_EMAIL", default="operators@acme.example" if SANDBOX else "")
# How many hosts serve the portal; `check --deploy` refuses SQLite for more than one.
HOSTS = positive("HOSTS", 1)
LOOKS_A_SECOND = positive("LOOKS_A_SECOND", 1000)
MONITOR_EVERY = timedelta(hours=positive("MONITOR_EVERY_HOURS", 24))
REVOKED_AFTER = timedelta(minutes=env.float("REVOKED_AFTER_MINUTES", default=15.0))

# Who sends it as bearer token may read /metrics from another machine; empty: nobody.
METRICS_TOKEN = secret("METRICS_TOKEN")

LOGGING = logging_to_console(
    env.str("LOG_FORMAT", default="plain"), env.str("LOG_LEVEL", default="INFO")
)
