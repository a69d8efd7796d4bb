"""The ceiling: Starlette and uvicorn that read the body and store nothing. `python -m tests.bench.bare PORT`."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def answer(request: Request) -> Response:
    await request.body()
    return Response(status_code=200)


app = Starlette(routes=[Route("/hooks/{bridge}/{end}/{secret}", answer, methods=["POST"]), Route("/healthz", answer)])

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="critical")
