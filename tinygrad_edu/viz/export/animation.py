"""The steps played one by one: GIF and WebP by Pillow, MP4 by imageio-ffmpeg, frames by resvg (extra `viz`)."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from tinygrad_edu.viz.drawing import svg as _svg
from tinygrad_edu.viz.drawing.colours import Theme
from tinygrad_edu.viz.export.frames import Frames
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.page.page_steps import Steps

MAX_SIZE = (1_200.0, 780.0)  # pixels of the picture: of a larger one the part around the step is seen
MAX_FRAMES = 200
MILLISECONDS, LAST = 1_600, 4  # of a frame, and how many times as long the last one stands
FPS = 5  # of a film, in which a frame is repeated


def animation(graph: Graph, steps: Steps, theme: Theme, ending: str) -> bytes:
    """The file: ".gif", ".webp" or ".mp4". Of very many steps only those back are played.

    Raises `ImportError` without the extra, `ValueError` for a graph without steps or with too many.
    """
    numbers = played(steps)
    if not 2 <= len(numbers) <= MAX_FRAMES:
        raise ValueError(
            f"save as {ending} needs a graph of 1 to {MAX_FRAMES - 1} steps, got one of {len(numbers) - 1:,}; "
            "draw an earlier result, or fold modules with depth"
        )
    frames = Frames(graph, steps, theme)
    pictures = [frames.captioned(n, MAX_SIZE) for n in numbers]
    wide, high = _svg.size(pictures[0])
    raster = map(_image, pictures, repeat((_even(wide), _even(high))))
    return _film(raster) if ending == ".mp4" else _moving_image(raster, ending)


def played(steps: Steps) -> range:
    """The numbers of the steps that are played: all; of too many, those back and the last one forward."""
    count = len(steps.all)
    seed = next((n for n, step in enumerate(steps.all) if step.phase == "seed"), 1)
    return range(0 if count <= MAX_FRAMES else seed - 1, count)


def _even(pixels: int) -> int:
    return pixels + pixels % 2  # as films need them


def _image(picture: str, size: tuple[int, int]) -> Any:
    try:
        import resvg_py  # noqa: PLC0415 - an extra
        from PIL import Image  # noqa: PLC0415 - an extra
    except ImportError:
        raise ImportError(_missing("Pillow and resvg-py")) from None
    png = bytes(resvg_py.svg_to_bytes(svg_string=picture, width=size[0], height=size[1]))
    return Image.open(io.BytesIO(png)).convert("RGB").resize(size)  # a pixel may be missing at the edge


def _moving_image(images: Iterator[Any], ending: str) -> bytes:
    first, *rest = images
    lasting = [MILLISECONDS] * len(rest) + [LAST * MILLISECONDS]
    out = io.BytesIO()
    more = {"lossless": True, "method": 2} if ending == ".webp" else {}
    first.save(out, ending[1:], save_all=True, append_images=rest, duration=lasting, loop=0, **more)
    return out.getvalue()


def _film(images: Iterator[Any]) -> bytes:
    try:
        import imageio_ffmpeg  # noqa: PLC0415 - an extra
    except ImportError:
        raise ImportError(_missing("imageio-ffmpeg")) from None
    first = next(images)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        writer = imageio_ffmpeg.write_frames(
            path,
            first.size,
            fps=FPS,
            macro_block_size=1,
            quality=8,
            output_params=["-movflags", "+faststart"],
        )
        writer.send(None)
        image = first
        for image in chain([first], images):
            for _ in range(FPS * MILLISECONDS // 1000):
                writer.send(image.tobytes())
        for _ in range(FPS * (LAST - 1) * MILLISECONDS // 1000):
            writer.send(image.tobytes())
        writer.close()
        return path.read_bytes()


def _missing(what: str) -> str:
    return f'an animation needs {what}, which is not installed; pip install "tinygrad_edu[viz]"'
