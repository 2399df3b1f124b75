# Two images: `signalbox` (the default) and, with --target mlflow, the model registry's server.
# Both install exactly what a lock names, compiled, and run as a user who owns nothing.

FROM python:3.11-slim AS base
ENV PATH=/opt/venv/bin:$PATH \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_NO_INPUT=1 \
    PIP_ROOT_USER_ACTION=ignore \
    PYTHONUNBUFFERED=1
RUN groupadd --gid 10001 signalbox \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/signalbox \
      --shell /usr/sbin/nologin signalbox \
 && install -d -o 10001 -g 10001 -m 0750 /var/lib/signalbox /etc/signalbox


FROM base AS build
WORKDIR /src
RUN python -m venv /opt/venv
COPY requirements.lock ./
RUN pip install --compile --require-hashes -r requirements.lock
# The build backend lives beside the environment, not in it: it is no part of what runs.
COPY requirements-build.lock ./
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY routing routing
COPY models models
COPY connectors connectors
COPY training training
COPY daemon daemon
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && pip install --compile --no-deps --no-index /wheels/*.whl \
 && pip uninstall --yes pip setuptools


FROM base AS mlflow-build
RUN python -m venv /opt/venv
COPY requirements-mlflow.lock ./
RUN pip install --compile --require-hashes -r requirements-mlflow.lock


FROM base AS mlflow
COPY --from=mlflow-build /opt/venv /opt/venv
USER 10001:10001
WORKDIR /var/lib/signalbox
VOLUME /var/lib/signalbox
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:5000/health', timeout=4)"]
ENTRYPOINT ["mlflow", "server", "--host", "0.0.0.0", "--port", "5000", \
  "--backend-store-uri", "sqlite:////var/lib/signalbox/mlflow.db", \
  "--artifacts-destination", "/var/lib/signalbox/artifacts"]


FROM base AS signalbox
COPY --from=build /opt/venv /opt/venv
USER 10001:10001
# Settings, rulebook and roster are looked for here; a SQLite ledger belongs into the volume.
WORKDIR /etc/signalbox
VOLUME /var/lib/signalbox
EXPOSE 8642
# Alive means that the loops turn. A CRM that is away does not make the daemon ill.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8642/livez', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["signalbox"]
CMD ["run"]
