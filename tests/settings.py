"""The studio's settings for tests: nothing of this machine's environment, keys or data is used."""

import atexit
import os
import shutil
import tempfile

from tests.environment import BLANK

_data = tempfile.mkdtemp(prefix="hedra-studio-tests-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)

# A developer's own settings must not reach the tests, least of all a key that costs money.
os.environ |= BLANK
os.environ["STUDIO_DATA_DIR"] = _data
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")

from hedra_studio.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]  # noqa: F405 (the name Django's test client uses)
HOOX_KEY = ""  # one service, unless a test connects the other
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if not os.environ["DATABASE_URL"]:
    # A file, as people have it: tables shared in memory are refused at once to whoever comes second, and the
    # pages of a browser come whenever they like.
    DATABASES["default"]["TEST"] = {"NAME": f"{_data}/test.sqlite3"}  # noqa: F405
# Found in place: no collectstatic before a test run.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# Tasks are kept and never run by themselves: a test takes the steps it means to take.
HUEY = {"huey_class": "huey.MemoryHuey", "name": "tests", "immediate": False}
