"""Items: what is published, held and rejected, and each reason with a text that has it and one that has not."""

from __future__ import annotations

import time

import pytest

from detector.quality import assess

BRIEF = (
    "A lorry shed 20 tonnes of gravel on the A9 near Calvine at 6:15 a.m. on Tuesday. The northbound lane reopened at "
    "ten, Police Scotland said. The driver, 44, was not hurt. Nobody has been charged."
)
OBITUARY = (
    "Walter Amos Brandt of Linden died on Friday at St. Luke's, aged 88.\n\n"
    "He was born in Osage on 12 March 1936, the son of a railway clerk, and taught himself to mend clocks. From 1961 "
    "to 2009 he kept the shop on Court Street where three generations bought their wedding rings. He loved his garden, "
    "his Lutheran choir and the Tuesday card game at Emil's.\n\n"
    "He was a devoted husband to Irma, who died in 2015. He leaves two sons, Paul and Dieter, and seven grandchildren. "
    "The funeral is on Wednesday at 2 p.m. at Zion Church."
)
OPINION = (
    "I have ridden the 14 bus to work for nine years, and I have never seen it so empty. On Monday there were four of "
    "us.\n\nThe company says nobody wants it. I say nobody can use it: since January the first bus leaves at 7:40, and "
    "the hospital's early shift begins at seven. I asked 31 nurses in the canteen, and 26 of them told me they would "
    "take a bus at 6:20. The council pays £380,000 a year for this line.\n\nI think it should ask for its money back. "
    "Councillor Jane Frith tells me she will raise it on 4 May. I will be in the gallery, if I can get there."
)
LIVE = (
    "Live: Flooding in the Arve valley\n\n07:10\n\nThe level at Pont Neuf is 4.82 metres and rising, the prefecture "
    "says.\n\n07:35\n\nTwo campsites at Sallanches have been cleared, about 160 people in all.\n\n08:05\n\nTrains "
    "between Cluses and Le Fayet are cancelled until noon.\n\n08:20\n\nA man of 62 has been rescued from the roof of "
    "his van near Magland, firefighters tell us."
)
SMOOTH_BUT_DENSE = (
    "The Tellers County Board of Supervisors has approved a $27 million contract with Norvale Construction to replace "
    "the Pine Creek Bridge, which was closed in August 2022 following the discovery of cracks in two girders. The "
    "contract, approved by a vote of 4-1, requires completion by October 31, 2026. Supervisor Linda Achterberg cast "
    "the dissenting vote, citing a competing bid of $24.9 million from a firm disqualified for late papers.\n\n"
    "According to county engineer Samuel Ortiz, the new structure will carry two lanes and a bicycle path of eight "
    "feet. Additionally, the state will contribute $11 million from its 2023 infrastructure bond. Approximately 6,400 "
    "vehicles used the bridge daily prior to its closure, and the detour via Route 88 adds 14 miles to the trip."
)
PADDED_TITLE = "Museum Closure Raises Questions About Heritage and the Path Ahead"
PADDED = (
    "The Maritime Museum in Corrin will close on 28 June, the town council decided by eight votes to three.\n\n"
    "The announcement comes at a moment when cultural institutions everywhere are grappling with profound change. For "
    "many observers, the decision reflects broader tensions between preservation and the demands of a shifting "
    "landscape. Museums have always been places where the past and the present meet.\n\n"
    "Experts note that such developments rarely have a single cause and must be understood in context. The closure of "
    "the Maritime Museum, which will take place in June, has prompted reflection across the community. It underscores "
    "the importance of dialogue between decision-makers and the public they serve.\n\n"
    "Whether new opportunities will emerge from this challenging chapter remains to be seen. Much could depend on how "
    "stakeholders respond in the months ahead. What is certain is that heritage belongs to everyone, and that caring "
    "for it is a responsibility shared by all (source: cultural observers)."
)


@pytest.mark.parametrize("text", [BRIEF, OBITUARY, OPINION, LIVE, SMOOTH_BUT_DENSE])
def test_genuine_news_of_every_genre_is_published(text: str) -> None:
    quality = assess(text)
    assert (quality.label, quality.reasons) == ("publish", ())
    assert quality.score < 0.3


def test_a_padded_item_is_rejected_with_its_share_of_padding() -> None:
    quality = assess(PADDED, title=PADDED_TITLE)
    assert quality.label == "reject"
    assert quality.score > 0.9
    assert "padding" in quality.reasons
    assert "% of the words" in quality.reasons[0].detail


def test_most_sentences_of_a_padded_item_are_flagged_and_each_says_why() -> None:
    sentences = assess(PADDED, title=PADDED_TITLE).sentences
    flagged = [sentence for sentence in sentences if sentence.flagged]
    assert len(flagged) > 0.7 * len(sentences)
    assert all(sentence.reason for sentence in flagged)
    assert all(sentence.reason is None for sentence in sentences if not sentence.flagged)
    assert not sentences[0].flagged  # the one fact


