"""The command `judhur serve`."""

from __future__ import annotations

import os

import click

from web.cli.command import FAILED, chosen_config, complain, index_option
from web.config import MAX_PORT, MAX_PROCESSES


@click.command("serve")
@click.option(
    "--port", type=click.IntRange(1, MAX_PORT), metavar="N", help="Port to listen on (default: JUDHUR_PORT, else 8000)."
)
@click.option("--host", metavar="ADDRESS", help="Address to listen on (default: JUDHUR_HOST, else 127.0.0.1).")
@click.option(
    "--processes",
    type=click.IntRange(1, MAX_PROCESSES),
    metavar="N",
    help="Processes that answer (default: JUDHUR_PROCESSES, else one for each processor).",
)
@index_option
def serve_command(**options: str | int | None) -> int:
    """Serve the page and the JSON API."""
    from web.serve import ServeError
    from web.serve import run as run_server

    if os.geteuid() == 0:
        complain(
            "warning: the server runs as root; give it a user of its own, who may read the index "
            "(docs/how-to/run-as-a-service.md)"
        )
    given = {f"JUDHUR_{name.upper()}": str(value) for name, value in options.items() if value is not None}
    try:
        run_server(chosen_config(given))
    except ServeError as error:
        complain(error)
        return FAILED
    return 0
