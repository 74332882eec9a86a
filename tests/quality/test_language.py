"""Language: recognised from function words and script, or left open."""

from __future__ import annotations

import pytest

from detector.quality import assess
from detector.quality.language import recognise, surely_english
from detector.quality.sentences import split
from detector.quality.tokens import tokenise

OTHERS = {
    "de": "Der Stadtrat hat am Montag beschlossen, die Brücke über den Fluss für sechs Wochen zu sperren.",
    "fr": "Le conseil municipal a décidé lundi de fermer le pont pendant six semaines pour des travaux de réparation.",
    "es": "El ayuntamiento decidió el lunes cerrar el puente durante seis semanas por las obras de reparación.",
    "it": "Il consiglio comunale ha deciso lunedì di chiudere il ponte per sei settimane, come ha detto il sindaco.",
    "nl": "De gemeenteraad heeft maandag besloten om de brug zes weken te sluiten voor het verkeer.",
    "pt": "A câmara municipal decidiu na segunda-feira fechar a ponte durante seis semanas para obras.",
    "pl": "Rada miasta zdecydowała w poniedziałek, że most na rzece zostanie zamknięty na sześć tygodni.",
    "sv": "Kommunen beslutade på måndagen att stänga bron i sex veckor för att den ska repareras.",
    "ru": "Городской совет в понедельник решил закрыть мост на шесть недель, чтобы провести эти работы.",
    "uk": "Міська рада в понеділок вирішила закрити міст на шість тижнів, щоб провести ці роботи.",
    "el": "Το δημοτικό συμβούλιο αποφάσισε τη Δευτέρα να κλείσει τη γέφυρα για έξι εβδομάδες.",
    "zh": "市议会星期一决定将这座桥关闭六个星期进行维修工程。",
    "ja": "市議会は月曜日、修理のために橋を六週間閉鎖することを決めた。",
    "ur": "شہر کی کونسل نے پیر کے روز پل کو چھ ہفتوں کے لیے بند کرنے کا فیصلہ کیا ہے۔",
}


@pytest.mark.parametrize("tag", OTHERS)
def test_another_language_is_recognised_and_not_assessed(tag: str) -> None:
    assert recognise(OTHERS[tag]).tag == tag
    quality = assess(OTHERS[tag] + "\n\n" + OTHERS[tag])
    assert (quality.label, quality.score, quality.language) == ("not_assessed", 0.0, tag)
    assert quality.reasons == ("not_assessed",)
    assert quality.sentences
    assert all(sentence.filler == 0.0 and sentence.reason is None for sentence in quality.sentences)


@pytest.mark.parametrize(
    "text",
    [
        "The council said on Monday that it would close the bridge for six weeks.",
        "Shr 41 cts vs 36 cts\nNet 8.2 mln vs 7.1 mln\nRevs 214.6 mln vs 201.3 mln\nNine mths shr 1.19 dlrs vs 1.02",
        "LONDON, March 3 - Spot wheat prices rose two dlrs a tonne in quiet trading, dealers said.",
    ],
)
def test_english_and_the_telegraphic_english_of_the_wires_are_english(text: str) -> None:
    assert recognise(text).tag == "en"


def test_a_few_words_tell_no_language() -> None:
    language = recognise("Bridge closed on Monday")
    assert language.tag is None
    assert language.too_short


def test_a_declared_other_language_is_believed() -> None:
    quality = assess("The council said on Monday that it would close the bridge.", language="de-AT")
    assert quality.label == "not_assessed"
    assert "'de-AT'" in quality.reasons[0].detail


def test_a_text_declared_english_but_written_in_german_is_not_assessed() -> None:
    assert assess(OTHERS["de"], language="en").label == "not_assessed"


def test_a_table_of_figures_is_assessed_only_when_somebody_declares_it_english() -> None:
    table = "USD 2.0560 DM 112.845 STG 3.3280 FFR 33.915 NKR 30.165 BFR 5.4500 CAN 1.5735 SFR 136.00"
    assert assess(table).label == "not_assessed"
    assert assess(table, language="en-GB").label != "not_assessed"


def test_what_is_surely_english_is_english_and_no_other_language_is() -> None:
    english = "The council said on Monday that it would close the bridge over the river for six weeks. " * 4
    assert surely_english(tokenise(english, split(english), ""))
    assert not any(surely_english(tokenise(text * 9, split(text * 9), english)) for text in OTHERS.values())
    assert not surely_english(tokenise("in in in in " * 20, [(0, 240)], ""))
