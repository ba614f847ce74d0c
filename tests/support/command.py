"""A command run in the test's own process: for those that need neither a store nor the model."""

import asyncio
import os
from typing import Any

import structlog
from typer.testing import CliRunner

from tests.support.daemon import Ended
from tocsin.cli.main import app


async def command(*arguments: str, given: bytes = b"", **env: str) -> Ended:
    """Run `tocsin ARGUMENTS` with only these TOCSIN_ variables, while the servers of the test go on."""
    ours = dict.fromkeys(name for name in os.environ if name.startswith("TOCSIN_"))
    try:
        result: Any = await asyncio.to_thread(CliRunner().invoke, app, arguments, input=given, env={**ours, **env})
    finally:
        structlog.reset_defaults()
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(code=result.exit_code, out=result.stdout, err=result.stderr)
