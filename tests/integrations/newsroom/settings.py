"""The least that Wagtail needs; COPYTASTER_URL and the database's NAME are set by the tests."""


class _None:
    """Of every app: it has no migrations."""

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


SECRET_KEY = "of a throw-away site"  # noqa: S105
USE_TZ = True
ROOT_URLCONF = "newsroom.urls"
ALLOWED_HOSTS = ["*"]
WAGTAIL_SITE_NAME = "Port Ellory Courier"
WAGTAILADMIN_BASE_URL = "http://127.0.0.1"
COPYTASTER_SOURCE = "port-ellory-courier"
COPYTASTER_TIMEOUT = 20.0
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_URL = "/static/"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database.fallback"}}
WAGTAILIMAGES_EXTENSIONS = ["png"]
INSTALLED_APPS = [
    "newsroom",
    "copytaster_wagtail",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail.sites",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
# Tables as the models have them: to go through every migration of Wagtail's takes a quarter of a minute.
MIGRATION_MODULES = _None()
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
