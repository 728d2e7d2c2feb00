"""A wrong setting is named, together with all other wrong ones, in one line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage.settings import SetupError, read_settings


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DENGBAO_")]:
        monkeypatch.delenv(name)


def test_without_any_setting_the_embedded_default_serves_on_loopback() -> None:
    settings = read_settings()
    assert (settings.host, settings.port, settings.database_url, settings.s3_endpoint) == (
        "127.0.0.1",
        8000,
        None,
        None,
    )


def test_all_wrong_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DENGBAO_PORT", "70000")
    monkeypatch.setenv("DENGBAO_LOG_LEVEL", "loud")
    with pytest.raises(SetupError, match=r"DENGBAO_PORT.*DENGBAO_LOG_LEVEL") as refused:
        read_settings()
    assert "\n" not in str(refused.value)


def test_an_object_store_is_named_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DENGBAO_S3_ENDPOINT", "http://127.0.0.1:9000")
    with pytest.raises(SetupError, match="Set DENGBAO_S3_ACCESS_KEY, DENGBAO_S3_SECRET_KEY too"):
        read_settings()
