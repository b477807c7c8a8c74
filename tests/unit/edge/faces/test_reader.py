import numpy as np
import pytest

from edge.arrays import Frame, Tracks
from edge.errors import ModelError
from edge.faces.manifest import load_face_manifest
from edge.faces.networks import load_networks
from edge.faces.reader import LEAST_FACE_PX, LOOK_EVERY_S, MOST_LOOKS, FaceReader
from edge.models import file_sha256

SHARE = 0.4
NEAR = 1.01 * LEAST_FACE_PX / SHARE / 1.1
"""Width of a person's box whose face is just tall enough."""
FAR = 0.99 * LEAST_FACE_PX / SHARE / 1.1


@pytest.fixture
def make_reader(make_face_models):
    def make(**changes):
        folder = make_face_models(share=SHARE, **changes)
        return FaceReader(load_networks(load_face_manifest(folder), folder))

    return make


def tracks(people, ended=(), coasted=()):
    """`people`: {id: left edge or (left edge, width)}; boxes begin 20 px below the picture's top."""
    ids = sorted(people)
    places = [people[i] if isinstance(people[i], tuple) else (people[i], NEAR) for i in ids]
    return Tracks(
        np.array(ids, np.int64),
        np.array([[x, 20, x + width, 20 + 3 * width] for x, width in places], np.float32).reshape(-1, 4),
        np.ones(len(ids), np.float32),
        np.array([i in coasted for i in ids], np.uint8),
        np.array(ended, np.int64),
    )


def picture(t, seen, faces=True):
    """Black, and white where the heads of `seen` are."""
    image = np.zeros((480, 1280, 3), np.uint8)
    for x0, y0, x1, _ in seen.xyxy_px if faces else ():
        centre, side = (x0 + x1) / 2, x1 - x0
        image[int(y0) : int(y0 + side * 0.4), int(centre - side / 8) : int(centre + side / 8)] = 255
    return Frame(image, t, 0, "door")


def watch(reader, seconds, people, *, start=0.0, fps=8, **seen):
    for k in range(int(seconds * fps)):
        now = tracks(people, **seen)
        reader.look(picture(start + k / fps, now), now)


def known(reader, *ids):
    found = reader.traits(np.array(ids, np.int64))
    return list(zip(found.gender.tolist(), found.age.tolist(), found.facing.tolist(), strict=True))


@pytest.mark.parametrize(("male", "gender"), [(0.95, 1), (0.05, 0), (0.7, -1), (0.3, -1)])
def test_gender_is_told_where_the_looks_are_sure(make_reader, male, gender):
    reader = make_reader(male=male)
    watch(reader, 2, {7: 100})
    assert known(reader, 7) == [(gender, 2, 1)]


@pytest.mark.parametrize(("age", "band"), [(0, 0), (17, 0), (18, 1), (34, 1), (35, 2), (54, 2), (55, 3), (80, 3)])
def test_age_is_told_in_bands(make_reader, age, band):
    reader = make_reader(age=age)
    watch(reader, 2, {7: 100})
    assert known(reader, 7) == [(1, band, 1)]


def test_below_48_px_of_face_nothing_is_said_but_that_it_faces_us(make_reader):
    reader = make_reader()
    watch(reader, 5, {1: (100, NEAR), 2: (600, FAR)})
    assert known(reader, 1, 2) == [(1, 2, 1), (-1, -1, 1)]


def test_one_look_is_none(make_reader):
    reader = make_reader()
    watch(reader, 2 * LOOK_EVERY_S, {1: 100})
    assert known(reader, 1) == [(-1, -1, 1)]
    watch(reader, LOOK_EVERY_S, {1: 100}, start=2 * LOOK_EVERY_S)
    assert known(reader, 1) == [(1, 2, 1)]


@pytest.mark.parametrize(
    ("nose", "told"), [(0.58, (1, 2, 1)), (0.64, (-1, -1, 1)), (0.7, (-1, -1, 0)), (0.3, (-1, -1, 0))]
)
def test_a_face_that_is_turned_is_not_judged_and_then_does_not_face_us(make_reader, nose, told):
    reader = make_reader(nose=nose)
    watch(reader, 3, {1: 100})
    assert known(reader, 1) == [told]


def test_a_head_without_a_face_is_looked_at_and_says_nothing(make_reader):
    reader, seen = make_reader(), tracks({1: 100})
    reader.look(picture(0.0, seen, faces=False), seen)
    assert known(reader, 1) == [(-1, -1, 0)]


def test_who_was_not_looked_at_lately_may_face_us_or_not(make_reader):
    reader = make_reader()
    watch(reader, 2, {1: 100})
    watch(reader, 3, {1: 100}, start=2, coasted=(1,))
    assert known(reader, 1) == [(1, 2, -1)]


