"""The server: Granian with `Config.processes` worker processes, each with its own application and engine."""

from __future__ import annotations

import datetime as dt
import functools
import gc
import os
import resource
import socket
import threading
import time

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from index.analysis.installed import load_analyzer
from index.location import is_url
from search.admission import COSTLY_RUNNING, Admission
from search.engine import Engine, IndexInfo
from search.engines import open_engine
from search.engines.cache import usual_megabytes
from search.engines.deferred import DeferredEngine
from search.service import SearchService
from web.answers import Answers
from web.app import create_app
from web.config import Config, ConfigError
from web.site import hour
from web.supervisor import Supervisor

THREADS = 96
"""Request threads of a worker process. `search.admission` decides how many of them search; others wait for their turn
there, and the rest is free for what never waits: refusals, articles, static files and `/health`."""
CLUSTER_SEARCHES = 4
"""Expensive searches at a time where a cluster does most of the work."""
BACKLOG = 1024
"""Connections that the kernel keeps while the server is too busy to accept them."""
MAX_CONNECTIONS = 16_384
"""Connections of a worker process at a time, idle ones included: each takes about 10 kB."""
OWN_FILES = 48
"""Files that a worker process needs besides its connections."""
HEADER_SECONDS = 5
"""Time for the header of a request, the first one and each one that follows on the same connection."""
ANSWERS_SHARE = 8
"""The part of the cache that is for whole answers: about a thousand for each 15 MB, compressed."""
ENGINE = "judhur.engine"
"""Key of the engine in `Flask.extensions`."""
STOP_SECONDS = 5
"""Time in which a worker may finish its requests when the server stops."""
POLL_SECONDS = 0.05

_HANDLERS = {
    kind: {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
    for kind in ("console", "access")
}
"""Standard output is reserved for the line with the address; Granian's default also writes its errors there."""


class ServeError(ConfigError):
    """The server cannot run with these settings; the text says why and what to do."""


def application() -> Flask:
    """Return the application that the environment variables configure, for any WSGI server.

    Raises:
        ConfigError: a setting cannot be used.
        EngineUnavailableError: the index cannot be opened.
    """
    return build(Config.from_environment(os.environ))


def build(config: Config, *, patient: bool = False) -> Flask:
    """Return the application over the index of a configuration; the caller closes its engine, `extensions[ENGINE]`.

    With `patient`, an index that cannot be opened is no error here: searches answer 503 until it can be.

    Raises:
        EngineUnavailableError: the index cannot be opened.
        ServeError: the answers would take the whole cache.
    """
    cache_mb, answers_mb = cache_shares(config)
    opened = functools.partial(open_engine, config.index, cache_mb=cache_mb)
    engine = DeferredEngine(opened) if patient else opened()
    admission = Admission(CLUSTER_SEARCHES if is_url(config.index) else COSTLY_RUNNING)
    service = SearchService(engine, load_analyzer(), zone=config.zone, labels=config.names.by_id, admission=admission)
    app = create_app(service, config, admission=admission, answers=_answers(engine, answers_mb, config))
    app.extensions[ENGINE] = engine
    gc.freeze()  # the word data lives as long as the process; a full collection of it delays a search by 50 ms
    return app


def cache_shares(config: Config) -> tuple[int, int]:
    """Return the MB for the cache of the engine and for answers, which are taken from it.

    On a cluster no answers are remembered: to ask for its newest commit takes a request.

    Raises:
        ServeError: nothing would be left for the engine.
    """
    whole = config.cache_mb or usual_megabytes()
    answers = whole // ANSWERS_SHARE if config.answers_mb is None else config.answers_mb
    if is_url(config.index):
        answers = 0
    if answers >= whole:
        raise ServeError(f"JUDHUR_ANSWERS_MB={answers} takes the whole cache of {whole} MB; raise JUDHUR_CACHE_MB")
    return whole - answers, answers


def _answers(engine: Engine, megabytes: int, config: Config) -> Answers | None:
    """Return the memory for answers; None if they have no share."""
    if not megabytes:
        return None

    def state() -> tuple[IndexInfo, str]:
        with engine.searcher() as searcher:
            return searcher.info(), hour(dt.datetime.now(config.zone))

    return Answers(megabytes, state)


def run(config: Config) -> None:
    """Serve until SIGINT or SIGTERM; print one line, the address, once the server accepts connections.

    Raises:
        ServeError: the address is in use or not of this machine, the answers would take the whole cache, or a worker
            process ended unexpectedly.
        EngineUnavailableError: the index cannot be opened.
    """
    _check_address(config)
    cache_shares(config)
    # Opened once here, so that a missing or outdated index is one clear error instead of a crash of every worker.
    open_engine(config.index).close()
    load_analyzer()  # workers that are forked share it, and one that replaces another is ready sooner
    server = _server(config)
    server.on_startup(threading.Thread(target=_announce, args=(config,), daemon=True).start)
    try:
        # The loader carries the settings, so that the workers get those of this process. A worker that replaces another
        # one answers even if the index was damaged or removed meanwhile, instead of ending again and again.
        server.serve(target_loader=functools.partial(build, config, patient=True), wrap_loader=False)
    except SystemExit as stopped:
        if stopped.code:
            raise ServeError("a worker process ended unexpectedly; see its output above for the reason") from stopped


def _server(config: Config) -> Supervisor:
    return Supervisor(
        "web.serve:application",
        patience=config.watchdog_seconds,
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=config.processes,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        backpressure=_connections(),
        # without HTTP/2, which proxies do not speak to the servers behind them
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        log_level=LogLevels.error,
        log_dictconfig={"handlers": _HANDLERS},
        workers_kill_timeout=STOP_SECONDS,
    )


def _connections() -> int:
    """Return how many connections a worker process accepts at a time, after raising the limit of files for them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + OWN_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MAX_CONNECTIONS if soft == resource.RLIM_INFINITY else max(min(soft - OWN_FILES, MAX_CONNECTIONS), 1)


def _announce(config: Config) -> None:
    """Wait until a worker listens, then print the address, so that the address works as soon as it is printed."""
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
    # Granian sets SO_REUSEPORT and would share a port that is in use; two servers on one port are always a mistake.
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
