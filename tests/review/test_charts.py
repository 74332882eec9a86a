"""Charts are elements of SVG that need no colour, no style and no script."""

from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from service.review.charts import bars, lines


def _read(drawn: Markup) -> ET.Element:
    return ET.fromstring(drawn)  # noqa: S314  # our own


def test_a_bar_has_its_name_and_its_number() -> None:
    texts = [text.text for text in _read(bars([("harbour-post", 12.0), ("ellory", 3.0)])).iter("text")]
    assert texts == ["harbour-post", "12", "ellory", "3"]


def test_each_line_has_a_dash_and_a_name_of_its_own() -> None:
    drawn = _read(lines({"published": [1, 2, 3], "held": [0, 1, 0]}, ["a", "b", "c"]))
    dashes = [line.get("stroke-dasharray") for line in drawn.iter("polyline")]
    assert len(set(dashes)) == 2
    assert {"published", "held"} <= {text.text for text in drawn.iter("text")}


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onload='x"])
def test_names_are_escaped(hostile: str) -> None:
    for drawn in (bars([(hostile, 1.0)]), lines({hostile: [1.0]}, [hostile])):
        elements = {element.tag for element in _read(drawn).iter()}
        assert elements <= {"svg", "text", "rect", "line", "polyline", "circle"}
        assert not {name for element in _read(drawn).iter() for name in element.attrib if name.startswith("on")}


def test_nothing_counted_says_so() -> None:
    assert "nothing yet" in bars([])
    assert "nothing yet" in lines({}, [])
