"""The limit of lookups: FastAPI's bare JSON answer, on the server and with the settings of `zhixin serve`.

`python -m tests.benchmarks.bare PORT FILE` serves the JSON object in the file at /bare/CODE: an `async def` route that
returns a dict, annotated, because FastAPI writes an annotated answer about twice as fast.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from fastapi import FastAPI

app = FastAPI()
answer: dict[str, Any] = {}


@app.get("/bare/{uscc}")
async def bare(uscc: str) -> dict[str, Any]:
    return answer


if __name__ == "__main__":
    answer |= msgspec.json.decode(Path(sys.argv[2]).read_bytes())
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False)
