"""`grader autograde` on the command line; its options are nbgrader's, so nbgrader's own parser reads them."""

from __future__ import annotations

import click


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def autograde(arguments: tuple[str, ...]) -> None:
    """Grade submissions in parallel, on this machine or on a Dask cluster."""
    from grader.batch.app import ParallelAutogradeApp

    ParallelAutogradeApp.launch_instance(argv=list(arguments))
