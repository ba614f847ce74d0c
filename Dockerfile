# Tocsin's image: a CPU build of torch and the verified model baked in, non-root, fit for a read-only root filesystem.
#
#   docker build -t tocsin .
#   buildah bud --format docker -t tocsin .            # `docker` format, since OCI images know no HEALTHCHECK
#
# Without an engine or a registry: deploy/build-without-engine.sh.
# A private package index or certificate: --secret id=pip.conf,src=... --secret id=ca.crt,src=... (never in a layer).

# Any image with Debian 12 or newer; Python is added where the base has none.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS python
RUN python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
 || (apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends python3 python3-venv ca-certificates \
  && rm -rf /var/lib/apt/lists/*)

# What must be installed, apart from the rest of pyproject.toml, so that a new lint rule doesn't reinstall torch.
FROM python AS requirements
COPY pyproject.toml /
RUN python3 -c 'import tomllib; print("\n".join(tomllib.load(open("/pyproject.toml", "rb"))["project"]["dependencies"]))' \
      > /requirements.txt \
 && grep '^torch==' /requirements.txt > /torch.txt

FROM python AS build
# pip stands beside the environment, not in it: the image ships none.
RUN python3 -m venv /opt/pip && python3 -m venv --without-pip /opt/tocsin
ENV PIP_PYTHON=/opt/tocsin/bin/python PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 \
    PIP_ROOT_USER_ACTION=ignore

# PyPI's torch brings gigabytes of CUDA; this index has the CPU build. Empty: your own index has it.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY --from=requirements /torch.txt /src/
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    /opt/pip/bin/pip install ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} --requirement /src/torch.txt \
 && cd /opt/tocsin/lib/python3*/site-packages/torch \
 && rm -rf include test share && find bin -type f ! -name torch_shm_manager -delete

COPY --from=requirements /requirements.txt /src/
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    /opt/pip/bin/pip install --requirement /src/requirements.txt \
 && cd /opt/tocsin/lib/python3*/site-packages \
 && find numpy scipy sklearn sympy networkx -type d -name tests -prune -exec rm -rf {} + \
 && if find /opt/tocsin -name 'libcudart*' -o -name 'nvidia' -type d | grep .; then \
      echo 'This torch brings CUDA: set the build argument TORCH_INDEX to an index with the CPU build.' >&2; exit 1; fi

COPY pyproject.toml README.md LICENSE /src/
COPY daemon /src/daemon
COPY rules /src/rules
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    /opt/pip/bin/pip install --no-deps /src

FROM python
LABEL org.opencontainers.image.title="Tocsin" \
      org.opencontainers.image.description="Watches the news for the companies you depend on and compete with, and rings once in Slack." \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 tocsin \
 && useradd --no-log-init --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin tocsin \
 && install --directory --owner 10001 --group 10001 --mode 0750 /data
COPY --from=build /opt/tocsin /opt/tocsin
COPY rules /etc/tocsin/rules

# Nothing is written outside /data and /tmp; nothing is fetched but feeds.
ENV PATH=/opt/tocsin/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 HF_HUB_DISABLE_TELEMETRY=1 HF_HOME=/tmp/huggingface \
    TORCHINDUCTOR_CACHE_DIR=/tmp/torch TOKENIZERS_PARALLELISM=false \
    TOCSIN_DATA=/data TOCSIN_RULES=/etc/tocsin/rules TOCSIN_HTTP_LISTEN=0.0.0.0:9464
USER 10001:10001
WORKDIR /data
# Proved as it will run: the model is the verified one and reads a sentence, the shipped rules are good.
RUN python -c "from tocsin.infra.encoder import DEFAULT_MODEL, load; print(load(DEFAULT_MODEL).encode(['It rings.']).shape)" \
 && tocsin check \
 && rm -rf /tmp/*
VOLUME /data
EXPOSE 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=90s --retries=3 CMD ["tocsin", "health"]
ENTRYPOINT ["tocsin"]
CMD ["run"]
