"""The command line: parses, calls, prints.

Exit status: 0 done, 1 failed, 2 called wrongly, 3 done, but rows of the archive were set aside, 4 stopped because a
plan goes beyond a limit that nobody confirmed, 130 interrupted.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points, version
from typing import Annotated, Any, ClassVar

import typer
from rich.text import Text
from typer.core import TyperGroup

from detector.errors import DetectorError
from detector.terminal import Console

_GROUP = "copytaster.commands"


class _Commands(TyperGroup):
    """Commands that are loaded when they are called: nobody who lists copies waits for what trains models."""

    ours: ClassVar[dict[str, str]] = {}  # name → module of ``detector.commands`` and its function

    def list_commands(self, ctx: Any) -> list[str]:
        return [*self.ours, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.ours:
            return super().get_command(ctx, cmd_name)
        module, _, function = self.ours[cmd_name].partition(":")
        holder = typer.Typer()
        holder.command(cmd_name)(getattr(import_module(f"detector.commands.{module}"), function))
        return _command(holder, cmd_name)


class _Root(_Commands):
    """Our commands, and those that other packages register under ``copytaster.commands``.

    The service registers ``serve`` so: the detector does not know it.
    """

    ours: ClassVar = {"clean": "items:clean", "check": "items:check", "diff": "items:diff"}

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *(entry.name for entry in entry_points(group=_GROUP))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        ours = super().get_command(ctx, cmd_name)
        if ours is None:
            for entry in entry_points(group=_GROUP, name=cmd_name):
                return _loaded(entry)
        return ours


class _Archive(_Commands):
    ours: ClassVar = {
        "plan": "plan:plan",
        "duplicates": "duplicates:list_duplicates",
        "report": "plan:report",
        "apply": "carry_out:apply",
        "formats": "carry_out:formats",
        "undo": "carry_out:undo",
    }


class _Train(_Commands):
    ours: ClassVar = {name: f"train:{name}" for name in ("cleaner", "quality", "duplicates")}


def _loaded(entry: EntryPoint) -> Any:
    holder = typer.Typer()
    try:
        given = entry.load()
        if isinstance(given, typer.Typer):  # a group of commands
            group = typer.main.get_group(given)
            group.name = entry.name
            return group
        holder.command(entry.name)(given)
    except ModuleNotFoundError as error:
        missing = error.name

        @holder.command(entry.name, help="Needs the extra 'service'.")
        def _absent() -> None:
            raise DetectorError(f"the package {missing!r} is not installed; run: pip install 'copytaster[service]'")

    return _command(holder, entry.name)


def _command(holder: typer.Typer, name: str) -> Any:
    command = typer.main.get_command(holder)
    command.name = name
    return command


app = typer.Typer(
    cls=_Root, no_args_is_help=True, help="Clean, deduplicate and judge news items.", pretty_exceptions_enable=False
)
archive = typer.Typer(
    cls=_Archive, no_args_is_help=True, help="Clean up what is already stored: plan, report, apply, undo."
)
train = typer.Typer(
    cls=_Train, no_args_is_help=True, help="Learn the models again from data (needs the extra 'train')."
)
app.add_typer(archive, name="archive")
app.add_typer(train, name="train")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"copytaster {version('copytaster')}")
        raise typer.Exit


@app.callback()
def _main(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; an error of ours is one line on standard error and exit status 1."""
    try:
        app()
    except DetectorError as error:
        Console(stderr=True).print(Text(f"copytaster: {error}", style="red"), soft_wrap=True)
        sys.exit(1)
