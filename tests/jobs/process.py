"""A worker in a process of its own, with the tests' tasks."""

import asyncio

from api.jobs.process import work
from storage.settings import read_settings
from tests.jobs.tasks import TASKS

if __name__ == "__main__":
    asyncio.run(work(read_settings(), TASKS))
