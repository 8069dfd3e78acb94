# The action's steps in a container: the same entrypoint and the same locked packages as on a runner itself.
#   docker build --tag notewright .
#   docker run --rm --read-only --cap-drop ALL --network none --tmpfs /tmp --volume "$PWD:/github/workspace" … notewright prepare
ARG PYTHON_IMAGE=python:3.12-slim

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY locks/action.txt /build/action.txt
# Everything is checked against the lock's hashes, and nothing is built. pip does its work and goes.
RUN python -m venv /opt/notewright/python \
 && /opt/notewright/python/bin/python -m pip install --quiet --no-compile --require-hashes --only-binary=:all: \
      --requirement /build/action.txt \
 && /opt/notewright/python/bin/python -m pip uninstall --quiet --yes pip
COPY src/notewright /build/notewright
COPY prompts /build/notewright/_prompts
COPY workflows /build/notewright/_workflows
COPY entrypoint.py /opt/notewright/entrypoint.py
# Compiled here, because nothing can be written where it runs, and without the compiled files it starts 2.5 times slower.
RUN packages="$(/opt/notewright/python/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
 && cp -R /build/notewright "$packages/notewright" \
 && /opt/notewright/python/bin/python -m compileall -q -f --invalidation-mode unchecked-hash "$packages"

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="notewright" \
      org.opencontainers.image.description="Release documents people can trust, from a repository's history, on the team's own hardware" \
      org.opencontainers.image.source="https://github.com/notewright/notewright" \
      org.opencontainers.image.licenses="Apache-2.0"
# git reads the history. Its version is the base image's to choose: pinned here, every update of Debian would break the build.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/notewright /opt/notewright
# Nothing of the image has to be written: caches and scratch files go to /tmp, which a read-only container mounts.
ENV HOME=/tmp
USER 10001:10001
WORKDIR /github/workspace
ENTRYPOINT ["/opt/notewright/python/bin/python", "-I", "/opt/notewright/entrypoint.py"]
