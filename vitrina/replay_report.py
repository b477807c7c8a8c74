"""`report.html` of a replay: one file that opens anywhere, with the answer in words first."""

import base64
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from contract.site import Site
from edge.arrays import F64, U8
from server.domain.smoothing import smooth
from server.web import heat_image, plan
from server.web.figures.strokes import ramp
from vitrina.occupancy_chart import occupancy_chart, slices
from vitrina.replay import Recording, Replayed
from vitrina.summary import Summary

_HOUR_S = 3600


def render(recording: Recording, result: Replayed) -> str:
    """The page."""
    heat = result.summary["heatmap"]
    on_image = heat["unit"] == "image"
    rate = _rate(result.summary)
    scale = heat_image.scale_of(rate)
    ground = _ground(recording)
    page = _templates().get_template("report.html")
    return page.render(
        name=recording.name,
        css=Markup("\n".join(_stylesheet(name) for name in ("tokens.css", "figures.css"))),  # noqa: S704 - our own files
        answer=_answer(recording.site, result.summary),
        meta=_meta(recording, result.summary),
        heat_note="nobody was seen where there is no colour",
        plan=plan.draw(ground, _overlay(recording.site, ground, heat, rate, scale), label="Presence per area"),
        still=_data_uri(result.still) if on_image and result.still is not None else None,
        still_pad=f"{100 * plan.MARGIN / plan.WIDTH}%",
        ramp=ramp(scale.colours(), _marks(scale), label="Scale of the heatmap"),
        unit=f"Person-seconds per {'cell' if on_image else 'm²'} and hour",
        zones=[_zone_row(recording.site, key, zone) for key, zone in result.summary["zones"].items()],
        lines=[_line_row(recording.site, key, line) for key, line in result.summary["lines"].items()],
        gap_s=f"{recording.layout.gap_s:g}",
        occupancy=occupancy_chart(slices(result.occupancy), label="People in view over the recording"),
        timing=result.summary["timing_ms"],
    )


def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(str(files("vitrina") / "templates")), autoescape=select_autoescape())


def _stylesheet(name: str) -> str:
    return (files("server.web") / "static" / name).read_text(encoding="utf-8")


def _ground(recording: Recording) -> plan.Ground:
    size = recording.layout.size_px
    aspects = {recording.camera: size[1] / size[0]} if size else {}
    camera = recording.camera if recording.layout.grid.unit == "image" else None
    return next(ground for ground in plan.grounds(recording.site, aspects) if ground.camera == camera)


def _rate(summary: Summary) -> F64:
    heat = summary["heatmap"]
    area = heat["cell"] ** 2 if heat["unit"] == "m" else 1.0
    hours = max(summary["observed_s"], 1e-9) / _HOUR_S
    rate: F64 = np.array(heat["person_s"], dtype=np.float64) / (area * hours)
    return rate


def _overlay(site: Site, ground: plan.Ground, heat: dict[str, Any], rate: F64, scale: heat_image.Scale) -> plan.Overlay:
    rows, columns = rate.shape
    x, y = heat["origin"]
    free = np.ones(rate.shape, np.bool_)
    shown = heat_image.recorded(rate, free)
    smoothed = np.nan_to_num(smooth(rate, shown, sigma_cells=heat_image.SMOOTH_IMAGE_CELLS))
    uri = heat_image.paint(smoothed, scale, shown, hidden=~free)
    picture = plan.Picture(uri, (x, y), (columns * heat["cell"], rows * heat["cell"]))
    names = {key: _name(site.zones, key) for key in ground.zones if len(ground.zones) > 1}
    labels = {key: plan.Label(name, "", name, f"#{key}") for key, name in names.items()}
    return plan.Overlay(labels=labels, heat=picture)


def _marks(scale: heat_image.Scale) -> list[tuple[float, str]]:
    ticks = scale.ticks()
    return [(at, f"{value:,.0f}" + ("+" if at == ticks[-1][0] else "")) for at, value in ticks]


def _data_uri(image: U8) -> str:
    _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.tobytes()).decode()


def _answer(site: Site, summary: Summary) -> Markup:
    facts = [Markup("<b>{} went in</b> and {} out over {}").format(line["in"], line["out"], _name(site.lines, key))
             for key, line in list(summary["lines"].items())[:1]]  # fmt: skip
    held = max(summary["zones"].items(), key=lambda item: float(item[1]["presence_s"]), default=None)
    if held and held[1]["presence_s"]:
        facts.append(_held(_name(site.zones, held[0]), held[1]))
    return Markup("; ").join(facts) + "." if facts else Markup("Nobody was seen.")


def _held(name: str, zone: dict[str, Any]) -> Markup:
    text = Markup("<b>{}</b> held {:,.0f} person-seconds").format(name, zone["presence_s"])
    if zone["dwell_median_s"] is None:
        return text
    return text + Markup(", half of {} visits lasted over <b>{:.1f} s</b>").format(
        zone["visits"], zone["dwell_median_s"]
    )


def _meta(recording: Recording, summary: Summary) -> str:
    share = summary["observed_s"] / summary["duration_s"] if summary["duration_s"] else 0
    return (
        f"{recording.name}, {'camera' if summary['camera'] else 'cameras'} {recording.camera}, "
        f"{summary['duration_s']:,.1f} s, "
        f"{min(share, 1):.0%} of it observed, {summary['frames']:,} frames."
    )


def _name(places: Any, key: str) -> str:  # noqa: ANN401 - zones or lines of the site
    return places[key].name or key if key in places else key


def _zone_row(site: Site, key: str, zone: dict[str, Any]) -> list[str]:
    def seconds(value: float | None) -> str:
        return "–" if value is None else f"{value:,.1f}"

    return [
        _name(site.zones, key),
        f"{zone['entries']:,}",
        f"{zone['visits']:,}",
        seconds(zone["dwell_mean_s"]),
        seconds(zone["dwell_median_s"]),
        seconds(zone["presence_s"]),
        f"{zone['occupancy_max']:,}",
    ]


def _line_row(site: Site, key: str, line: dict[str, int]) -> tuple[str, int, int]:
    return _name(site.lines, key), line["in"], line["out"]
