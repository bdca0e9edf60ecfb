"""The HTML report in a headless Chromium: what is on the page, the filter, the orders, the keys, and that nothing gets out."""
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from chromium import Chromium

SHARK = Path(__file__).resolve().parents[3] / "models" / "everyday" / "shark.png"
HOSTILE_LABEL = "</span><script>window.broken = 1</script><img src=x onerror=\"window.broken = 1\">'\""
HOSTILE_NAME = "</script><img src=x onerror=window.broken=1>\u202egpj.png".replace("/", "\N{FRACTION SLASH}")
LABELS = ("--label", "shark", "--label", "Crème brûlée", "--label", "submarine", "--label", HOSTILE_LABEL)


@pytest.fixture(scope="module")
def browser():
    with Chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def report(run_clipcls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page about 12 pictures and two errors, in a folder of its own."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "photos").mkdir()
    names = [f"IMG_{number}.jpg" for number in (2, 10, 1, 33, 21, 9, 7, 4, 5)] + [HOSTILE_NAME, "new\nline.png", "a#b?c%20.png"]
    for number, name in enumerate(names):
        picture = Image.open(SHARK).convert("RGB").rotate(30 * number).resize((300 + 20 * number, 200))
        picture.save(folder / "photos" / name)
    (folder / "photos" / "broken <b>.jpg").write_bytes((folder / "photos" / "IMG_2.jpg").read_bytes()[:300])
    images = [folder / "photos" / name for name in [*names[:6], "broken <b>.jpg", "missing.jpg", *names[6:]]]
    result = run_clipcls(*images, *LABELS, "-f", "html", "-o", folder / "report.html")
    assert result.returncode == 1
    return folder / "report.html"


def names_on(browser: Chromium) -> list[str]:
    return browser.evaluate("Array.from(document.querySelectorAll('.image:not([hidden]) .name'), e => e.textContent.split('/').pop())")


def scores_on(browser: Chromium) -> list[float]:
    return browser.evaluate("Array.from(document.querySelectorAll('.image:not([hidden])'), e => Number(e.dataset.score))")


def test_the_page_is_whole_without_its_script(report: Path):
    text = report.read_text("utf-8")
    assert text.count('<li class="image"') == 12 and text.count('src="data:image/jpeg;base64,') == 12
    assert text.index("Errors (2)") > text.rindex('<li class="image"')
    assert not re.search(r"""(?:src|href)=["'](?!data:|\./|#)""", text)  # nothing of another place
    assert "\u202e" not in text and "window.broken = 1</script>" not in text


def test_nothing_breaks_and_nothing_is_loaded(browser: Chromium, report: Path):
    browser.open(report)
    assert browser.problems() == []
    assert [url for url in browser.requests() if not url.startswith("data:")] == [report.as_uri()]
    assert browser.evaluate("window.broken === undefined && document.querySelectorAll('script').length === 1")
    assert browser.evaluate("Array.from(document.images).every(e => e.complete && e.naturalWidth > 0 && e.naturalWidth <= 160)")
    assert HOSTILE_LABEL in browser.evaluate("Array.from(document.querySelectorAll('.label'), e => e.textContent)")
    assert HOSTILE_NAME.replace("\u202e", "\\u202E") in names_on(browser) and "new\\x0Aline.png" in names_on(browser)


def test_its_policy_forbids_scripts_that_are_not_its_own(browser: Chromium, report: Path, tmp_path: Path):
    page = tmp_path / "report.html"
    page.write_text(report.read_text("utf-8").replace("</main>", "<script>window.broken = 1</script></main>"), "utf-8")
    browser.open(page)
    assert browser.evaluate("window.broken === undefined")
    assert any("Content Security Policy" in problem for problem in browser.problems())
    assert browser.evaluate("document.querySelector('form').className") == "ready"  # its own has run


def test_bars_say_what_the_scores_say(browser: Chromium, report: Path):
    browser.open(report)
    widths = browser.evaluate("""Array.from(document.querySelectorAll('.labels li'), e => [parseFloat(e.querySelector('.score').textContent),
        100 * e.querySelector('.bar i').getBoundingClientRect().width / e.querySelector('.bar').clientWidth])""")
    assert len(widths) == 48
    for score, width in widths:
        assert width == pytest.approx(score, abs=1)


def test_filter_by_label(browser: Chromium, report: Path):
    browser.open(report)
    best = browser.evaluate("Array.from(document.querySelectorAll('.labels'), e => e.querySelector('.label').textContent)")
    num_sharks = best.count("shark")
    assert 0 < num_sharks < 12
    browser.open(report, "#label=SHARK")
    assert len(names_on(browser)) == num_sharks
    assert browser.evaluate("document.getElementById('shown').textContent") == f"{num_sharks} of 12 images"
    browser.open(report, "#label=creme+bru&where=any")  # accents may be left out
    assert len(names_on(browser)) == 12
    browser.open(report, "#label=img_1&where=name")
    assert names_on(browser) == ["IMG_10.jpg", "IMG_1.jpg"]
    browser.open(report, "#label=no+such+label")
    assert names_on(browser) == []


def test_orders(browser: Chromium, report: Path):
    browser.open(report)
    as_given = names_on(browser)
    assert as_given[:6] == ["IMG_2.jpg", "IMG_10.jpg", "IMG_1.jpg", "IMG_33.jpg", "IMG_21.jpg", "IMG_9.jpg"]
    browser.open(report, "#sort=name")
    assert [name for name in names_on(browser) if name.startswith("IMG")] == [
        f"IMG_{number}.jpg" for number in (1, 2, 4, 5, 7, 9, 10, 21, 33)]
    browser.open(report, "#sort=score")
    assert scores_on(browser) == sorted(scores_on(browser), reverse=True)
    browser.open(report, "#sort=unsure")
    assert scores_on(browser) == sorted(scores_on(browser))
    browser.evaluate("(() => { const { sort } = document.querySelector('form').elements; sort.value = 'input'; "
                     "sort.dispatchEvent(new Event('change')); })()")
    assert names_on(browser) == as_given
    browser.open(report, "#sort=<img>&where=nonsense")  # an address that somebody made up
    assert names_on(browser) == as_given and browser.problems() == []


def test_keys(browser: Chromium, report: Path):
    browser.open(report)
    focused = "document.activeElement.querySelector('.name')?.textContent.split('/').pop()"
    browser.press("j")
    browser.press("j")
    assert browser.evaluate(focused) == "IMG_10.jpg"
    browser.press("k")
    assert browser.evaluate(focused) == "IMG_2.jpg"
    browser.press("/")
    assert browser.evaluate("document.activeElement.name") == "label"
    for key in "shark":
        browser.press(key)  # j and k are letters here
    assert browser.evaluate("location.hash") == "#label=shark"
    assert 0 < len(names_on(browser)) < 12
    browser.press("Escape")
    assert len(names_on(browser)) == 12 and browser.evaluate("location.hash") == ""
    browser.press("Tab")
    assert browser.evaluate("document.activeElement !== document.body")


def test_errors_are_listed_and_linked(browser: Chromium, report: Path):
    browser.open(report)
    errors = browser.evaluate("Array.from(document.querySelectorAll('.errors li'), e => e.textContent)")
    assert len(errors) == 2 and "broken <b>.jpg: " in errors[0] and "(broken_image)" in errors[0]
    assert "missing.jpg: no such file (not_found)" in errors[1]
    browser.evaluate("document.querySelector('#about a').click()")
    assert browser.evaluate("document.activeElement.id") == "errors"


def test_links_open_the_pictures(browser: Chromium, report: Path):
    browser.open(report)
    links = browser.evaluate("Array.from(document.querySelectorAll('.name a'), e => e.href)")
    found = {Path(path).name for path in map(browser_path, links) if Path(path).is_file()}
    assert len(links) == 12 and found >= {"a#b?c%20.png", "new\nline.png", HOSTILE_NAME, "IMG_1.jpg"}


def browser_path(url: str) -> str:
    from urllib.parse import unquote, urlsplit
    return unquote(urlsplit(url).path)


def test_looks_in_light_dark_narrow_and_on_paper(browser: Chromium, report: Path, tmp_path: Path):
    seen = set()
    for width, options in ((1280, {}), (1280, {"is_dark": True}), (390, {}), (800, {"is_printed": True})):
        browser.show(width, 900, **options)
        browser.open(report)
        assert browser.evaluate("document.documentElement.scrollWidth") <= width, "it can be read without scrolling sideways"
        browser.screenshot(tmp_path / "page.png")
        picture = Image.open(tmp_path / "page.png").convert("L")
        is_dark = picture.getpixel((2, picture.height - 2)) < 100
        assert is_dark == options.get("is_dark", False)
        seen.add(picture.tobytes())
        has_form = browser.evaluate("getComputedStyle(document.querySelector('form')).display !== 'none'")
        assert has_form != options.get("is_printed", False)
    assert len(seen) == 4
    browser.show(1280, 900)


def test_five_thousand_images(browser: Chromium, report: Path, tmp_path: Path):
    """The cards of the page, many times over: all there, and the filter and the orders are right."""
    head, cards, tail = re.match(r"(?s)(.*?<ul class=\"images\"[^>]*>\n)(.*)(</ul>\n<section.*)", report.read_text("utf-8")).groups()
    page = tmp_path / "large.html"
    page.write_text(head + cards * 417 + tail, "utf-8")
    browser.open(page, "#sort=score&label=shark")
    assert browser.evaluate("document.querySelectorAll('.image').length") == 5004
    assert len(names_on(browser)) % 417 == 0 and scores_on(browser) == sorted(scores_on(browser), reverse=True)


def test_of_features_and_of_sorted_files(browser: Chromium, run_clipcls, tmp_path: Path):
    photo = Path(shutil.copy(SHARK, tmp_path / "photo.png"))
    assert run_clipcls("embed", photo, "-o", tmp_path / "features").returncode == 0
    assert run_clipcls("--image-features", tmp_path / "features", *LABELS, "-f", "html", "-o", tmp_path / "a.html").returncode == 0
    browser.open(tmp_path / "a.html")
    assert browser.evaluate("document.images[0].naturalWidth") == 160
    assert run_clipcls(photo, *LABELS, "-f", "html", "-o", tmp_path / "b.html", "--move", "--sort-into",
                       tmp_path / "out" / "{label}").returncode == 0
    browser.open(tmp_path / "b.html")
    assert browser.evaluate("document.querySelector('.moved').textContent") == f"→ {tmp_path}/out/shark/photo.png"
    assert browser_path(browser.evaluate("document.querySelector('.name a').href")) == f"{tmp_path}/out/shark/photo.png"
