"""All settings, read once from the environment and `.env`. What each variable means: `.env.example`."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hedra_studio.env import Environment, writable_folder
from hedra_studio.network import allowed_hosts, is_answered, is_loopback, reachable_at
from hedra_studio.refused import Refused
from hedra_studio.secret import secret_key
from hedra_studio.storage import database, media, queue

VERSION = "0.1.0"
BASE_DIR = Path(__file__).resolve().parent.parent
_env = Environment.load(BASE_DIR / ".env")

# Where things are kept
DATA_DIR = writable_folder("STUDIO_DATA_DIR", (BASE_DIR / _env.text("STUDIO_DATA_DIR", "data")).resolve())
MEDIA_ROOT = DATA_DIR / "media"
_media = media(_env)
_shared = next(filter(_env.text, ("QUEUE_URL", "MEDIA_S3_BUCKET")), "")
if _shared and not _env.secret("SECRET_KEY"):
    raise Refused(f"{_shared} is for several machines: give them all the same SECRET_KEY")
SECRET_KEY = _env.secret("SECRET_KEY") or secret_key(DATA_DIR / "secret_key")
DATABASES = {"default": database(_env.text("DATABASE_URL"), DATA_DIR / "studio.sqlite3", BASE_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
HUEY = queue(_env.text("QUEUE_URL"), DATA_DIR / "queue.sqlite3")
# Rows that a worker claimed come back this long after it died; live workers renew at a third of it.
LEASE_S = 15
# After an order whose answer was lost: only when the service has not known it for so long is it sent again.
LOOK_UP_FOR_S = 20
# Beside the media, so that a finished upload is moved and not copied.
FILE_UPLOAD_TEMP_DIR = writable_folder("STUDIO_DATA_DIR", DATA_DIR / "tmp")

FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "generations.receiving.UploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_500  # a checkbox for each take that one press of the gallery's bar changes
# Bytes that stay free on the disk: below, nothing large is fetched or taken in. The database grows there too.
KEEP_FREE = int(_env.factor("KEEP_FREE_MB", 500, low=0, high=1_000_000) * 1024**2)

# Where the studio listens, and to whom
DEBUG = _env.flag("DEBUG")
STUDIO_HOST = _env.text("STUDIO_HOST", "127.0.0.1")
STUDIO_PORT = _env.port("STUDIO_PORT", 8000)
ALLOWED_HOSTS = allowed_hosts(STUDIO_HOST, _env.words("ALLOWED_HOSTS"))
SOLO = all(is_loopback(host) for host in [STUDIO_HOST, *ALLOWED_HOSTS])
if DEBUG and not SOLO:
    raise Refused("DEBUG shows everyone the inside of the studio; it must be off when others can reach it")
CSRF_TRUSTED_ORIGINS = _env.origins("CSRF_TRUSTED_ORIGINS")
# Where services on the internet find the inputs that they fetch, and where programs on this machine do.
PUBLIC_URL = _env.public_url("PUBLIC_URL")
if PUBLIC_URL and not is_answered(urlsplit(PUBLIC_URL).hostname or "", ALLOWED_HOSTS):
    raise Refused("PUBLIC_URL names a host that ALLOWED_HOSTS doesn't; requests for it would not be answered")
_here = reachable_at(STUDIO_HOST)
LOCAL_URL = f"http://{_here}:{STUDIO_PORT}" if is_answered(_here, ALLOWED_HOSTS) else ""
HTTPS = any(origin.startswith("https://") for origin in CSRF_TRUSTED_ORIGINS)

# The services; without a key of Hedra, the sandbox stands in for those that have none
SANDBOX_PORT = _env.port("SANDBOX_PORT", 8765)
SANDBOX_SPEED = _env.factor("SANDBOX_SPEED", 1.0, low=0.01, high=10_000)
HEDRA_KEY = _env.api_key("HEDRA_API_KEY")
SANDBOX = not HEDRA_KEY
HEDRA_KEY = HEDRA_KEY or "sandbox"
HEDRA_URL = _env.service_url(
    "HEDRA_BASE_URL",
    f"http://127.0.0.1:{SANDBOX_PORT}/web-app/public" if SANDBOX else "https://api.hedra.com/web-app/public",
)
HOOX_KEY = _env.api_key("HOOX_API_KEY")
HOOX_SANDBOX = SANDBOX and not HOOX_KEY
HOOX_KEY = HOOX_KEY or ("sandbox" if HOOX_SANDBOX else "")  # "": not connected
HOOX_URL = _env.service_url(
    "HOOX_BASE_URL",
    f"http://127.0.0.1:{SANDBOX_PORT}/api/public/v1"
    if HOOX_SANDBOX
    else "https://app.hoox.video/api/public/v1",
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "axes",
    "csp",
    "huey.contrib.djhuey",
    "hedra_studio",
    "catalog",
    "generations",
    "upkeep",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Asked for by a check of Django's; the next one takes its place.
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hedra_studio.middleware.known_person",
    "hedra_studio.middleware.bounded_bodies",
    "hedra_studio.middleware.SignInRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "hedra_studio.middleware.private_pages",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "hedra_studio.urls"
WSGI_APPLICATION = "hedra_studio.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": ["hedra_studio.templatetags.icons"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hedra_studio.context.studio",
                "generations.context.rail",
            ],
        },
    }
]
# In a cookie, since in solo mode no session is ever opened.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
# Other sites need not be able to tell that a studio runs here.
WHITENOISE_ALLOW_ALL_ORIGINS = False
_memory = "django.core.cache.backends.locmem.LocMemCache"
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": _memory},
    # Cards of the gallery, by their whole rows: nothing has to be taken out when one changes. 2 to 3 KB each.
    "template_fragments": {"BACKEND": _memory, "LOCATION": "cards", "OPTIONS": {"MAX_ENTRIES": 2000}},
}

_plain, _manifest = (
    "django.contrib.staticfiles.storage.StaticFilesStorage",
    "whitenoise.storage.CompressedManifestStaticFilesStorage",
)
STORAGES = {
    "default": _media,
    "staticfiles": {"BACKEND": _plain if DEBUG else _manifest},
}

# Signing in (never needed in solo mode)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
SESSION_ENGINE = "hedra_studio.sessions"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
# Both together, so that nobody can lock a colleague out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_DISABLE_ACCESS_LOG = True
AXES_RESET_ON_SUCCESS = True

# What a browser is told
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Cookies don't tell ports apart: names of our own keep other programs on localhost out of ours.
SESSION_COOKIE_NAME = "hedra_studio_session"
CSRF_COOKIE_NAME = "hedra_studio_csrf"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

LOG_FORMAT = _env.choice("LOG_FORMAT", ["line", "json"])
# What no line may hold.
LOG_SECRETS = [
    HEDRA_KEY,
    HOOX_KEY,
    SECRET_KEY,
    str(DATABASES["default"].get("PASSWORD") or ""),
    _env.text("MEDIA_S3_SECRET_KEY"),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "about": {"()": "hedra_studio.logs.About"},
        "seldom": {"()": "hedra_studio.logs.Seldom"},  # by what a line is about, so it comes second
    },
    "formatters": {
        "line": {
            "()": "hedra_studio.logs.DiscreetFormatter",
            "format": "{asctime} {levelname} {name}: {subject}{message}",
            "style": "{",
            "secrets": LOG_SECRETS,
        },
        "json": {"()": "hedra_studio.logs.JsonFormatter", "secrets": LOG_SECRETS},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["about", "seldom"]},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own handlers would write past the formatter above.
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # A stranger's Host header is refused with 400; a traceback for each would let him fill the log.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "axes": {"level": "WARNING"},
        # Two lines for each message, which name no take: the steps themselves are logged.
        "huey": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
    },
}
