"""At most one request in a while to a publisher who asks for that."""

import asyncio


class Turns:
    """Hands out turns to one process's polls, `gap` seconds apart; replicas don't know of each other's."""

    def __init__(self, gap: float) -> None:
        self._gap = gap
        self._free = float("-inf")

    async def take(self) -> None:
        """Return when it is one's turn, in the order of asking."""
        now = asyncio.get_running_loop().time()
        mine = max(self._free, now)
        self._free = mine + self._gap
        await asyncio.sleep(mine - now)
