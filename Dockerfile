# Two stages: the first makes the virtual environment from the hash lock, the second runs it.
# Debian, not Alpine: mitmproxy's native parts are published for glibc only.
FROM python:3.13-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /app/.venv \
    && /app/.venv/bin/pip install --require-hashes -r requirements.lock \
    && /app/.venv/bin/pip uninstall -y pip


FROM python:3.13-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends nginx-light tzdata \
    && rm -rf /var/lib/apt/lists/* /etc/nginx/sites-enabled/default \
    && groupadd --gid 10001 mirror \
    && useradd --uid 10001 --gid mirror --home-dir /app --shell /usr/sbin/nologin mirror \
    && install -d -o mirror -g mirror -m 0700 /app/.cache_data

WORKDIR /app
COPY --from=build /app/.venv /app/.venv
COPY . .
RUN python -m compileall -q -x '/\.venv/' /app

# All interfaces inside the container; which of them the world sees is up to `docker run -p`.
# Publish 8081 (admin pages) on the host's 127.0.0.1 only.
ENV BIND=0.0.0.0 \
    PORT=8080 \
    ADMIN_BIND=0.0.0.0:8081 \
    DATA_DIR=/app/.cache_data \
    PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

VOLUME /app/.cache_data
EXPOSE 8080 8081
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "/app/serve.py", "health"]

# It starts as root only to hand a root-owned volume to uid 10001, then drops root for good.
# `docker run --user 10001` skips that and works too.
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
CMD ["serve"]