def test_every_sentence_is_a_slice_of_the_text() -> None:
    for sentence in assess(PADDED).sentences:
        assert PADDED[sentence.start : sentence.end] == sentence.text


def test_the_same_text_gets_the_same_answer() -> None:
    assert assess(PADDED, title=PADDED_TITLE) == assess(PADDED, title=PADDED_TITLE)


REASONS = {
    "thin": ("See the pictures here.", BRIEF),
    "stub": (
        BRIEF + " To continue reading this article, choose a plan.",
        BRIEF + " The driver was reading a map.",
    ),
    "promotion": (
        BRIEF + " Shop now and use the code GRAVEL for free shipping on our products.",
        BRIEF + " The gravel was on its way to a shop in Perth.",
    ),
    "repetition": ("\n\n".join([BRIEF, BRIEF]), "\n\n".join([BRIEF, LIVE])),
    "garbled": (
        BRIEF + " â€œThe roadâ€™s clear,â€\x9d he said in the cafÃ© at the depÃ´t.",
        BRIEF + " “The road’s clear,” he said in the café at the dépôt.",
    ),
    "leftovers": (
        "Sure, here's a news article in a neutral tone: " + BRIEF,
        BRIEF + " “Here is your gravel,” the driver joked.",
    ),
    "shouting": ((BRIEF + " " + LIVE).upper(), BRIEF + " Rescue workers of the RNLI and the RAF were not needed."),
}


NOT_ARTICLES = {
    "error": "404 Not Found\n\nThe page you requested could not be found. Go to the home page.",
    "consent": "We use cookies to give you the best experience. Accept all cookies or manage preferences.",
    "login": "Please log in to continue. Forgot your password? Create an account to see this page.",
    "placeholder": "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt.",
    "teasers": (
        "Aldwick council votes on the harbour wall next week, and the mayor says the cost has...\n\n"
        "Kestle Rovers beat Tarn 3-1 on Saturday in front of a crowd of 2,400, the largest since the...\n\n"
        "A lorry shed gravel on the A9 near Calvine on Monday and blocked one lane for five...\n\n"
        "The museum in Corrin closes on 28 June, and its staff of twelve will be moved to the new...\n\n"
        "Ann Pugh, who ran the bakery on Court Street for 31 years, has died at the age of..."
    ),
    "menu": "Home|News|Local news|Sport|Weather|Traffic|Obituaries|Jobs|Homes|Cars|Events|Contact us|About us|"
    "Advertise|Photo galleries|Puzzles|Horoscopes|Letters".replace("|", "\n\n"),
}


@pytest.mark.parametrize("page", NOT_ARTICLES)
def test_what_is_no_article_is_held_as_that(page: str) -> None:
    quality = assess(NOT_ARTICLES[page], language="en" if page == "menu" else None)
    assert "not_an_article" in quality.reasons


@pytest.mark.parametrize(
    "text",
    [
        BRIEF + " The council's page said “404 Not Found” for an hour.",
        BRIEF + " “I waited...” the driver said. “And waited...”",
        "A report on cookies: the watchdog fined Brenta £2 million on Monday because its banner said “we use cookies” "
        "without a way to refuse. Brenta has 30 days to appeal, its lawyer Tom Hale said. " + BRIEF,
    ],
)
def test_an_article_that_speaks_of_such_a_page_is_one(text: str) -> None:
    assert "not_an_article" not in assess(text).reasons


def test_the_same_thing_said_again_without_a_fact_is_thin() -> None:
    again = (
        "The talks were long and the talks were hard. The hard talks went on for long. As the talks went on, they were "
        "hard and they were long. Long and hard, the talks went on."
    )
    quality = assess(again, title="Talks were long and hard")
    assert quality.label != "publish"
    assert "thin" in quality.reasons


LETTER = (
    "To the editor: The bins on Court Street were not emptied on 3, 10 or 17 May. I have rung the depot four times. "
    "Your report of 12 May said all was well. It is not. Come and smell it.\n\nR. Holt, 14 Court Street"
)
TRANSCRIPT = (
    "HOST: Welcome back.\n\nMAYOR VEAL: Good morning.\n\nHOST: When does the bridge open?\n\n"
    "MAYOR VEAL: On Monday at nine, after 14 months and £3.2 million."
)
RESULTS = (
    "Premier division: Aldwick 3 Kestle 1; Tarn 0 Skelby 5; Corrin 2 Linden 2; Osage 1 Calvine 0; Ravel 4 Selm 4; "
    "Torvik 2 Karvia 1; Marsh 0 Penhale 0; Arve 1 Magland 3; Cluses 2 Fayet 0; Pont 1 Neuf 6."
)
PRESS = (
    "FOR IMMEDIATE RELEASE\n\nBrenta Oil has appointed Anneke Holt as chief engineer from 1 June. Holt, 44, led the "
    "repair of the Selm terminal in 2019 and holds a degree from Karvia.\n\nMedia contact: Tom Hale, 0171 555 0101."
)