def test_a_neighbours_face_is_not_mine(make_reader):
    reader, both = make_reader(), tracks({1: 100, 2: (100 + 0.5 * NEAR, NEAR)})
    only_second = tracks({2: (100 + 0.5 * NEAR, NEAR)})
    reader.look(picture(0.0, only_second), both)
    assert known(reader, 1, 2) == [(-1, -1, 0), (-1, -1, 1)]


def test_whoever_ended_is_forgotten_and_strangers_are_unknown(make_reader):
    reader = make_reader()
    watch(reader, 2, {1: 100, 2: 500})
    watch(reader, 0.25, {2: 500}, start=2, ended=(1,))
    assert known(reader, 1, 2, 99) == [(-1, -1, -1), (1, 2, 1), (-1, -1, -1)]


def test_a_new_track_in_a_row_that_was_used_begins_unknown(make_reader):
    reader = make_reader()
    watch(reader, 2, {1: 100})
    now = tracks({2: 100}, ended=(1,))
    reader.look(picture(2.0, now, faces=False), now)
    assert known(reader, 2) == [(-1, -1, 0)]


def test_after_a_new_stream_nobody_is_known(make_reader):
    reader = make_reader()
    watch(reader, 2, {1: 100})
    reader.restart()
    assert known(reader, 1) == [(-1, -1, -1)]


def test_a_picture_has_a_few_looks_and_those_who_waited_longest_get_them(make_reader):
    reader, crowd = make_reader(), {i: 20 + 200 * i for i in range(5)}
    now, turns = tracks(crowd), []
    for k in range(8):
        reader.look(picture(k / 8, now), now)
        turns.append([i for i, (_, _, facing) in enumerate(known(reader, *crowd)) if facing == 1])
    assert [len(turn) for turn in turns[:3]] == [MOST_LOOKS, 2 * MOST_LOOKS, 5]
    assert turns[-1] == [0, 1, 2, 3, 4]


def test_networks_that_are_not_there_or_not_the_ones_are_told(make_face_models):
    folder = make_face_models()
    manifest = load_face_manifest(folder)
    (folder / "age-v1.onnx").write_bytes(b"another")
    with pytest.raises(ModelError, match=r"age-v1.onnx: not the file .* fetch it again with `vitrina models pull"):
        load_networks(manifest, folder)
    (folder / "gender-v1.onnx").unlink()
    with pytest.raises(ModelError, match=r"gender-v1.onnx: missing; profile demographics needs models of its own"):
        load_networks(manifest, folder)


def test_an_empty_picture_and_a_person_without_width_are_no_trouble(make_reader):
    reader = make_reader()
    watch(reader, 1, {})
    watch(reader, 1, {1: (100, 0.0)}, start=1)
    assert known(reader, 1) == [(-1, -1, -1)]


def rename_digest(folder, name):
    manifest = folder / "manifest.toml"
    text = manifest.read_text()
    at = text.index("sha256", text.index(f'file = "{name}"'))
    end = text.index("\n", at)
    manifest.write_text(f'{text[:at]}sha256 = "{file_sha256(folder / name)}"{text[end:]}')


@pytest.mark.parametrize(
    ("name", "outputs", "told"),
    [
        ("age-v1.onnx", [np.zeros((1, 55))], r"age-v1.onnx: answers \[\(1, 55\)\]; its manifest wants one \(1, 56\)"),
        (
            "gender-v1.onnx",
            [np.zeros((1, 2)), np.zeros((1, 2))],
            r"gender-v1.onnx: answers .*; its manifest wants one \(1, 2\)",
        ),
        ("centerface.onnx", [np.zeros((1, 2))], "centerface.onnx: does not run as CenterFace does"),
    ],
)
def test_networks_that_answer_otherwise_are_told_before_anybody_is_looked_at(
    make_face_models, make_model, name, outputs, told
):
    folder, size = make_face_models(), {"age-v1.onnx": 64, "gender-v1.onnx": 32}.get(name, 160)
    make_model(outputs, height=size, width=size).replace(folder / name)
    rename_digest(folder, name)
    with pytest.raises(ModelError, match=told):
        load_networks(load_face_manifest(folder), folder)


def test_what_is_no_model_is_told(make_face_models):
    folder = make_face_models()
    for name, told in (("centerface.onnx", "OpenCV cannot load it"), ("age-v1.onnx", "ONNX Runtime cannot load it")):
        kept = (folder / name).read_bytes()
        (folder / name).write_bytes(b"no model")
        rename_digest(folder, name)
        with pytest.raises(ModelError, match=rf"{name}: {told}"):
            load_networks(load_face_manifest(folder), folder)
        (folder / name).write_bytes(kept)
        rename_digest(folder, name)
