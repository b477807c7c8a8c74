"""`vitrina export`: what a server knows, as files."""

from pathlib import Path

import click

from vitrina.export import FORMATS, SUBJECTS, Question, fetch


@click.command("export")
@click.argument("subject", type=click.Choice(SUBJECTS))
@click.option("--server", required=True, metavar="URL", help="For example https://vitrina.example.")
@click.option("--token", required=True, envvar="VITRINA_TOKEN", help="An API token; or set VITRINA_TOKEN.")
@click.option("--site", required=True, help="The store's id.")
@click.option("--from", "start", metavar="TIME", help="ISO 8601, local to the store; default: today's midnight there.")
@click.option("--to", "end", metavar="TIME", help="ISO 8601, exclusive; default: now.")
@click.option("--hours", metavar="9-12,17", help="Only these hours of the day.")
@click.option("--weekdays", metavar="mon-fri", help="Only these weekdays.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; default: SITE-SUBJECT.FORMAT."
)
def export_command(
    *,
    subject: str,
    server: str,
    token: str,
    site: str,
    start: str | None,
    end: str | None,
    hours: str | None,
    weekdays: str | None,
    form: str,
    out: Path | None,
) -> None:
    """Write SUBJECT of a store and period as CSV, XLSX, JSON or, for the heatmap, GeoJSON."""
    file = out or Path(f"{site}-{subject}.{form}")
    asked = {"start": start, "end": end, "hours": hours, "weekdays": weekdays}
    n = fetch(Question(server, token, site, subject, form, {k: v for k, v in asked.items() if v}), file)
    click.echo(f"{file}: {n} bytes")
