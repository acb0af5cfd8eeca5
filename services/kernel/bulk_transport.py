"""Megabytes between the services: plain blocking connections in threads, behind the client that makes all other calls.

An asynchronous client takes an answer apart into pieces of 64 KiB, each of which passes through five layers of Python
before they are joined again; that was a fifth of what the exchange did during a push. The standard library reads an
announced body in one go, straight into its place, while other threads go on.
"""

import select
import socket
import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final

import anyio.to_thread
import httpx
from anyio import CapacityLimiter

CALLS_AT_ONCE: Final = 16
"""Bulk calls come from the workers, of which there are few; they wait in threads of their own."""


class BulkTransport(httpx.AsyncBaseTransport):
    """Carries whole requests and answers to one other service over kept connections."""

    def __init__(self) -> None:
        self._idle: list[HTTPConnection] = []
        self._is_closed = False
        self._lock = threading.Lock()
        self._limiter: CapacityLimiter | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to one request, read to its end.

        Raises:
            httpx.TransportError: the other side could not be reached, or did not answer in time.
        """
        self._limiter = self._limiter or CapacityLimiter(CALLS_AT_ONCE)
        call = _Call(self, request, await request.aread())
        try:
            return await anyio.to_thread.run_sync(call.make, abandon_on_cancel=True, limiter=self._limiter)
        except BaseException:
            call.break_off()
            raise

    async def aclose(self) -> None:
        """Give back the connections."""
        with self._lock:
            self._is_closed = True
        for connection in self._idle:
            connection.close()

    def take(self, url: httpx.URL, timeout: float | None) -> HTTPConnection:
        """A connection that rests, or a new one that is still to be opened."""
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                if not _is_over(connection.sock):
                    return connection
                connection.close()
        if url.scheme == "https":
            trusted = httpx.create_ssl_context(trust_env=False)
            return HTTPSConnection(url.host, url.port, timeout=timeout, context=trusted)
        return HTTPConnection(url.host, url.port, timeout=timeout)

    def give_back(self, connection: HTTPConnection) -> None:
        """Keep a connection for the next call, if it is still open."""
        with self._lock:
            if self._is_closed:
                connection.close()
            elif connection.sock is not None:
                self._idle.append(connection)


def _is_over(sock: socket.socket) -> bool:
    """Whether the other side has ended a connection that rests: there is something to read, its end."""
    ready = select.poll()
    ready.register(sock, select.POLLIN)
    return bool(ready.poll(0))


class _Call:
    """One request and its answer; the thread that makes it may be abandoned."""

    def __init__(self, transport: BulkTransport, request: httpx.Request, content: bytes) -> None:
        self._transport, self._request, self._content = transport, request, content
        self._timeouts = request.extensions.get("timeout", {})
        self._connection: HTTPConnection | None = None
        self._lock = threading.Lock()

    def make(self) -> httpx.Response:
        connection = self._transport.take(self._request.url, self._timeouts.get("connect"))
        try:
            answer = self._answer(connection)
        except BaseException:
            with self._lock:
                self._connection = None
            connection.close()
            raise
        with self._lock:
            self._connection = None
        self._transport.give_back(connection)
        return answer

    def break_off(self) -> None:
        """End the connection that a thread still uses: it finds the end there, and closes what is its own."""
        with self._lock:
            if self._connection is not None:
                with suppress(OSError):
                    self._connection.sock.shutdown(socket.SHUT_RDWR)

    def _answer(self, connection: HTTPConnection) -> httpx.Response:
        request = self._request
        try:
            if connection.sock is None:
                connection.connect()
        except TimeoutError as failure:
            raise httpx.ConnectTimeout(str(failure), request=request) from failure
        except OSError as failure:
            raise httpx.ConnectError(str(failure), request=request) from failure
        with self._lock:
            self._connection = connection
        try:
            connection.sock.settimeout(self._timeouts.get("read"))
            path = request.url.raw_path.decode("ascii")
            connection.putrequest(request.method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.raw:
                connection.putheader(name.decode("ascii"), value)
            connection.endheaders(self._content or None)
            answer = connection.getresponse()
            body = answer.read()
        except TimeoutError as failure:
            raise httpx.ReadTimeout(str(failure), request=request) from failure
        except OSError as failure:
            raise httpx.ReadError(str(failure), request=request) from failure
        except HTTPException as failure:
            raise httpx.RemoteProtocolError(str(failure), request=request) from failure
        return httpx.Response(answer.status, headers=answer.getheaders(), stream=httpx.ByteStream(body))
