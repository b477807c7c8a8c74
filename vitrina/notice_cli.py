"""`vitrina notice`: the sign for the shop's door."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from time import time
from typing import get_args

import click

from edge.config import load_config
from edge.errors import ConfigError
from edge.profile import check_profile, profile_in_force
from edge.site_file import site_in_force
from vitrina.errors import OutputError
from vitrina.notice import as_text, write_notice
from vitrina.notice_page import as_page
from vitrina.notice_words import Language


class _NoSecrets(Mapping[str, str]):
    """A sign needs none of the passwords that a configuration refers to, nor does whoever prints it."""

    def __getitem__(self, name: str) -> str:
        return ""

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@click.command("notice")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("edge.yaml"),
    show_default=True,
    help="edge.yaml of the box whose cameras the sign is about.",
)
@click.option("--lang", type=click.Choice(get_args(Language)), default="en", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Also a page for printing, sign.html.")
def notice_command(config: Path, lang: Language, out: Path | None) -> None:
    """Print the sign that tells visitors what the cameras do, from the configuration in force."""
    if not config.is_file():
        raise ConfigError(f"{config}: there is no configuration; name the box's edge.yaml with --config")
    settings, now = load_config(config, _NoSecrets()), time()
    site = site_in_force(settings)
    try:
        check_profile(settings, site, now)
        notice = write_notice(settings, site, profile_in_force(settings, site, now), lang)
    except ConfigError as error:
        raise ConfigError(f"{config}: {error}") from None
    click.echo(as_text(notice), nl=False)
    if out is not None:
        try:
            out.write_text(as_page(notice), encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{out}: cannot be written ({error.strerror}); check the path and its rights") from error
