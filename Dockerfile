FROM python:3.11-slim-bookworm
WORKDIR /app
RUN useradd --system --home /app --shell /usr/sbin/nologin dengbao
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY api api
COPY authz authz
COPY clients clients
COPY domain domain
COPY migrations migrations
COPY storage storage
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
USER dengbao
EXPOSE 8000
CMD ["dengbao", "serve"]
