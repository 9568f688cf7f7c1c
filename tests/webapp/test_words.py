"""Every English text of a page is marked for translation: nothing that people read stands bare in a template."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
TOKENS = re.compile(
    r"(\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|"
    r"<(?:\"[^\"]*\"|'[^']*'|\{%.*?%\}|\{\{.*?\}\}|[^<>\"'])*>)",
    re.DOTALL,
)
# Between these nothing is prose, or everything is translated already.
OPAQUE = {"script", "style", "code", "svg", "kbd"}
SPOKEN = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"{}]*[A-Za-z]{2}[^"{}]*)"')
NAMES = {"Touchline"}
# These are drawn when nothing else works, also without settings for languages.
BARE = {"403.html", "403_csrf.html", "404.html", "500.html"}


def bare_words(text: str) -> list[str]:
    """Texts and spoken attributes that are not marked."""
    found, inside, translated, is_name = [], [], False, False
    for token in TOKENS.split(text):
        if token.startswith("{%"):
            words = token[2:-2].split()
            translated = words[0] == "blocktranslate" or (
                translated and words[0] != "endblocktranslate"
            )
            # The block of a page's class holds names of styles.
            is_name = words[:2] == ["block", "page_class"]
        elif token.startswith("<") and (tag := re.match(r"<(/?)(\w+)", token)):
            found += SPOKEN.findall(token)
            if tag[2] in OPAQUE:
                inside = inside[:-1] if tag[1] else [*inside, tag[2]]
        elif not token.startswith(("{", "<")) and not inside and not translated and not is_name:
            found.append(token.strip())
    return [words for words in found if re.search(r"[A-Za-z]{2}", words) and words not in NAMES]


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_every_text_is_marked(path):
    if path.name not in BARE:
        assert bare_words(path.read_text(encoding="utf-8")) == []


def test_bare_words_are_found():
    assert bare_words('<p title="Hi there">{% translate "a" %} bare <b>{{ x }}</b></p>') == [
        "Hi there",
        "bare",
    ]
    assert (
        bare_words("{% blocktranslate %}Page {{ n }}{% endblocktranslate %}<code>make up</code>")
        == []
    )