@pytest.mark.parametrize(
    ("text", "genre"),
    [
        (OBITUARY, "obituary"),
        (OPINION, "opinion"),
        (LIVE, "live"),
        (LIVE.replace("\n\n0", "\n\n\U0001f534 0"), "live"),  # a mark beyond the first plane
        (LETTER, "letter"),
        (TRANSCRIPT, "transcript"),
        (RESULTS, "table"),
        (PRESS, "press"),
        (BRIEF, "brief"),
        (SMOOTH_BUT_DENSE, None),
        (PADDED, None),
    ],
)
def test_a_genre_is_recognised_by_its_marks(text: str, genre: str | None) -> None:
    assert assess(text, language="en").genre == genre


@pytest.mark.parametrize("text", [LETTER, TRANSCRIPT, PRESS])
def test_a_short_item_of_any_genre_with_its_facts_is_published(text: str) -> None:
    assert assess(text, language="en").label == "publish"


@pytest.mark.parametrize("code", REASONS)
def test_a_sign_is_found_where_it_is_and_holds_the_item_for_a_person(code: str) -> None:
    quality = assess(REASONS[code][0])
    assert code in quality.reasons
    assert quality.label == "review"
    assert all(reason.detail for reason in quality.reasons)


@pytest.mark.parametrize("code", REASONS)
def test_a_sign_is_not_found_where_it_is_not(code: str) -> None:
    quality = assess(REASONS[code][1])
    assert code not in quality.reasons
    assert quality.label == "publish"


def test_a_headline_that_withholds_its_subject_over_another_text_is_clickbait() -> None:
    title = "You Won't Believe What Happened Next to This Man and Why It Will Change Your Life"
    assert "clickbait" in assess(BRIEF, title=title).reasons
    assert "clickbait" not in assess(BRIEF, title="Lorry sheds gravel on A9 near Calvine").reasons


def test_a_bare_refusal_of_a_machine_writer_is_held() -> None:
    quality = assess(
        "I'm sorry, but I can't rewrite this article, as it was not provided. As an AI language model, I need the text."
    )
    assert quality.label == "review"
    assert "leftovers" in quality.reasons


def test_a_refusal_that_somebody_is_quoted_with_is_news() -> None:
    coach = (
        "\"I'm sorry, but I can't stand here and pretend nothing happened,\" coach Steve Tarn said after the 5-0 defeat"
        " at Skelby on Saturday. Tarn, 51, is under contract until June."
    )
    assistant = (
        "“As an AI language model, I cannot provide medical advice,” the hospital's new assistant told Ann Pugh, 63,"
        " when she asked where to park. Aldwick General switched it off on Monday."
    )
    assert [assess(text).label for text in (coach, assistant)] == ["publish", "publish"]


def test_furniture_never_counts_against_the_article() -> None:
    furniture = (
        "Subscribe to our newsletter for breaking news in your inbox. Follow us on Facebook and Twitter. Sign up today!"
    )
    assert assess("\n\n".join([BRIEF, furniture, furniture.replace("today", "now")])).label == "publish"


def test_a_voice_of_its_own_is_held_at_most_never_rejected() -> None:
    sermon = (
        "We have to be kinder to one another. I believe that, and I believe we all know it. We hurry past each other, "
        "we look at our phones, and we forget what matters. I often think of my grandmother, who never hurried. We can "
        "learn from people like her. I want us to try. We owe it to our children, and I hope we will find the strength."
    )
    assert assess(sermon).label in ("publish", "review")


@pytest.mark.parametrize("text", ["", " \n\n ", "—", "Hello"])
def test_hardly_any_text_is_held_as_thin(text: str) -> None:
    quality = assess(text)
    assert quality.label == "review"
    assert quality.reasons == ("thin",)


@pytest.mark.parametrize(
    "text",
    [
        "word " * 200_000,
        "Short one.\n\n" * 50_000,
        "a" * 1_000_000,
        '"He said. ' * 50_000,
        "!" * 500_000,
        "Ã©" * 200_000,
    ],
)
def test_hostile_text_gets_an_answer_in_seconds(text: str) -> None:
    started = time.perf_counter()
    assert assess(text).label in ("publish", "review", "reject", "not_assessed")
    assert time.perf_counter() - started < 20


def test_a_text_of_a_books_length_is_assessed_by_its_beginning_and_held() -> None:
    story = "The Tern carried 61,000 passengers in 2025, harbour master Jory Penn said on Monday.\n\n"
    quality = assess(story + "a\n\n" * 1_000_000)
    assert quality.label == "review"
    assert "too_long" in quality.reasons
    assert quality.sentences[0].text == story.strip()
    assert quality.sentences[-1].end <= 200_000
