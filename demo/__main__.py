"""`python -m demo start | stop | accounts`."""

import sys
import time
import traceback

import click

from demo import accounts, installation, processes
from demo.screen import note, step

FAILED = installation.VAR / "demo-failed.txt"
#: Signs of an error that are shown.
LINE = 300


@click.group()
def demo() -> None:
    """The simulated city on this machine."""


@demo.command()
def start() -> None:
    """Start everything, load what is missing, and say where to go and how to sign in."""
    began = time.monotonic()
    with step("database 数据库"):
        installed = installation.start_database()
    with step("schema 数据结构"):
        installation.migrate(installed)
    if not installation.loaded():
        from demo import story  # noqa: PLC0415 - the whole application, which a second start need not load

        story.tell(installed)
    with step("web server, worker, signer 网站、后台、签发"):
        processes.start(installed)
    note("")
    note(f"  {installed.address}    ({time.monotonic() - began:.1f} s)")
    note("")
    accounts.show()


@demo.command()
def stop() -> None:
    """Stop everything; the data stay."""
    processes.stop()
    installation.stop_database()
    note("stopped 已停止")


@demo.command(name="accounts")
def show_accounts() -> None:
    """Show the accounts again."""
    accounts.show()


def _keep(wrong: Exception) -> str:
    """One line for the terminal; everything else goes into a file that only its owner reads."""
    installation.VAR.mkdir(mode=0o700, exist_ok=True)
    installation.write_private(FAILED, "".join(traceback.format_exception(wrong)))
    first = str(wrong).partition("\n")[0][:LINE]
    return f"{type(wrong).__name__}: {first}\nmore in 详见 {FAILED}; repeat 可重试: make demo"


if __name__ == "__main__":
    try:
        demo()
    except (installation.DemoRefused, processes.DidNotStart) as refused:
        click.echo(f"\n{refused}", err=True)
        sys.exit(1)
    except Exception as wrong:
        click.echo(f"\n{_keep(wrong)}", err=True)
        sys.exit(1)
