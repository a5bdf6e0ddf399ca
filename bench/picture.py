"""Draws ratios as horizontal bars on a logarithmic scale: one SVG, readable on light and dark pages."""
import collections
import math
import textwrap
from xml.sax.saxutils import escape

# ratio, tuned: how many times better; None where there is nothing to compare. target: of ratio, or None.
# The rest are texts: of the two ratios, and of the figures of postfach and of Dovecot.
Bar = collections.namedtuple("Bar", "title ratio tuned target ratio_text tuned_text ours theirs")

WIDTH = 940
LEFT, RIGHT = 232, 590  # where the bars are
RATIO_AT, TUNED_AT, FIGURES_AT = 668, 734, 752  # ends of the two numbers, begin of the figures
TOP, ROW, BOTTOM = 86, 28, 24

STYLE = """
text { font: 13px -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; fill: #1f2328; }
.page { fill: #ffffff; } .grid { stroke: #d8dee4; } .one { stroke: #59636e; }
.title { font-size: 16px; font-weight: 600; } .small { font-size: 11px; fill: #59636e; } .strong { font-weight: 600; }
.default { fill: #0969da; } .tuned { fill: #80b5ee; } .behind { fill: #cf222e; }
.target { stroke: #bc4c00; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .small { fill: #9198a1; }
  .page { fill: #0d1117; } .grid { stroke: #30363d; } .one { stroke: #9198a1; }
  .default { fill: #4493f8; } .tuned { fill: #2b5c9e; } .behind { fill: #f85149; } .target { stroke: #f0883e; }
}
"""


class Scale:
    """From whole powers of ten to places. 1 is always there."""

    def __init__(self, ratios):
        self.low = math.floor(math.log10(min([1, *ratios])))
        self.high = max(math.ceil(math.log10(max([10, *ratios]))), self.low + 1)

    def place(self, ratio):
        share = (math.log10(ratio) - self.low) / (self.high - self.low)
        return LEFT + (RIGHT - LEFT) * min(max(share, 0), 1)

    def powers(self):
        return [10.0 ** power for power in range(self.low, self.high + 1)]


def text(x, y, content, classes="", anchor="start"):
    attributes = f' class="{classes}"' if classes else ""
    attributes += f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:g}" y="{y:g}"{attributes}>{escape(content)}</text>'


def line(x, top, bottom, classes):
    return f'<line x1="{x:.1f}" y1="{top:g}" x2="{x:.1f}" y2="{bottom:g}" class="{classes}"/>'


def bar(scale, ratio, y, height, classes):
    """From 1 to the ratio, to whichever side; never so small that nothing is seen."""
    begin, end = sorted((scale.place(1), scale.place(ratio)))
    return (f'<rect x="{begin:.1f}" y="{y:g}" width="{max(end - begin, 2):.1f}" height="{height}" rx="1.5" '
            f'class="{classes if ratio >= 1 else "behind"}"/>')


def legend(with_tuned):
    entries = [("default", "against Dovecot with its defaults")]
    if with_tuned:
        entries.append(("tuned", "against Dovecot tuned for many logins"))
    out, x = [], 16
    for classes, content in entries:
        height = 9 if classes == "default" else 5
        out += [f'<rect x="{x}" y="43" width="18" height="{height}" rx="1.5" class="{classes}"/>',
                text(x + 24, 52, content)]
        x += 36 + 7 * len(content)
    return out + [line(x + 4, 42, 54, "target"), text(x + 12, 52, "target")]


def draw(bars, footer, with_tuned=True):
    scale = Scale([ratio for each in bars for ratio in (each.ratio, each.tuned) if ratio])
    bottom = TOP + ROW * len(bars)
    footers = textwrap.wrap(footer, 150)
    height = bottom + BOTTOM + 16 * len(footers)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
           'role="img">',
           "<title>How many times better postfach is than Dovecot</title>",
           "<desc>" + escape("; ".join(f"{each.title}: {each.ratio_text}" for each in bars)) + "</desc>",
           f"<style>{STYLE}</style>", f'<rect class="page" width="{WIDTH}" height="{height}" rx="6"/>',
           text(16, 27, "How many times better postfach is than Dovecot: faster, less CPU, less memory", "title"),
           *legend(with_tuned)]
    for power in scale.powers():
        out += [line(scale.place(power), TOP - 6, bottom, "one" if power == 1 else "grid"),
                text(scale.place(power), TOP - 12, f"{power:,g}×", "small", "middle")]
    out += [text(RATIO_AT, TOP - 12, "default", "small", "end"),
            text(FIGURES_AT, TOP - 12, "postfach : Dovecot", "small")]
    if with_tuned:
        out.append(text(TUNED_AT, TOP - 12, "tuned", "small", "end"))
    for index, each in enumerate(bars):
        y = TOP + ROW * index
        out.append(text(16, y + 17, each.title))
        if each.ratio:
            out += [bar(scale, each.ratio, y + 4, 11, "default"),
                    text(RATIO_AT, y + 17, each.ratio_text, "strong", "end")]
        if each.tuned:
            out += [bar(scale, each.tuned, y + 17, 6, "tuned"), text(TUNED_AT, y + 17, each.tuned_text, "", "end")]
        if each.target:
            out.append(line(scale.place(each.target), y + 2, y + 25, "target"))
        out.append(text(FIGURES_AT, y + 17, f"{each.ours} : {each.theirs.removesuffix(' CPU')}", "small"))
    for index, content in enumerate(footers):
        out.append(text(16, bottom + BOTTOM + 16 * index, content, "small"))
    return "\n".join(out) + "\n</svg>\n"
