# One image for every process of the studio. Without a command it runs all of them; on several machines
# `prepare`, `serve` and `run_worker` are started apart: see docs/deploy.md and compose.yaml.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/studio

# What `backup` and `restore` of a PostgreSQL database use; its version has to be the server's or a newer one.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*

COPY requirements.txt .
RUN pip install -r requirements.txt

COPY . .
ENV STUDIO_DATA_DIR=/data
# The static files are in the image; the queue's file that any command makes is not, and neither is a key.
RUN python -m compileall -q . \
 && SECRET_KEY=used-by-this-step-alone-and-kept-nowhere python manage.py prepare --static \
 && rm -f /data/queue.sqlite3* \
 && useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin studio \
 && chown -R studio:studio /data

USER studio
ENV STUDIO_HOST=0.0.0.0 STUDIO_PORT=8000
EXPOSE 8000
VOLUME /data

# The pages answer to the names in ALLOWED_HOSTS only, so the check asks by the first of them.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["python", "-c", "\
import os, urllib.request as web; \
name = os.environ['ALLOWED_HOSTS'].split(',')[0].strip().lstrip('.').replace('*', 'localhost'); \
web.urlopen(web.Request(f\"http://127.0.0.1:{os.environ['STUDIO_PORT']}/healthz\", headers={'Host': name}), timeout=4)"]

ENTRYPOINT ["python", "manage.py"]
CMD ["studio"]
