# What asks a model, in a container: the same entrypoint and the same locked packages as on a runner itself. It needs no network, and nothing
# of it is written to where it runs. docs/container.md tells how it is built and run, and how large it is.
#   docker build --target cpu --tag notewright:0.1.0 .      (or cuda, or rocm)
# What pip installs is checked against the hashes of locks/; with base images named by their digests, the same image comes out again.
ARG PYTHON_IMAGE=python:3.12-slim
ARG CUDA_BUILD_IMAGE=nvidia/cuda:12.8.1-devel-ubuntu24.04
ARG CUDA_IMAGE=nvidia/cuda:12.8.1-runtime-ubuntu24.04
ARG ROCM_IMAGE=rocm/dev-ubuntu-24.04:6.4-complete

# --- packages: notewright and what it imports, for every target; all base images have the same version of Python
FROM ${PYTHON_IMAGE} AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY locks/action.txt /build/action.txt
# A mirror of the package index, or a certificate of one's own, is given as a secret. xllamacpp, llama.cpp's server for CPUs, lies apart:
# where there is a GPU, llama-cpp-python does its work.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    python3 -m venv /build/python \
 && awk '/^[^ ]/ {server = /^xllamacpp==/} server' /build/action.txt > /build/server.txt \
 && awk '/^[^ ]/ {server = /^xllamacpp==/} !server' /build/action.txt > /build/packages.txt \
 && for part in packages server; do \
      /build/python/bin/pip install --quiet --no-compile --no-deps --require-hashes --only-binary=:all: \
        --target "/opt/$part" --requirement "/build/$part.txt" || exit; \
    done \
 && mkdir /opt/notewright && mv /opt/packages /opt/notewright/packages \
 && printf '%s\n' '#!/opt/notewright/python/bin/python -I' 'from notewright.cli.main import main' 'main()' > /opt/notewright/notewright \
 && chmod 755 /opt/notewright/notewright
COPY src/notewright /build/notewright
COPY prompts /build/notewright/_prompts
COPY workflows /build/notewright/_workflows
COPY entrypoint.py /opt/notewright/entrypoint.py
# Compiled here, because nothing can be written where it runs, and without the compiled files it starts 2.5 times slower
RUN cp -R /build/notewright /opt/notewright/packages/notewright \
 && python3 -m compileall -q -f --invalidation-mode unchecked-hash /opt/notewright/packages /opt/server

# --- cpu: llama-cpp-python with kernels for every processor, and what runs
FROM ${PYTHON_IMAGE} AS cpu-engine
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends g++ && rm -rf /var/lib/apt/lists/*
COPY locks/llama-cpp.txt locks/llama-cpp-build.txt /build/
# The kernels for every kind of x86-64 (SSE 4.2, AVX2, AVX-512, AMX) or ARM, each a library: the best for the processor is loaded at run time
ARG CMAKE_ARGS="-DLLAVA_BUILD=OFF -DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON -DGGML_CPU_ALL_VARIANTS=ON -DCMAKE_INSTALL_BINDIR=llama_cpp/lib"
RUN --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    python3 -m venv /build/python \
 && export PATH="/build/python/bin:$PATH" PIP_NO_CACHE_DIR=1 CMAKE_GENERATOR=Ninja CMAKE_ARGS \
 && pip install --quiet --require-hashes --only-binary=:all: --requirement /build/llama-cpp-build.txt \
 && pip install --quiet --no-compile --no-build-isolation --require-hashes --only-binary=:all: --no-binary=llama-cpp-python \
      --target /opt/notewright/engine --requirement /build/llama-cpp.txt \
 && python3 -m compileall -q -f --invalidation-mode unchecked-hash /opt/notewright/engine
RUN rm -rf /opt/notewright/engine/bin /opt/notewright/engine/include /opt/notewright/engine/lib \
 && find /opt/notewright/engine -name tests -type d -prune -exec rm -rf {} +

# git reads the history, libgomp is llama.cpp's: their versions are the base image's to choose, for pinned here, every update of theirs would
# break the build. The second RUN fails where the packages do not fit the base image.
FROM ${PYTHON_IMAGE} AS cpu
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git libgomp1 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/aux-cache /var/log/* \
 && python3 -m venv --without-pip /opt/notewright/python \
 && printf '/opt/notewright/%s\n' packages engine server > "$(echo /opt/notewright/python/lib/python3*/site-packages)/notewright.pth"
