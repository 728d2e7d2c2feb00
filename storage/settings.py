"""What an installation is told: environment variables ``DENGBAO_*``, or the same in a file ``.env``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

Port = Annotated[int, Field(ge=1, le=65535)]


class SetupError(Exception):
    """The platform cannot start as it was told to; the message is one line that says what to do."""


class Settings(BaseSettings):
    """Every setting of the platform; without a database or an object store the embedded ones are used."""

    model_config = SettingsConfigDict(env_prefix="DENGBAO_", env_file=".env", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: Port = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    data_dir: Path = Path(".dengbao")
    database_url: str | None = None
    migration_database_url: str | None = None
    database_pool_size: Annotated[int, Field(ge=1, le=200)] = 10
    # "transaction" for a database_url that is a pooler in transaction mode; the direct one then is the server itself.
    database_pooling: Literal["session", "transaction"] = "session"
    database_direct_url: str | None = None
    s3_endpoint: str | None = None
    s3_access_key: str | None = None
    s3_secret_key: str | None = None
    s3_bucket: str = "dengbao"
    s3_region: str = "us-east-1"
    token_key: str | None = None
    # Signs the checkpoints of the audit trail; whoever checks them needs the public half (`dengbao audit key`).
    audit_key: str | None = None
    # Public keys, with commas between, of deployments from which cities were restored.
    audit_trusted_keys: str = ""
    # Whether a serving process does background work too; `dengbao work` does nothing else.
    work: bool = True
    # After how many seconds without a sign of life a worker's jobs are given to others.
    job_lease_seconds: Annotated[float, Field(ge=1, le=3600)] = 30
    # Without a mail server nobody is written to; ``public_url`` is where people sign in, and verify papers.
    smtp_url: str | None = None
    mail_from: str | None = None
    public_url: str | None = None
    # ClamAV's clamd, as host:port or the path of its socket; without it nothing is scanned.
    clamd: str | None = None
    # A TOML file that declares identity providers (docs/AUTHORIZATION.md).
    identity_providers: Path | None = None
    # A TOML file that declares mailboxes that packages are collected from (docs/PACKAGE.md); without it none are.
    mailboxes: Path | None = None
    # How long one subscription may last before its client has to subscribe again.
    stream_seconds: Annotated[float, Field(ge=1, le=86_400)] = 3600
    graphiql: bool = False
    # Whether those who are signed in may read the schema; `dengbao up` has it on unless it is set.
    introspection: bool = False
    # Origins of pages that may call the API from browsers, with commas between; none: no page but our own.
    cors_origins: str = ""
    # Requests a minute, for each worker: of an account, of an address without one, and questions about letters of
    # an address; 0: no limit.
    rate_per_account: Annotated[int, Field(ge=0)] = 6000
    rate_per_address: Annotated[int, Field(ge=0)] = 3000
    rate_verify_letter: Annotated[int, Field(ge=0)] = 60
    # Hosts of our own network that the platform may call (an identity provider), with commas between.
    outgoing_inside: str = ""
    # Proxies whose X-Forwarded-For is believed: addresses, or * where nobody else can reach the port.
    trusted_proxies: str = "127.0.0.1"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"


def read_settings() -> Settings:
    """The settings of this process.

    Raises: SetupError, naming every setting that is wrong or lacks its companions.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(f"DENGBAO_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SetupError(f"Wrong settings: {wrong}. Correct them in the environment or in .env.") from None
    store = {
        "DENGBAO_S3_ENDPOINT": settings.s3_endpoint,
        "DENGBAO_S3_ACCESS_KEY": settings.s3_access_key,
        "DENGBAO_S3_SECRET_KEY": settings.s3_secret_key,
    }
    absent = [name for name, value in store.items() if not value]
    if absent and len(absent) < len(store):
        raise SetupError(f"An object store is half named. Set {', '.join(absent)} too, or none of {', '.join(store)}.")
    return settings
