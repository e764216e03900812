# The service in a container: built from hashes alone, run by an unprivileged user, fit for a read-only root.
# Both stages stand on one image, by its digest; raise tag and digest together.
FROM python:3.13-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8 AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY locks/service.lock locks/build.lock ./
RUN python -m venv --without-pip /opt/gate \
    && python -m pip --python /opt/gate/bin/python install --require-hashes --only-binary :all: -r service.lock \
    && python -m pip install --require-hashes --only-binary :all: -r build.lock
COPY pyproject.toml README.md ./
COPY gate ./gate
COPY migrations ./migrations
COPY policies ./policies
RUN python -m pip wheel --no-index --no-deps --no-build-isolation --wheel-dir wheels . \
    && python -m pip --python /opt/gate/bin/python install --no-index --no-deps wheels/*.whl

FROM python:3.13-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8
LABEL org.opencontainers.image.title="Sign-off gate" \
      org.opencontainers.image.description="A change-management sign-off gate: owners, rollback, tickets, evidence." \
      org.opencontainers.image.base.name="docker.io/library/python:3.13-slim-bookworm"
# Nothing is written but below /data (the database, where it is a file) and /tmp, which may be memory.
ENV PATH=/opt/gate/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONSAFEPATH=1 GATE_LOG_FORMAT=json
COPY --from=build /opt/gate /opt/gate
RUN install -d -o 10001 -g 10001 -m 0700 /data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["gate"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
