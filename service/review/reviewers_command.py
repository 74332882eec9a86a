"""``copytaster reviewers``: who signs in to the review page with a password."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from detector.terminal import Console
from service.keys_command import Database, open_store
from service.review.passwords import hashed
from service.store import people
from service.store.people import Role
from service.store.records import now

reviewers = typer.Typer(no_args_is_help=True, help="Who signs in to the review page: add, list, disable.")

Name = Annotated[str, typer.Argument(help="As it stands in the audit.")]


@reviewers.command()
def add(
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="May change policies too.")] = False,
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)] = "",  # nosec B107  # asked for
    database: Database = None,
) -> None:
    """Add a reviewer, or give one another password and role; open sessions of theirs end."""
    role: Role = "admin" if admin else "reviewer"
    if not name.strip() or not name.isprintable():
        typer.echo(
            f"error: {name!r} is no name that could stand in the audit; give one of printed characters", err=True
        )
        raise typer.Exit(2)
    try:
        kept = hashed(password)
    except ValueError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from error
    with open_store(database) as store:
        store.write(people.set_reviewer, name, role, kept, now())
    typer.echo(f"{name} may sign in as {role}")


@reviewers.command(name="list")
def list_all(database: Database = None) -> None:
    """List them."""
    with open_store(database) as store:
        found = store.read(people.all_reviewers)
    table = Table("name", "role", "since", "")
    for one in found:
        table.add_row(one.name, one.role, f"{one.created:%Y-%m-%d}", "disabled" if one.disabled else "")
    Console().print(table)


@reviewers.command()
def disable(name: Name, database: Database = None) -> None:
    """Let one in no more; their sessions end, their decisions stay."""
    with open_store(database) as store:
        done = store.write(people.disable_reviewer, name)
    if not done:
        typer.echo(f"error: there is no reviewer {name!r}; copytaster reviewers list shows them", err=True)
        raise typer.Exit(2)
    typer.echo(f"{name} may not sign in any more")
