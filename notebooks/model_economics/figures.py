"""Show figures, tables and numbers the same way in every chapter.

A figure is one SVG of fixed size without date or random ids, so the same data give the same
bytes and nbval compares figures like any other output. Captions, numbers and alt text stand
in the metadata of the cell that shows the figure.
"""

import io
import re
from pathlib import Path

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.ticker import FuncFormatter
from myst_nb import glue

plt.style.use(Path(__file__).with_name("report.mplstyle"))

# One meaning per colour through the whole book (Okabe-Ito, safe for colour-blind readers).
COLOURS = {
    "cnn": "#009e73",
    "dense": "#0072b2",
    "moe": "#d55e00",
    "total": "#0072b2",
    "active": "#e69f00",
    "article": "#b0003a",
    "critic": "#6a3d9a",
    "gain": "#009e73",
    "loss": "#d55e00",
    "estimate": "#8a8a8a",
    "neutral": "#555555",
}


def show(fig, data=None):
    """Emit a matplotlib figure as SVG and close it.

    fig : the figure
    data : DataFrame of what is drawn, stored beside the picture and offered for download
    """
    svg = io.StringIO()
    fig.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(fig)
    bundle = {"image/svg+xml": _tidy(svg.getvalue()), "text/plain": "<figure>"}
    if data is not None:
        bundle["text/csv"] = data.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    display(bundle, raw=True)


def table(frame, caption, name):
    """Show a DataFrame as a captioned, numbered table of the book.

    frame : cells are shown as they are, so format numbers first; columns that hold only
        numbers are aligned to the right
    caption : one sentence that says what the table shows; may hold MyST markup
    name : label for references, "tbl-..."
    """
    display(
        {
            "text/markdown": f"```{{table}} {caption}\n:name: {name}\n\n{markdown(frame)}\n```",
            "text/html": frame.to_html(index=False, escape=False),
            "text/plain": frame.to_string(index=False),
        },
        raw=True,
    )


def markdown(frame):
    r"""Return a DataFrame as a Markdown table.

    >>> import pandas as pd
    >>> print(markdown(pd.DataFrame({"host": ["Lepton"], "USD": ["2.80"]})))
    | host | USD |
    | :-- | --: |
    | Lepton | 2.80 |
    """
    cells = frame.astype(object).where(frame.notna(), "").astype(str)
    cells = cells.apply(lambda column: column.str.replace("|", r"\|", regex=False))
    rule = ["--:" if _numeric(cells[column]) else ":--" for column in cells]
    rows = [list(cells.columns), rule, *cells.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def glue_all(values):
    """Store already formatted strings under their keys, for ``{glue:text}`` in the prose.

    values : dict of key to string
    """
    for key, value in values.items():
        if not isinstance(value, str):
            raise TypeError(f"glue {key!r}: format the number first, got {value!r}")
        glue(key, value, display=False)


def plain_log_axis(axis, unit=""):
    """Label a logarithmic matplotlib axis with plain numbers (1, 10, 100), not powers.

    axis : ``ax.xaxis`` or ``ax.yaxis``
    unit : text after each number, for example " B"
    """
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}{unit}"))
    axis.set_minor_formatter(FuncFormatter(lambda value, _: ""))


def _numeric(column):
    filled = column[column != ""]
    return len(filled) > 0 and filled.str.fullmatch(r"[-+−]?[\d,. ]+ ?[%×]?").all()


def _tidy(svg):
    """Drop the XML prologue, and digits far below a pixel, which differ between machines."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"(?<![\w#.])-?[1-9]\d*\.\d{3,}", lambda m: f"{float(m[0]):.2f}", svg)
    return re.sub(r"(?<![\w#.])-?0\.\d{6,}", lambda m: f"{float(m[0]):.5f}", svg)
