from __future__ import annotations

import unicodedata

import pytest

from core.data.file_names import Filed, class_in, classes_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("किताब-1.png", "किताब"),
        ("कुत्ता-1.png", "कुत्ता"),
        ("किताब-१.png", "किताब"),
        ("หมี-01.png", "หมี"),
        ("หมู-01.png", "หมู"),
        ("жук_1.png", "жук"),
        ("red_apple-01.png", "red_apple"),
        ("red_car-01.png", "red_car"),
        ("t-shirt.png", "t-shirt"),
        ("t-rex.png", "t-rex"),
        ("brown bear (1).png", "brown bear"),
        ("brown rat (1).png", "brown rat"),
        ("Brown  Bear(12).JPG", "Brown Bear"),
        ("3_0012.png", "3"),
        ("7-1.png", "7"),
        ("cat.17.jpg", "cat"),
        ("cat1.png", "cat"),
        ("cat-01 (1).png", "cat"),
        ("type1_001.png", "type1"),
        ("mp3-01.png", "mp3"),
        ("cat", "cat"),
        ("0012.png", ""),
        ("(1).png", ""),
        ("-1.png", ""),
    ],
)
def test_a_name_begins_with_its_class(name: str, expected: str) -> None:
    assert class_in(name) == expected


def test_letters_that_are_written_in_two_ways_are_one_class() -> None:
    composed, apart = (unicodedata.normalize(form, "blüte_1.png") for form in ("NFC", "NFD"))
    assert composed != apart
    assert class_in(composed) == class_in(apart) == "blüte"
    folders = [unicodedata.normalize(form, f"set/{name}/1.png")
               for form in ("NFC", "NFD") for name in ("é", "b")]  # fmt: skip
    assert [filed.label for filed in classes_of(folders)] == ["é", "b", "é", "b"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("straße", "STRASSE"), ("İstanbul", "istanbul"), ("Cat", "cAT"), ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("\uff43\uff41\uff54", "Cat"), ("ﾊﾞﾗ", "バラ"), ("É", "e\u0301"),
        ("Brown  Bear", "brown bear"),
    ],
)  # fmt: skip
def test_names_that_differ_in_large_and_small_letters_are_one_class(
    first: str, second: str
) -> None:
    expected = unicodedata.normalize("NFC", " ".join(first.split()))
    files = [f"{first}-1.png", f"{second}-2.png", "other-1.png"]
    assert [filed.label for filed in classes_of(files)] == [expected, expected, "other"]
    folders = [f"set/{first}/1.png", f"set/{second}/2.png", "set/other/1.png"]
    assert [filed.label for filed in classes_of(folders)] == [expected, expected, "other"]
    # One folder in two spellings is no folder for each class.
    assert [filed.label for filed in classes_of([f"{first}/a-1.png", f"{second}/b-1.png"])] == [
        "a",
        "b",
    ]


@pytest.mark.parametrize(
    ("first", "second"), [("x²", "x2"), ("①", "1a"), ("e", "é"), ("\u0131", "i")]
)
def test_other_letters_are_another_class(first: str, second: str) -> None:
    labels = [filed.label for filed in classes_of([f"{first}-1.png", f"{second}-2.png"])]
    assert labels == [first, second]


def test_a_folder_is_a_class_where_there_are_several() -> None:
    paths = ["pets/cats/IMG_1.png", "pets/dogs/IMG_1.png", "pets/test tube/x.png"]
    assert classes_of(paths) == [Filed("cats"), Filed("dogs"), Filed("test tube")]
    assert classes_of(["pets/cat-1.png", "pets/dog-1.png"]) == [Filed("cat"), Filed("dog")]
    assert classes_of(["cats\\1.png", "dogs\\1.png"]) == [Filed("cats"), Filed("dogs")]


def test_folders_say_what_is_tested_on() -> None:
    assert classes_of(["set/train/cat/1.png", "set/val/dog/1.png"]) == [
        Filed("cat"), Filed("dog", tests=True),
    ]  # fmt: skip
    assert classes_of(["set/train/cat-1.png", "set/test/dog-1.png"]) == [
        Filed("cat"), Filed("dog", tests=True),
    ]  # fmt: skip
