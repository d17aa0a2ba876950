# Two stages: the first resolves the lock into an environment, the second carries only what runs.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY tools/uv.txt tools/uv.txt
RUN python3.11 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir --require-hashes -r tools/uv.txt
COPY pyproject.toml uv.lock README.md LICENSE ./
ENV UV_PROJECT_ENVIRONMENT=/opt/ca-bridge UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1
RUN /opt/uv/bin/uv sync --frozen --no-default-groups --no-install-project --no-cache
COPY ca_bridge ca_bridge
COPY hsm hsm
COPY policies policies
RUN /opt/uv/bin/uv sync --frozen --no-default-groups --no-editable --no-cache

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="ca-bridge" org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin ca-bridge \
    && install -d -o ca-bridge -g ca-bridge /var/lib/ca-bridge
COPY --from=build /opt/ca-bridge /opt/ca-bridge
COPY policies /etc/ca-bridge/policies
ENV PATH=/opt/ca-bridge/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CA_BRIDGE_POLICIES=/etc/ca-bridge/policies \
    CA_BRIDGE_ANCHORS=/var/lib/ca-bridge/anchors \
    CA_BRIDGE_DATABASE=sqlite:////var/lib/ca-bridge/releases.db \
    CA_BRIDGE_HOST=0.0.0.0 \
    CA_BRIDGE_PORT=8080
USER 10001:10001
WORKDIR /var/lib/ca-bridge
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=10s --start-period=5s --retries=3 \
    CMD ["ca-bridge", "doctor", "--live"]
ENTRYPOINT ["ca-bridge"]
CMD ["serve"]
