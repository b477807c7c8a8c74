"""When a watched file is whole, and where it goes."""

import os

import pytest

from server.db.imports import FaultRecord
from server.imports.folders import Folders, in_lines
from server.settings import WatchedFolder


@pytest.fixture
def folder(tmp_path):
    return WatchedFolder(site="shop", folder=tmp_path, subject="receipts")


@pytest.fixture
def folders(folder):
    return Folders([folder])


def names(found):
    return [file.path.name for file in found]


def test_a_file_is_whole_when_it_has_been_still_for_a_look(folders, folder, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("one")
    assert folders.look(folder) == []
    path.write_text("one and two")
    assert folders.look(folder) == [], "it grew"
    assert names(folders.look(folder)) == ["a.csv"]


def test_a_file_that_loses_its_part_is_whole_at_once(folders, folder, tmp_path):
    (tmp_path / "a.csv.part").write_text("one")
    assert folders.look(folder) == []
    (tmp_path / "a.csv.part").rename(tmp_path / "a.csv")
    assert names(folders.look(folder)) == ["a.csv"]


def test_the_oldest_comes_first_and_only_plain_files_count(folders, folder, tmp_path):
    for n, name in enumerate(("b.csv", "a.csv", ".hidden", "c.tmp")):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (1000 + n, 1000 + n))
    (tmp_path / "done").mkdir()
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    folders.look(folder)
    assert names(folders.look(folder)) == ["b.csv", "a.csv"]


def test_a_file_goes_where_it_belongs_with_what_there_is_to_tell(folders, folder, tmp_path):
    for _ in range(2):
        (tmp_path / "a.csv").write_text("one")
        folders.look(folder)
        (file,) = folders.look(folder)
        folders.put_away(file, taken=False, told=["line 2: wrong"])
    assert sorted(path.name for path in (tmp_path / "refused").iterdir()) == [
        "a-2.csv", "a-2.csv.txt", "a.csv", "a.csv.txt",
    ]  # fmt: skip
    assert (tmp_path / "refused/a.csv.txt").read_text() == "line 2: wrong\n"


def test_a_file_that_cannot_be_moved_is_not_taken_again_until_it_changes(folders, folder, tmp_path):
    (tmp_path / "done").write_text("in the way")
    (tmp_path / "a.csv").write_text("one")
    folders.look(folder)
    (file, *_) = (each for each in folders.look(folder) if each.path.name == "a.csv")
    with pytest.raises(OSError, match="done"):
        folders.put_away(file, taken=True, told=[])
    assert "a.csv" not in names(folders.look(folder))
    (tmp_path / "a.csv").write_text("one and more")
    folders.look(folder)
    assert "a.csv" in names(folders.look(folder))


def test_a_missing_folder_is_an_error_to_tell(folders, folder, tmp_path):
    tmp_path.rmdir()
    with pytest.raises(FileNotFoundError):
        folders.look(folder)


def test_faults_are_told_line_by_line():
    faults = [FaultRecord(0, "", "all of it"), FaultRecord(7, "Сумма", "is empty")]
    assert in_lines("Broken.", faults) == ["Broken.", "file: all of it", "line 7, Сумма: is empty"]
