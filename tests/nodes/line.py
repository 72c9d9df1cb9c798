"""A line between two database servers: a process that passes bytes on from one unix socket to another.

Killed, it is a route that is gone; stopped (SIGSTOP), it is a route that swallows everything without a word.
"""

import asyncio
import sys
from pathlib import Path


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while block := await source.read(65536):
            target.write(block)
            await target.drain()
    except OSError:
        pass
    finally:
        target.close()


async def _serve(here: str, there: str) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(there)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pass_on(reader, far_writer), _pass_on(far_reader, writer))

    server = await asyncio.start_unix_server(connect, here)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    Path(sys.argv[1]).unlink(missing_ok=True)
    asyncio.run(_serve(sys.argv[1], sys.argv[2]))
