"""``python -m service`` is ``copytaster serve``."""

import typer

from service.serve import serve

if __name__ == "__main__":
    typer.run(serve)
