"""The intake server: takes payments while the back office bills, closes months, is maintained or restarts.

An ASGI application of its own process: it needs PostgreSQL and nothing else. The tenders of all calls that wait at a moment are
kept in one statement and one commit; a call is answered after its commit, never before.

``gunicorn --worker-class app.api.workers.IntakeWorker app.api.server:application``, with ``DATABASE_INTAKE_URL``,
a login that is a member of ``pcb_worker`` and of nothing else, or with ``DATABASE_URL``.
"""

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from psycopg.types.array import ListBinaryDumper
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

import config
from app import clock
from app.api import channels
from app.api.intake import (
    ContractTerms,
    DailyBatch,
    IntakeAnswer,
    IntakeEffect,
    IntakeRequest,
    StoreTender,
    Unavailable,
    map_db_errors,
)
from app.api.tries import FailedKeyLimiter
from app.domain.payments import UnkeptCall
from app.domain.payments.channels import Channel
from app.services import payments as service
from app.services.payments import TenderRequest, TenderResult

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

#: Tenders of one statement at most.
LARGEST_BATCH = 128
#: How old contracts and parameters may be, and how long a call waits to be written into the log, in seconds.
TERMS_S, LOG_S = 2.0, 0.05
_log = logging.getLogger("app.intake")


class Intake:
    """What a process has: connections, the batch that is gathering, and what it remembers of contracts and controls."""

    def __init__(self, database_url: str, proxies: int) -> None:
        self._engine, self._proxies = _engine(database_url), proxies
        # One thread writes batches, so that while one is committed the next one gathers; others do single things.
        self._writer, self._others = ThreadPoolExecutor(1), ThreadPoolExecutor(6)
        self._gathering: list[tuple[TenderRequest, asyncio.Future[TenderResult]]] = []
        self._is_writing = False
        self._terms: ContractTerms | None = None
        self._controls: dict[tuple[int, date], int] = {}
        self._calls: list[service.CallRecord] = []
        self._unkept: Counter[tuple[Channel, UnkeptCall]] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._tries = FailedKeyLimiter()

    def begin(self) -> None:
        """Look after contracts and the log of calls from now on."""
        for task in (self._refresh_for_ever(), self._log_for_ever()):
            self._tasks.add(asyncio.get_running_loop().create_task(task))

    async def end(self) -> None:
        """Write what is not written yet, and let go."""
        for task in self._tasks:
            task.cancel()
        await self._write_log()
        self._engine.dispose()

    async def answer(self, path: str, called: IntakeRequest) -> IntakeAnswer:
        """Answer a provider, or with 404 whom nobody answers."""
        found = channels.found(path)
        if found is None:
            return IntakeAnswer(b'{"error":"not found"}', 404)
        called = called._replace(tail=found.tail)
        try:
            answer = await self._answered(called, found)
        except Unavailable:
            return channels.NOT_NOW
        heard = channels.heard(found.channel, called, answer, self._tries)
        if heard.call:
            self._calls.append(heard.call)
        elif heard.unkept:
            self._unkept[found.channel, heard.unkept] += 1
        return heard.answer

    async def _answered(self, called: IntakeRequest, found: channels.StoredAnswer) -> IntakeAnswer:
        steps = found.handler(called, self._terms or await self._refreshed())
        given: Any = None
        error: Exception | None = None
        while not isinstance(effect := channels.step(steps, given, error), IntakeAnswer):
            given, error = None, None
            try:
                given = await self._done(effect, called)
            except Exception as raised:  # noqa: BLE001 - the handler gets it, and lets go of what is not its own
                error = raised
        return effect

    async def _done(self, effect: IntakeEffect, called: IntakeRequest) -> Any:
        if isinstance(effect, StoreTender):
            return await self._taken(effect.asked)
        if isinstance(effect, DailyBatch):
            key = (effect.contract_id, effect.day)
            if key not in self._controls:
                self._controls[key] = await self._apart(lambda session: channels.done(session, effect, called))
            return self._controls[key]
        return await self._apart(effect.work)

    async def _taken(self, asked: TenderRequest) -> TenderResult:
        """Put a tender among those that gather, and wait until they are committed."""
        future: asyncio.Future[TenderResult] = asyncio.get_running_loop().create_future()
        self._gathering.append((asked, future))
        if not self._is_writing:
            self._is_writing = True
            self._start_task(self._write_batches())
        with map_db_errors():
            return await future

    async def _write_batches(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._gathering:
                batch, self._gathering = self._gathering[:LARGEST_BATCH], self._gathering[LARGEST_BATCH:]
                results = await loop.run_in_executor(self._writer, self._take, [asked for asked, _ in batch])
                for (_, future), result in zip(batch, results, strict=True):
                    if future.done():
                        continue
                    if isinstance(result, Exception):
                        future.set_exception(result)
                    else:
                        future.set_result(result)
        finally:
            self._is_writing = False

    def _take(self, asked: Sequence[TenderRequest]) -> Sequence[TenderResult | Exception]:
        """Keep tenders in one statement; if the database refuses them, each alone, so that one does not spoil the others."""
        try:
            return self._take_together(asked)
        except (IntegrityError, DataError) as error:
            return [error] if len(asked) == 1 else [result for one in asked for result in self._take([one])]
        except Exception as error:  # noqa: BLE001 - each call gets it and answers that something went wrong; none is left waiting
            return [error for _ in asked]

    def _take_together(self, asked: Sequence[TenderRequest]) -> Sequence[TenderResult]:
        now = clock.now()
        with self._engine.connect() as connection, Session(connection) as session:
            return service.accept(session, asked, now_ms=clock.ms(now), today=clock.day(now))

    async def _apart(self, work: Callable[[Session], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._others, self._in_transaction, work)

    def _in_transaction(self, work: Callable[[Session], Any]) -> Any:
        with map_db_errors(), self._engine.connect() as connection:
            connected = connection.execution_options(isolation_level="READ COMMITTED")
            with Session(connected) as session, session.begin():
                return work(session)

    async def _refreshed(self) -> ContractTerms:
        self._terms = await self._apart(lambda session: channels.terms(session, clock.today()))
        return self._terms

    async def _refresh_for_ever(self) -> None:
        while True:
            try:
                await self._refreshed()
            except (DBAPIError, Unavailable) as error:
                _log.warning("contracts are not read anew: %s", error.__cause__ or error)
            await asyncio.sleep(TERMS_S)

    async def _log_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LOG_S)
            await self._write_log()

    async def _write_log(self) -> None:
        calls, self._calls = self._calls, []
        unkept, self._unkept = self._unkept, Counter()
        if not calls and not unkept:
            return

        def write(session: Session) -> None:
            service.log_calls(session, calls)
            service.count_calls(session, unkept, day=clock.today())

        try:
            await self._apart(write)
        except (DBAPIError, Unavailable) as error:
            _log.warning("%s calls are not in the log: %s", len(calls), error)

    def _start_task(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def address(self, scope: dict[str, Any], headers: dict[str, str]) -> str:
        """Return who calls, through as many trusted proxies as the operator has."""
        chain = [each.strip() for each in headers.get("x-forwarded-for", "").split(",") if each.strip()]
        if self._proxies and len(chain) >= self._proxies:
            return chain[-self._proxies][:64]
        return str((scope.get("client") or ("",))[0])


class Application:
    """The ASGI application: the life of the process, and calls."""

    def __init__(self) -> None:
        self._intake: Intake | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve a connection, or the life of the process."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            answer = await self._http(scope, receive)
            named = [(b"content-type", answer.media_type.encode())]
            await send({"type": "http.response.start", "status": answer.status, "headers": named})
            await send({"type": "http.response.body", "body": answer.body})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            given = config.read()
        except config.WrongSetting as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        self._intake = Intake(config.database_url(given.database_intake_url or given.database_url), given.trusted_proxies)
        self._intake.begin()
        _spare_collector()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._intake.end()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: dict[str, Any], receive: Receive) -> IntakeAnswer:
        assert self._intake is not None
        path = str(scope["path"])
        if path == "/healthz":
            return IntakeAnswer(b'{"status":"ok"}')
        if not path.startswith("/api/"):
            return IntakeAnswer(b'{"error":"not found"}', 404)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        called = IntakeRequest(
            str(scope["method"]), "", headers, (await receive())["body"], self._intake.address(scope, headers), clock.now()
        )
        return await self._intake.answer(path.removeprefix("/api/"), called)


application = Application()


def _spare_collector() -> None:
    """Leave what was loaded out of the garbage collector: looking through it stops a worker for 0.1 s every few seconds."""
    gc.collect()
    gc.freeze()


def _engine(url: str) -> Engine:
    """Return connections of the workers' role, each statement a transaction of its own where nothing else is asked for."""
    engine = create_engine(url, pool_size=8, max_overflow=0, pool_pre_ping=False, isolation_level="AUTOCOMMIT", hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _take_role(connection: Any, _record: Any) -> None:
        # As texts, arrays of the log of calls take a sixth of a worker's time.
        connection.adapters.register_dumper(list, ListBinaryDumper)
        connection.execute("SET ROLE pcb_worker")
        connection.execute("SELECT set_config('app.actor', 'intake', false)")
        connection.commit()

    return engine
