import re
import string
import sys
from datetime import date, timedelta

import pytest
import yaml

from vitrina.cli import main
from vitrina.notice_words import WORDS

GROUNDS = {
    "basis": "Consent, Art. 6(1)(a) GDPR",
    "notice": "Behind the <blue> line a computer guesses",
    "contact": "privacy@shop.example",
    "until": date(2099, 2, 1),
}


@pytest.fixture
def sign(tmp_path, monkeypatch, capsys):
    """`sign("--lang", "ru", profile=...)`: exit code, text and errors of `vitrina notice` for such a box."""

    def call(*options, screens=False, drop=(), **changes):
        site = {"site": "shop", "name": "Corner & Co", "timezone": "Europe/Moscow", "cameras": {"door": {}}}
        if screens:
            site |= {"floor": {"bounds_m": [[0, 0], [4, 3]]}, "screens": {"s": {"at_m": [1, 1]}}}
        box = {
            "box": "box-7", "site": "site.yaml", "operator": "Corner Shop Ltd", "cameras": {"door": {"source": "${DOOR}"}},
            "broker": {"username": "b", "password": "${PASSWORD}"},
        } | changes  # fmt: skip
        (tmp_path / "site.yaml").write_text(yaml.safe_dump(site))
        (tmp_path / "edge.yaml").write_text(yaml.safe_dump({k: v for k, v in box.items() if k not in drop}))
        monkeypatch.setattr(sys, "argv", ["vitrina", "notice", "--config", str(tmp_path / "edge.yaml"), *options])
        with pytest.raises(SystemExit) as done:
            main()
        return done.value.code, *capsys.readouterr()

    return call


def test_the_sign_needs_no_passwords_and_says_who_and_where(sign):
    code, text, _ = sign()
    assert code == 0
    assert text.startswith("CAMERAS COUNT PEOPLE HERE\n")
    for said in (
        "Corner Shop Ltd",
        "Corner & Co",
        "profile objects",
        "box-7",
        "at least 5",
        "faces are not looked for",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("profile", "says", "does_not"),
    [
        ("counting", ["where they walk"], ["bicycle", "gender and age band"]),
        ("objects", ["bicycle"], ["gender and age band", "On what grounds"]),
        ("demographics", ["bicycle", "gender and age band (0–17"], ["faces are not looked for"]),
    ],
)
def test_it_says_what_the_profile_does_and_nothing_more(sign, profile, says, does_not):
    _, text, _ = sign(profile=profile, demographics=GROUNDS)
    assert all(words in text for words in says)
    assert not any(words in text for words in does_not)
    assert ("GDPR" in text) == (profile == "demographics")


def test_screens_are_spoken_of_where_there_are_some(sign):
    assert "screen" not in sign()[1]
    assert "choose what its screens show" in sign(screens=True)[1]
    assert "someone who is there alone" in sign(screens=True, profile="demographics", demographics=GROUNDS)[1]


@pytest.mark.parametrize(("lang", "day"), [("en", "1 February 2099"), ("ru", "1 февраля 2099 г.")])
def test_in_demographics_it_says_grounds_contact_and_how_long(sign, lang, day):
    code, text, _ = sign("--lang", lang, profile="demographics", demographics=GROUNDS, smallest_cell=12)
    assert code == 0
    for said in (GROUNDS["basis"], GROUNDS["notice"], GROUNDS["contact"], day, "12"):
        assert said in text


def test_the_russian_sign_is_russian(sign):
    _, text, _ = sign("--lang", "ru", screens=True)
    latin = set(re.findall(r"[A-Za-z]{3,}", text))
    assert latin <= {"Corner", "Shop", "Ltd", "Vitrina", "objects", "box"}
    assert text.startswith("ЗДЕСЬ КАМЕРЫ СЧИТАЮТ ЛЮДЕЙ")


def test_both_languages_say_the_same_things():
    fields = [
        {key: {name for _, name, _, _ in string.Formatter().parse(said) if name} for key, said in WORDS[lang].items()}
        for lang in ("en", "ru")
    ]
    assert fields[0] == fields[1]
    assert all(len(WORDS[lang]["months"].split()) == 12 for lang in ("en", "ru"))


def test_the_page_is_whole_says_the_same_and_takes_nobodys_markup(sign, tmp_path):
    out = tmp_path / "sign.html"
    _, text, _ = sign("--out", str(out), "--lang", "ru", profile="demographics", demographics=GROUNDS)
    page = out.read_text(encoding="utf-8")
    assert '<html lang="ru">' in page
    assert "Behind the &lt;blue&gt; line" in page
    assert "Corner &amp; Co" in page
    for line in re.findall(r"^  - (.+)$", text, re.MULTILINE):
        assert line in page
    assert not re.search(r"src=|href=|url\(|<script", page)


def test_a_basis_that_has_ended_has_no_sign(sign):
    yesterday = date.today() - timedelta(days=2)
    code, text, err = sign(profile="demographics", demographics=GROUNDS | {"until": yesterday})
    assert (code, text) == (2, "")
    assert re.search(rf"edge.yaml: demographics.until: .* end of {yesterday} \(Europe/Moscow\)", err)


def test_what_the_sign_cannot_do_without_is_told(sign, tmp_path, monkeypatch, capsys):
    code, _, err = sign(drop=("operator",))
    assert code == 2
    assert "edge.yaml: operator: missing; the sign must say who runs the cameras" in err
    code, _, err = sign("--config", str(tmp_path / "none.yaml"))
    assert code == 2
    assert "none.yaml: there is no configuration; name the box's edge.yaml with --config" in err
    code, _, err = sign("--out", str(tmp_path / "no" / "sign.html"))
    assert code == 1
    assert "sign.html: cannot be written" in err
