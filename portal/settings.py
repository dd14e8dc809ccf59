"""Settings of Hunar, read from the environment and safe by default.

One file for every profile: what is tested is what runs. Without any variable set the product
runs on SQLite and the filesystem broker with everything it writes under ``var/``;
``DATABASE_URL`` and ``BROKER_URL`` select PostgreSQL and Redis. docs/operations.md lists each variable.
"""

from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from trainees.keyfile import read_or_make_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DATA_DIR = Path(env.str("HUNAR_DATA", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or read_or_make_secret(DATA_DIR / "keys" / "secret_key")
CNIC_KEYS_DIR = DATA_DIR / "keys" / "cnic"  # one file per key that seals identity numbers, named by its number
if not (CNIC_KEYS_DIR.is_dir() and any(CNIC_KEYS_DIR.glob("[0-9]*"))):
    read_or_make_secret(CNIC_KEYS_DIR / "1")
CNIC_HASH_KEY = read_or_make_secret(DATA_DIR / "keys" / "cnic_hash")
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
SITE_HOST = environ.urlparse(SITE_URL).hostname or "127.0.0.1"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=sorted({SITE_HOST, "localhost", "127.0.0.1", "[::1]"}))
CSRF_TRUSTED_ORIGINS = [SITE_URL]
HTTPS = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "portal",
    "admissions",
    "certificates",
    "cohorts",
    "courses",
    "trainees",
    "audit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "template_partials",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.ContentSecurityPolicyMiddleware",
    "portal.middleware.RefuseNulBytesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.AccountLanguageMiddleware",
    "portal.middleware.ClearDeviceMiddleware",
    "portal.middleware.ExplainMethodMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.idempotency.IdempotencyMiddleware",
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
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.site",
            ],
        },
    },
]

# --- database -----------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default="") or f"sqlite:///{DATA_DIR / 'hunar.sqlite3'}"
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 60,
        "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},  # a file: threads of a test share no connection
        "OPTIONS": {
            "timeout": 20,
            # A write transaction takes its lock at BEGIN: the cohort's lock of rule R32 on this engine.
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # Compiling a statement takes half a second, and none of ours runs that long; processes beside the one of a
    # connection cost a page more than they save: a search of 125 ms takes 32 without them.
    options = DATABASES["default"].setdefault("OPTIONS", {})
    options["options"] = f"-c jit=off -c max_parallel_workers_per_gather=0 {options.get('options', '')}".strip()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people and sign-in -------------------------------------------------------------------------
AUTH_USER_MODEL = "trainees.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "start"
LOGIN_URL = "account_login"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "portal.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login_failed": env.str("HUNAR_LOGIN_FAILED", default="30/m/ip,10/5m/key")}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]

# --- language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English")), ("ur", _("Urdu"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Karachi")
USE_TZ = True
USE_I18N = True

# --- files --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if env.bool("HUNAR_PLAIN_STATIC", default=DEBUG)
        else "portal.storage.StaticStorage"
    },
}
WHITENOISE_USE_FINDERS = env.bool("HUNAR_PLAIN_STATIC", default=DEBUG)
MEDIA_ROOT = DATA_DIR / "media"
SIGNING_KEYS_DIR = Path(env.str("HUNAR_SIGNING_KEYS", default=str(DATA_DIR / "keys" / "signing")))
CERTIFICATES_DIR = DATA_DIR / "certificates"
ARCHIVES_DIR = DATA_DIR / "archives"
REPORTS_DIR = DATA_DIR / "reports"
EXPORTS_DIR = DATA_DIR / "exports"
EVIDENCE_DIR = DATA_DIR / "evidence"
UPLOADS_DIR = DATA_DIR / "uploads"
UPLOAD_MAX_BYTES = env.int("HUNAR_UPLOAD_MAX_BYTES", default=20 * 1024 * 1024)
MEETINGS_DIR = DATA_DIR / "meetings"
MEETING_MAX_BYTES = env.int("HUNAR_MEETING_MAX_BYTES", default=100 * 1024 * 1024)
APPEAL_DAYS = env.int("HUNAR_APPEAL_DAYS", default=7)  # a mark may be disputed for so long after its last change
REGISTER_LOCK_HOURS = env.int("HUNAR_REGISTER_LOCK_HOURS", default=48)  # afterwards a correction needs a reason
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # scores: a field for each person and assessment

# --- how long personal values are kept (docs/operations.md) ---------------------------------------
KEEP_MESSAGES_DAYS = env.int("HUNAR_KEEP_MESSAGES_DAYS", default=365)
KEEP_APPLICATIONS_DAYS = env.int("HUNAR_KEEP_APPLICATIONS_DAYS", default=365)
KEEP_PEOPLE_DAYS = env.int("HUNAR_KEEP_PEOPLE_DAYS", default=3 * 365)
KEEP_MEETING_FILES_DAYS = env.int("HUNAR_KEEP_MEETING_FILES_DAYS", default=365)

# --- mail ---------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Training programme <programme@example.org>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_FILE_PATH = DATA_DIR / "mail"
if email_url := env.str("EMAIL_URL", default=""):
    vars().update(env.email_url_config(email_url))
else:
    EMAIL_BACKEND = "portal.mail.FileBackend"

# --- background work ----------------------------------------------------------------------------
BROKER_URL = env.str("BROKER_URL", default="")  # empty: the filesystem broker under DATA_DIR/broker
TASK_TIME_LIMIT = 120  # seconds; a claim's lease must outlive it
CLAIM_LEASE_SECONDS = env.int("HUNAR_CLAIM_LEASE_SECONDS", default=180)

# --- cache --------------------------------------------------------------------------------------
CACHES = {
    "default": {
        "BACKEND": "portal.cache.ForgivingRedisCache",
        "LOCATION": BROKER_URL,
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
        "KEY_PREFIX": "hunar",
    }
    if BROKER_URL.startswith("redis")
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache",
    }
}

# --- places: how long an address may wait for its confirmation, and an offer for its answer ----------
CONFIRM_HOURS = env.int("HUNAR_CONFIRM_HOURS", default=48)
OFFER_HOURS = env.int("HUNAR_OFFER_HOURS", default=48)

# --- security -----------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "portal.views.form_refused"
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=HTTPS) else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)

# --- API ----------------------------------------------------------------------------------------
FILTERS_EMPTY_CHOICE_LABEL = _("any")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {
        "register": env.str("HUNAR_THROTTLE_REGISTER", default="30/hour"),
        "register_page": env.str("HUNAR_THROTTLE_REGISTER_PAGE", default="300/hour"),
        "verify": env.str("HUNAR_THROTTLE_VERIFY", default="300/min"),
        "verify_unknown": env.str("HUNAR_THROTTLE_VERIFY_UNKNOWN", default="30/min"),
        "report": env.str("HUNAR_THROTTLE_REPORT", default="5/hour"),
        "token": env.str("HUNAR_THROTTLE_TOKEN", default="10/min"),
    },
    "NUM_PROXIES": 1 if SECURE_PROXY_SSL_HEADER else 0,  # whose word about the sender's address is taken
    "EXCEPTION_HANDLER": "portal.api.handle_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Hunar API",
    "DESCRIPTION": "Training programme management: cohorts, attendance, completion, certificates.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

# --- log: to standard error; never a request's data ----------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}
