# syntax=docker/dockerfile:1
# Three stages: the locked wheels, the pages, and what runs.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/hub
COPY requirements.lock ./
RUN /opt/hub/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY hub ./hub
RUN /opt/hub/bin/pip install --no-build-isolation --no-deps .

FROM build AS pages
COPY requirements-web.lock ./
COPY scripts ./scripts
RUN /opt/hub/bin/pip install --require-hashes -r requirements-web.lock
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
ENV VENV=/opt/hub
RUN ../scripts/node npm ci
COPY web ./
RUN ../scripts/node npm run build

FROM python:3.11-slim-bookworm
# OpenCV's wheel links libGL and glib; the CJK font draws the labels of evidence pictures.
# No versions: Debian keeps only the newest of a release, and a pinned one soon breaks the build.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-noto-cjk libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/hub hub
COPY --from=build /opt/hub /opt/hub
COPY --from=pages /src/web/dist /usr/share/hub/pages
COPY configs /etc/hub
# By number: a host that forbids root can tell without our list of users.
USER 10001
WORKDIR /var/lib/hub
ENV PATH=/opt/hub/bin:$PATH PYTHONUNBUFFERED=1 HUB_DATA=/var/lib/hub/data HUB_CACHE=/var/lib/hub/cache \
    HUB_PAGES=/usr/share/hub/pages
VOLUME ["/var/lib/hub"]
EXPOSE 8080
# A stopped or stuck api answers nothing here; the other processes are restarted by `hub run` itself.
HEALTHCHECK --interval=15s --timeout=3s --start-period=40s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["hub"]
CMD ["run", "--config", "/etc/hub", "--host", "0.0.0.0"]