COPY --from=packages /opt/notewright /opt/notewright
COPY --from=packages /opt/server /opt/notewright/server
COPY --from=cpu-engine /opt/notewright/engine /opt/notewright/engine
RUN ["/opt/notewright/python/bin/python", "-I", "-B", "-c", "import notewright.action.prepare, numpy, llguidance, llama_cpp, xllamacpp"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="notewright" \
      org.opencontainers.image.description="Release documents people can trust, from a repository's history, on the team's own hardware" \
      org.opencontainers.image.source="https://github.com/notewright/notewright" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      notewright.target="cpu"
# caches and scratch files go to /tmp, which a read-only container mounts
ENV HOME=/tmp
USER 10001:10001
WORKDIR /github/workspace
HEALTHCHECK --interval=5m --timeout=30s --start-period=1m CMD ["/opt/notewright/notewright", "doctor"]
ENTRYPOINT ["/opt/notewright/python/bin/python", "-I", "/opt/notewright/entrypoint.py"]

# --- cuda: NVIDIA's cards
FROM ${CUDA_BUILD_IMAGE} AS cuda-engine
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends g++ python3-venv && rm -rf /var/lib/apt/lists/*
COPY locks/llama-cpp.txt locks/llama-cpp-build.txt /build/
# The driver's own library comes from the host; the build has a stub of it
ARG CMAKE_ARGS="-DLLAVA_BUILD=OFF -DGGML_NATIVE=OFF -DGGML_CUDA=ON -DCMAKE_EXE_LINKER_FLAGS=-Wl,--allow-shlib-undefined"
RUN --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    python3 -m venv /build/python \
 && export PATH="/build/python/bin:$PATH" PIP_NO_CACHE_DIR=1 CMAKE_GENERATOR=Ninja CMAKE_ARGS \
 && pip install --quiet --require-hashes --only-binary=:all: --requirement /build/llama-cpp-build.txt \
 && pip install --quiet --no-compile --no-build-isolation --require-hashes --only-binary=:all: --no-binary=llama-cpp-python \
      --target /opt/notewright/engine --requirement /build/llama-cpp.txt \
 && python3 -m compileall -q -f --invalidation-mode unchecked-hash /opt/notewright/engine
RUN rm -rf /opt/notewright/engine/bin /opt/notewright/engine/include /opt/notewright/engine/lib \
 && find /opt/notewright/engine -name tests -type d -prune -exec rm -rf {} +

FROM ${CUDA_IMAGE} AS cuda
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git libgomp1 python3-venv \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/aux-cache /var/log/* \
 && python3 -m venv --without-pip /opt/notewright/python \
 && printf '/opt/notewright/%s\n' packages engine > "$(echo /opt/notewright/python/lib/python3*/site-packages)/notewright.pth"
COPY --from=packages /opt/notewright /opt/notewright
COPY --from=cuda-engine /opt/notewright/engine /opt/notewright/engine
RUN ["/opt/notewright/python/bin/python", "-I", "-B", "-c", "import notewright.action.prepare, numpy, llguidance"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="notewright" \
      org.opencontainers.image.description="Release documents people can trust, from a repository's history, on the team's own hardware" \
      org.opencontainers.image.source="https://github.com/notewright/notewright" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      notewright.target="cuda"
# caches and scratch files go to /tmp, which a read-only container mounts
ENV HOME=/tmp
USER 10001:10001
WORKDIR /github/workspace
HEALTHCHECK --interval=5m --timeout=30s --start-period=1m CMD ["/opt/notewright/notewright", "doctor"]
ENTRYPOINT ["/opt/notewright/python/bin/python", "-I", "/opt/notewright/entrypoint.py"]

# --- rocm: AMD's cards
FROM ${ROCM_IMAGE} AS rocm-engine
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends g++ python3-venv && rm -rf /var/lib/apt/lists/*
COPY locks/llama-cpp.txt locks/llama-cpp-build.txt /build/
ARG CMAKE_ARGS="-DLLAVA_BUILD=OFF -DGGML_NATIVE=OFF -DGGML_HIP=ON -DAMDGPU_TARGETS=gfx90a;gfx942;gfx1030;gfx1100;gfx1101;gfx1200;gfx1201"
RUN --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    python3 -m venv /build/python \
 && export PATH="/build/python/bin:$PATH" PIP_NO_CACHE_DIR=1 CMAKE_GENERATOR=Ninja CMAKE_ARGS \
 && HIPCXX="$(hipconfig -l)/clang" && HIP_PATH="$(hipconfig -R)" && export HIPCXX HIP_PATH \
 && pip install --quiet --require-hashes --only-binary=:all: --requirement /build/llama-cpp-build.txt \
 && pip install --quiet --no-compile --no-build-isolation --require-hashes --only-binary=:all: --no-binary=llama-cpp-python \
      --target /opt/notewright/engine --requirement /build/llama-cpp.txt \
 && python3 -m compileall -q -f --invalidation-mode unchecked-hash /opt/notewright/engine
RUN rm -rf /opt/notewright/engine/bin /opt/notewright/engine/include /opt/notewright/engine/lib \
 && find /opt/notewright/engine -name tests -type d -prune -exec rm -rf {} +

FROM ${ROCM_IMAGE} AS rocm
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git libgomp1 python3-venv \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/aux-cache /var/log/* \
 && python3 -m venv --without-pip /opt/notewright/python \
 && printf '/opt/notewright/%s\n' packages engine > "$(echo /opt/notewright/python/lib/python3*/site-packages)/notewright.pth"
COPY --from=packages /opt/notewright /opt/notewright
COPY --from=rocm-engine /opt/notewright/engine /opt/notewright/engine
RUN ["/opt/notewright/python/bin/python", "-I", "-B", "-c", "import notewright.action.prepare, numpy, llguidance"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="notewright" \
      org.opencontainers.image.description="Release documents people can trust, from a repository's history, on the team's own hardware" \
      org.opencontainers.image.source="https://github.com/notewright/notewright" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      notewright.target="rocm"
# caches and scratch files go to /tmp, which a read-only container mounts
ENV HOME=/tmp
USER 10001:10001
WORKDIR /github/workspace
HEALTHCHECK --interval=5m --timeout=30s --start-period=1m CMD ["/opt/notewright/notewright", "doctor"]
ENTRYPOINT ["/opt/notewright/python/bin/python", "-I", "/opt/notewright/entrypoint.py"]

# What `docker build .` makes
FROM cpu
