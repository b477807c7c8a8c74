"""The sign as a page that prints on one sheet of A4."""

from html import escape

from vitrina.notice import Notice, Section

_STYLE = """
@page { size: A4; margin: 0 }
:root { --ink: #16202c; --quiet: #5b6775; --accent: #1f6feb }
* { box-sizing: border-box }
html { background: #eef1f4 }
body { width: 210mm; min-height: 294mm; margin: 0 auto; padding: 14mm 16mm 10mm; background: #fff; color: var(--ink);
  font: 11pt/1.38 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; display: flex; flex-direction: column }
svg { width: 21mm; height: 21mm; flex: none; fill: none; stroke: var(--accent); stroke-width: 2.4 }
header { display: flex; gap: 8mm; align-items: center; border-bottom: .7mm solid var(--accent); padding-bottom: 5mm }
h1 { font-size: 24pt; line-height: 1.12; margin: 0; text-wrap: balance }
.lead, .own { font-size: 13pt; margin: 5mm 0 0 }
.own { border-left: 1.2mm solid var(--accent); padding-left: 4mm; white-space: pre-line }
.sections { columns: 2; column-gap: 10mm; margin-top: 6mm }
section { break-inside: avoid; padding-bottom: 5mm }
h2 { font-size: 12.5pt; margin: 0 0 1.5mm }
ul { margin: 0; padding-left: 5mm }
li { margin: 0 0 1.2mm; overflow-wrap: anywhere; white-space: pre-line }
footer { margin-top: auto; padding-top: 4mm; color: var(--quiet); font-size: 9pt }
@media screen and (max-width: 210mm) { body { width: auto } .sections { columns: 1 } h1 { font-size: 20pt } }
@media print { html { background: none } body { print-color-adjust: exact } }
"""

_CAMERA = """<svg viewBox="0 0 48 48" role="img" aria-hidden="true"><circle cx="24" cy="24" r="21.5"/>
<rect x="10" y="17" width="19" height="14" rx="2.5"/><path d="M29 22.5 38 18v12l-9-4.5z"/></svg>"""


def as_page(notice: Notice) -> str:
    """A whole HTML document that needs nothing else."""
    own = f'<p class="own">{escape(notice.own)}</p>' if notice.own else ""
    return f"""<!doctype html>
<html lang="{notice.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(notice.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>{_CAMERA}<h1>{escape(notice.title)}</h1></header>
<main>
<p class="lead">{escape(notice.lead)}</p>
{own}
<div class="sections">
{"".join(map(_section, notice.sections))}</div>
</main>
<footer>{escape(notice.foot)}</footer>
</body>
</html>
"""


def _section(section: Section) -> str:
    lines = "\n".join(f"<li>{escape(line)}</li>" for line in section.lines)
    return f"<section>\n<h2>{escape(section.title)}</h2>\n<ul>\n{lines}\n</ul>\n</section>\n"
