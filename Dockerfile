# Two stages: the packages are installed, with their hashes checked, where the tools to install them are.
FROM python:3.11-slim AS packages

RUN python -m venv /opt/venv
COPY requirements/run.lock /tmp/run.lock
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: --no-deps --requirement /tmp/run.lock


FROM python:3.11-slim

RUN useradd --uid 10001 --no-log-init --no-create-home --shell /usr/sbin/nologin carnet \
    && install --directory --owner carnet --group carnet --mode 0700 /var/lib/carnet
COPY --from=packages /opt/venv /opt/venv
COPY alembic.ini /opt/carnet/
COPY alembic /opt/carnet/alembic
COPY app /opt/carnet/app
COPY scripts/ready /opt/carnet/scripts/ready
# `carnet` in the container is the command line of this code, as .venv/bin/carnet is in a checkout.
RUN printf '/opt/carnet\n' >"$(/opt/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/carnet.pth" \
    && printf '#!/bin/sh\nexec /opt/venv/bin/python -P -m app.cli "$@"\n' >/opt/venv/bin/carnet \
    && chmod 755 /opt/venv/bin/carnet \
    && /opt/venv/bin/python -m compileall -q /opt/carnet/app

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CARNET_DATA=/var/lib/carnet \
    CARNET_HOST=0.0.0.0 \
    CARNET_PORT=8080
USER carnet
WORKDIR /var/lib/carnet
VOLUME /var/lib/carnet
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD python /opt/carnet/scripts/ready "http://127.0.0.1:$CARNET_PORT/health/live"
ENTRYPOINT ["carnet"]
CMD ["serve"]
