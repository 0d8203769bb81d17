from __future__ import annotations

import pytest

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.export import animation
from tinygrad_edu.viz.page.page_file import stepped

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("resvg_py")


@pytest.fixture
def drawing():
    w = tensor([2.0], requires_grad=True, name="w")
    return draw((w * w).sum())


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["gif", "webp"])
def test_each_step_is_a_frame_and_the_last_stands_longest(drawing, tmp_path, ending):
    path = drawing.save(tmp_path / f"backward.{ending}")

    lasting = []
    with Image.open(path) as film:
        for n in range(film.n_frames):
            film.seek(n)
            film.load()
            lasting.append(film.info["duration"])
    assert lasting == [1600, 1600, 1600, 1600, 1600, 6400]  # two operations forward, the seed, two back


@pytest.mark.slow
def test_a_film_is_an_mp4(drawing, tmp_path):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")

    path = drawing.save(tmp_path / "backward.mp4")

    frames, seconds = imageio_ffmpeg.count_frames_and_secs(path)
    assert path.read_bytes()[4:8] == b"ftyp"
    assert frames == 5 * 1.6 * 9
    assert seconds == pytest.approx(1.6 * 9, abs=0.3)


def test_too_many_steps_are_refused_at_once(drawing, tmp_path, monkeypatch):
    monkeypatch.setattr(animation, "MAX_FRAMES", 3)

    with pytest.raises(
        ValueError, match=r"\.gif needs a graph of 1 to 2 steps, got one of 3; draw an earlier"
    ):
        drawing.save(tmp_path / "x.gif")


def test_a_leaf_has_no_steps_to_play(tmp_path):
    with pytest.raises(ValueError, match=r"save as \.gif needs the steps of a graph, but there are none"):
        draw(tensor([1.0], requires_grad=True)).save(tmp_path / "x.gif")


def test_of_too_many_steps_the_way_back_is_played(drawing, monkeypatch):
    _, steps = stepped(drawing.graph)

    every = list(animation.played(steps))
    monkeypatch.setattr(animation, "MAX_FRAMES", 5)

    assert every == [0, 1, 2, 3, 4, 5]
    assert list(animation.played(steps)) == [2, 3, 4, 5]


def test_the_way_forward_is_played_where_none_leads_back():
    w = tensor([2.0, 1.0], requires_grad=True)

    _, steps = stepped(draw(w * w + 1).graph)

    assert list(animation.played(steps)) == [0, 1, 2]
