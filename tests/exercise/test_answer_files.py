from __future__ import annotations

import zipfile

import numpy as np
import pytest

from tinygrad_edu.exercise import answer_files
from tinygrad_edu.exercise.answer_files import AnswersError, read_answers, submitted


@pytest.fixture
def file(tmp_path):
    """Writes a file, and gives its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_json_is_read_with_or_without_a_byte_order_mark(file):
    assert read_answers(file("a.json", '\ufeff{"W1": [[0.5]]}')) == {"W1": [[0.5]]}


def test_arrays_of_numpy_are_read(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", W1=np.eye(2), b=np.float32(3))

    found = read_answers(tmp_path / "a.npz")

    np.testing.assert_array_equal(found["W1"], np.eye(2))
    assert found["b"].dtype == np.float32


def test_a_table_has_a_row_of_an_array_in_each_line(file):
    assert read_answers(file("a.csv", "W1, 0.5, -1\nW1, 2, 1/3\n\nb1, 4, 5\n")) == {
        "W1": [["0.5", "-1"], ["2", "1/3"]],
        "b1": ["4", "5"],
    }


def test_a_table_may_be_separated_as_spreadsheets_do(file):
    assert read_answers(file("a.csv", "W1;0,5;-1\n")) == {"W1": ["0,5", "-1"]}
    assert read_answers(file("W1.csv", "1\t2\n")) == {"W1": [["1", "2"]]}


def test_the_answers_in_a_students_folder_are_found(file, tmp_path):
    (tmp_path / "inner").mkdir()

    only = file("inner/mine.npz", "")
    assert submitted(tmp_path) == only
    file(".hidden.json", "")
    answers = file("answers.json", "")
    assert submitted(tmp_path) == answers
    assert submitted(answers) == answers


def test_a_table_of_numbers_is_the_array_that_the_file_is_called_after(file):
    assert read_answers(file("W1.csv", "0.5,-1\n2,3\n")) == {"W1": [["0.5", "-1"], ["2", "3"]]}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "", r"are needed as \.json, \.npz, \.csv or \.py, got a\.txt"),
        ("a.json", "{", "are not JSON: Expecting property name"),
        ("a.json", "[" * 100_000, "are not JSON that can be read: it is nested too deep"),
        ("a.json", " \n", "are not JSON: there is nothing in it"),
        ("a.json", b"\xff\xfe\x00", "it is not text in utf-8"),
        ("a.csv", b"\xff\xfe\x00", "it is not text in utf-8"),
        ("a.csv", "", "hold no numbers"),
        ("a.npz", b"PK", "are not an .npz file"),
        ("a.npz", b"", "are not an .npz file"),
        ("a.py", b"\xff", "cannot be read: .* is not text in UTF-8"),
    ],
)
def test_what_cannot_be_read_is_told(file, name, content, message):
    with pytest.raises(AnswersError, match=message):
        read_answers(file(name, content))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(AnswersError, match="cannot be read: no such file"):
        read_answers(tmp_path / "a.json")


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(answer_files, "MAX_BYTES", 10_000)
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W1.npy", b"\0" * 1_000_000)

    with pytest.raises(AnswersError, match="when unpacked"):
        read_answers(tmp_path / "a.npz")
