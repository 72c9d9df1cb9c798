"""The bytes of an HTTP request as they arrive: whether a thread would still have to wait for the rest."""

import re
from enum import Enum

#: Seconds until the headers must be there, and until the body must be; a body may take longer if it keeps this many bytes a second.
HEADERS_S, BODY_S, BYTES_A_SECOND = 10.0, 20.0, 10_000
#: Bytes of a request that are gathered at most; the application takes a little less.
LARGEST_REQUEST = 33 * 1024 * 1024
_LARGEST_HEADERS = 100 * 8190 + 4096
#: Bytes of the line before a chunk; gunicorn refuses longer ones without reading on.
_LARGEST_LINE = 8192
_LINE_END, _END = b"\r\n", b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:([^\r\n]*)\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
_SIZE = re.compile(rb"[0-9a-fA-F]{1,8}(?=[ \t]*(;|$))")


class Arrival(Enum):
    """How much of a request is there."""

    PART = "PART"
    #: all of it, or so much that the server refuses it without reading on
    WHOLE = "WHOLE"
    #: more than is taken
    TOO_LONG = "TOO_LONG"
    #: with a length that is no plain number
    MALFORMED = "MALFORMED"


class Gathering:
    """The bytes of a request that have arrived so far."""

    def __init__(self, now: float) -> None:
        self.data = bytearray()
        self._begun = now
        self._headers = -1
        #: where the line before the next chunk begins
        self._chunk = 0

    def add(self, block: bytes) -> None:
        """Take in what arrived."""
        searched = max(0, len(self.data) - len(_END))
        self.data += block
        if self._headers < 0:
            self._headers = self.data.find(_END, searched)
            self._chunk = self._headers + len(_END)

    def arrival(self) -> Arrival:
        """Return how much is there; a thread never waits for the rest of what is whole."""
        if self._headers < 0:
            return Arrival.WHOLE if len(self.data) > _LARGEST_HEADERS else Arrival.PART
        if len(self.data) > LARGEST_REQUEST:
            return Arrival.TOO_LONG
        head = bytes(self.data[: self._headers + len(_LINE_END)])
        if _CHUNKED.search(head):
            return self._arrival_of_chunks()
        found = _LENGTH.search(head)
        length = found[1].strip(b" \t") if found else b"0"
        if not length.isdigit():
            return Arrival.MALFORMED
        if len(length) > len(str(LARGEST_REQUEST)) or int(length) > LARGEST_REQUEST:
            return Arrival.TOO_LONG
        return Arrival.WHOLE if len(self.data) >= self._headers + len(_END) + int(length) else Arrival.PART

    def until(self) -> float:
        """Return when it must be whole, on the monotonic clock."""
        return self._begun + (HEADERS_S if self._headers < 0 else BODY_S + len(self.data) / BYTES_A_SECOND)

    def _arrival_of_chunks(self) -> Arrival:
        """Walk on over the chunks that are there; what a chunk holds may look like the end of all."""
        while True:
            end = self.data.find(_LINE_END, self._chunk, self._chunk + _LARGEST_LINE)
            if end < 0:
                return Arrival.WHOLE if len(self.data) > self._chunk + _LARGEST_LINE else Arrival.PART
            size = _SIZE.match(bytes(self.data[self._chunk : end]))
            if size is None:
                return Arrival.MALFORMED
            if int(size[0], 16) == 0:
                ended = self.data.startswith(_LINE_END, end + len(_LINE_END)) or self.data.find(_END, end) >= 0
                return Arrival.WHOLE if ended else Arrival.PART
            after = end + len(_LINE_END) + int(size[0], 16) + len(_LINE_END)
            if after > LARGEST_REQUEST:
                return Arrival.TOO_LONG
            if after > len(self.data):
                return Arrival.PART
            if not self.data.endswith(_LINE_END, 0, after):
                return Arrival.MALFORMED
            self._chunk = after
