"""The command ``dengbao``."""

from api.cli.main import main

__all__ = ["main"]
