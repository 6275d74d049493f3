"""Terms in captions and URLs: words are whole, accents do not count, and scripts differ."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.captions.batch import TOPICS, search
from analysis.captions.folding import folded, folded_all
from analysis.captions.terms import FOLDER, LANGUAGES, terms
from analysis.captions.words import find_terms


def categories(caption: str | None, url: str | None = None) -> set[str]:
    """Return what a link's texts say."""
    return {hit.category for hit in search([caption], [url])}


@pytest.mark.parametrize(
    ("caption", "category"),
    [
        ("MRI of the knee", "clinical"),
        ("Röntgen, Knie links", "clinical"),
        ("Rontgenbild", "clinical"),
        ("der Arztbefund", "clinical"),
        ("рентгена кисти", "clinical"),
        ("王丽术前照片", "clinical"),
        ("田中様カルテ", "clinical"),
        ("her driver’s license", "identity"),
        ("Carte d'identité", "identity"),
        ("手持身份证", "identity"),
        ("relevé de compte", "finance"),
        ("extrato bancário", "finance"),
        ("給与明細", "finance"),
        ("фото: голая", "intimate"),
        ("bulletin scolaire", "minors"),
        ("captura de pantalla", "letters"),
    ],
)
def test_terms_are_found(caption: str, category: str) -> None:
    """A term is found whatever its case, its accents and its apostrophes."""
    assert category in categories(caption)


@pytest.mark.parametrize(
    "caption",
    ["scarlet", "scarf", "the MRIs", "a craniepassporte", "skyscraper", "шовинист", None, ""],
)
def test_words_are_whole(caption: str | None) -> None:
    """A term within a longer word of an alphabet with spaces is none."""
    assert not categories(caption) & TOPICS


@pytest.mark.parametrize(
    "url",
    [
        "http://a.test/passport-scan/1.jpg",
        "http://a.test/x?file=Passport_Scan.jpg",
        "http://a.test/passport%20scan.jpg",
        "http://a.test/%E8%BA%AB%E4%BB%BD%E8%AF%81.jpg",
    ],
)
def test_paths_are_words(url: str) -> None:
    """In a URL's path and query every sign parts words, and escapes are undone."""
    assert categories(None, url) == {"identity"}


def test_a_host_says_nothing() -> None:
    """The name of a host is not what its pictures show."""
    assert not categories(None, "http://passport.test/1.jpg")


def test_every_list_speaks_every_language() -> None:
    """Each category has terms in each of the eight languages, and no other language."""
    for path in FOLDER.glob("*.toml"):
        found = tomllib.loads(path.read_text(encoding="utf-8"))["terms"]
        assert tuple(found) == LANGUAGES, path.name
        assert all(found.values()), path.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_finds_itself(language: str) -> None:
    """A term's own spelling is found where it stands as a caption."""
    ours = [term for term in terms() if term.language == language]
    captions = [term.text.replace("*", "") for term in ours]
    found = {(one.row, one.term.category) for one in find_terms(folded_all(captions))}
    assert found >= {(row, term.category) for row, term in enumerate(ours)}


@given(
    st.lists(st.text(max_size=40) | st.sampled_from(["скан паспорта", "x-ray", "身份证", "DSC_1"]))
)
def test_a_batch_is_its_texts(captions: list[str]) -> None:
    """What is found in a text does not depend on the texts beside it."""
    together = search(captions, [None] * len(captions))
    alone = [(row, search([text], [None])) for row, text in enumerate(captions)]
    assert {(hit.row, hit.category, hit.position, hit.hits) for hit in together} == {
        (row, hit.category, hit.position, hit.hits) for row, hits in alone for hit in hits
    }


@given(st.text(max_size=60))
def test_folding_settles(text: str) -> None:
    """Text that was made comparable stays as it is, on one line."""
    once = folded(text)
    assert "\n" not in once
    assert folded(once) == once
