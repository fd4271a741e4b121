"""The server: Granian, with as many worker processes as asked, each with an application and an engine of its own."""

from __future__ import annotations

import functools
import gc
import os
import socket
import threading
import time

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from index.analysis.pipeline import load_analyzer
from search.engines import open_engine
from search.service import SearchService
from web.app import create_app
from web.config import Config, ConfigError

MAX_THREADS = 4
"""Threads of a worker process that answer requests; Python runs one at a time, the others wait for the disk."""
BACKLOG = 1024
"""Connections that wait for a thread before more are turned away."""
ENGINE = "judhur.engine"
"""Where an application keeps its engine."""
STOP_SECONDS = 5
"""What a worker has to finish its requests when the server ends."""
POLL_SECONDS = 0.05

_HANDLERS = {
    kind: {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
    for kind in ("console", "access")
}
"""Standard output is for the one line with the address; Granian by itself writes its errors there too."""


class ServeError(ConfigError):
    """The server cannot run as it was told; the text says why and what to do."""


def application() -> Flask:
    """Return the application that the environment describes, for a WSGI server of one's own choice.

    Raises:
        ConfigError: a setting cannot be used.
        EngineUnavailableError: the index cannot be opened.
    """
    return build(Config.from_environment(os.environ))


def build(config: Config) -> Flask:
    """Return the application over the index of a configuration, its engine in `extensions[ENGINE]` to be closed.

    Raises:
        EngineUnavailableError: the index cannot be opened.
    """
    engine = open_engine(config.index, cache_mb=config.cache_mb)
    app = create_app(SearchService(engine, load_analyzer(), zone=config.zone, labels=config.source_names), config)
    app.extensions[ENGINE] = engine
    gc.freeze()  # the word data stays: looking through it for garbage would hold a search up by 50 ms now and then
    return app


def run(config: Config) -> None:
    """Serve until SIGINT or SIGTERM; writes one line, the address, once it answers there.

    Raises:
        ServeError: the address is taken or not of this machine, or a worker ended by itself.
        EngineUnavailableError: the index cannot be opened.
    """
    _check_address(config)
    # Once here, so that a missing or outdated index is one clear line and not the death of every worker.
    open_engine(config.index).close()
    server = _server(config)
    server.on_startup(threading.Thread(target=_announce, args=(config,), daemon=True).start)
    try:
        # The settings travel with the loader, so the workers are given what this process was given.
        server.serve(target_loader=functools.partial(build, config), wrap_loader=False)
    except SystemExit as stopped:
        if stopped.code:
            raise ServeError("a worker process ended by itself; what it wrote says why") from stopped


def _server(config: Config) -> MPServer:
    return MPServer(
        "web.serve:application",
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=config.processes,
        blocking_threads=min(MAX_THREADS, 2 * (os.cpu_count() or 1)),
        backlog=BACKLOG,
        backpressure=BACKLOG,
        log_level=LogLevels.error,
        log_dictconfig={"handlers": _HANDLERS},
        workers_kill_timeout=STOP_SECONDS,
    )


def _announce(config: Config) -> None:
    """Wait until a worker listens, then write the address: who reads the line can follow it."""
    host = f"[{config.host}]" if ":" in config.host else config.host
    while True:
        try:
            socket.create_connection((config.host, config.port), timeout=1).close()
        except OSError:
            time.sleep(POLL_SECONDS)
        else:
            print(f"http://{host}:{config.port}/", flush=True)  # noqa: T201 - the one line
            return


def _check_address(config: Config) -> None:
    # Granian shares a port with whoever listens already (SO_REUSEPORT); two servers on one port is never meant.
    try:
        family, kind, _, _, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ServeError(
            f"cannot listen at {config.host}:{config.port}: {error.strerror or error}; "
            "set another port (--port, JUDHUR_PORT) or host (--host, JUDHUR_HOST)"
        ) from error
