"""A port that is as far from its server as a mail server is: each piece arrives so many milliseconds later.

`python -m tests.benchmarks.far PORT TO MILLISECONDS`. Only what is said is slowed, not how much at once.
"""

import asyncio
import sys
from asyncio import StreamReader, StreamWriter

_PIECE_BYTES = 65_536


async def _carry(reader: StreamReader, writer: StreamWriter, seconds: float) -> None:
    """Pass on each piece after its way; pieces that follow closely travel at the same time."""
    loop = asyncio.get_running_loop()
    while piece := await reader.read(_PIECE_BYTES):
        loop.call_later(seconds, writer.write, piece)
    loop.call_later(seconds, writer.close)


async def main(port: int, to: int, milliseconds: float) -> None:
    """Serve until the signal comes."""

    async def accept(reader: StreamReader, writer: StreamWriter) -> None:
        its_reader, its_writer = await asyncio.open_connection("127.0.0.1", to)
        seconds = milliseconds / 1e3
        await asyncio.gather(_carry(reader, its_writer, seconds), _carry(its_reader, writer, seconds))

    async with await asyncio.start_server(accept, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
