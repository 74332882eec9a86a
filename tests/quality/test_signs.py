"""Every sign with texts that have it, and with news about the same thing that must be published."""

from __future__ import annotations

import pytest

from detector.quality import assess

BRIEF = (
    "A lorry shed 20 tonnes of gravel on the A9 near Calvine at 6:15 a.m. on Tuesday. The "
    "northbound lane reopened at ten, Police Scotland said. The driver, 44, was not hurt. Nobody "
    "has been charged."
)
LONG = (
    "The Tellers County Board of Supervisors has approved a $27 million contract with Norvale "
    "Construction to replace the Pine Creek Bridge, which was closed in August 2022 after cracks "
    "were found in two girders. The contract, approved by a vote of 4-1, requires completion by "
    "October 31, 2026. Supervisor Linda Achterberg cast the dissenting vote, citing a competing "
    "bid of $24.9 million from a firm disqualified for late papers.\n\nAccording to county "
    "engineer Samuel Ortiz, the new structure will carry two lanes and a bicycle path of eight "
    "feet. The state will contribute $11 million from its 2023 infrastructure bond. About 6,400 "
    "vehicles used the bridge daily before it closed, and the detour via Route 88 adds 14 miles "
    "to the trip."
)

HELD: dict[str, list[str]] = {
    "thin": [
        "More soon.",
        "Watch the video above.",
        "This is a developing story. More details to follow.",
        "Photo gallery: Summer fair",
        (
            "The talks were long and the talks were hard. The hard talks went on for long. As the talks "
            "went on, they were hard and they were long."
        ),
        (
            "It happened again. It always does. People were there and people saw it. It was what it was, "
            "and then it was over."
        ),
    ],
    "stub": [
        BRIEF + " To continue reading this article, choose a plan.",
        BRIEF + " This content is for subscribers only.",
        ("Aldwick council voted on Monday to close the harbour wall after a survey found cracks in two […]"),
        ("Aldwick council voted on Monday to close the harbour wall after a survey found cracks [+2154 chars]"),
        (
            "Aldwick council voted on Monday to close the harbour wall after a survey found cracks.\n\n"
            "Read the full story at the Aldwick Herald."
        ),
        (
            "The mayor of Aldwick said on Monday that the harbour wall would be closed for repairs, and "
            "that the work would cost £2.4 million.\n\nSubscribe now for full access to this story."
        ),
        (
            "Aldwick council voted on Monday to close the harbour wall.\n\nYou have reached your limit of "
            "free articles. Already have an account? Log in."
        ),
        ("Aldwick council voted on Monday by eight votes to three to close the harbour wall after a survey found…"),
        ("Aldwick council voted on Monday by eight votes to three to close the harbour wall after a survey found..."),
    ],
    "promotion": [
        BRIEF + " Shop now and use the code GRAVEL for free shipping on our products.",
        (
            "Looking for the perfect getaway? Our award-winning resort offers luxury suites, a stunning "
            "spa and world-class dining. Whether you are planning a family holiday or a romantic "
            "weekend, we have something for everyone. Book now and save 20% on your stay. Contact us "
            "today to speak to our friendly team."
        ),
        (
            "Brenta Kitchen knives are sharp, light and beautiful. We tested ten and these are our "
            "favourites. This article contains affiliate links; we may earn a commission if you buy "
            "through them. 1. The Brenta Pro, £49: buy now. 2. The Selm Classic, £39: buy now."
        ),
        (
            "At Norvale Dental, your smile is our passion. Our team of experts uses state-of-the-art "
            "technology to give you the smile that you deserve. Call us today for a free consultation. "
            "New customers get 10% off."
        ),
        (
            "10 best air fryers of 2025\n\nThe Kestle 3000 is our top pick. Check price at Amazon.\n\nThe "
            "Tarn Crisp is a great budget option. Check price at Amazon.\n\nThe Selm XL feeds a whole "
            "family. Check price at Walmart.\n\nPrices are correct at the time of publication. We earn a "
            "commission from links on this page."
        ),
        (
            "Sponsored content: When it comes to online casinos, Lucky Tarn stands out. New players get "
            "50 free spins and a welcome bonus of 100%. Sign up with the promo code TARN50 and start "
            "winning today. Its games are fun, fast and fair."
        ),
    ],
    "repetition": [
        "\n\n".join([BRIEF, BRIEF]),
        "\n\n".join([LONG.split("\n\n", maxsplit=1)[0]] * 2) + "\n\nA vote is due on 4 May.",
        (
            "The council voted to close the wall on Monday. A survey found cracks in two places. THE "
            "COUNCIL VOTED TO CLOSE THE WALL ON MONDAY. The repair will cost £2.4 million, the mayor "
            "said. A survey found cracks in two places."
        ),
        (
            "The council voted to close the wall on Monday. A survey found cracks in two places, the "
            "engineer Tom Hale said. The council voted to close the wall on Monday! A survey found "
            "cracks in two places the engineer Tom Hale said."
        ),
    ],
    "garbled": [
        BRIEF + " â€œThe roadâ€™s clear,â€\x9d he said in the cafÃ© at the depÃ´t.",
        (
            "A lorry shed 20 to�nes of gravel o� the A9 near Calvine at 6:15 a.m. o� Tuesday. The "
            "northbound lane reopened at ten, Police Scotland said. The driver, 44, wa� not hurt. Nobody "
            "has been charged. The dep�t said so. Caf� �"
        ),
        (
            "A lorry shed 20 tonnes of gravel on the A9 near Calvine at 6:15 a.m.&nbsp;on "
            "Tuesday.&nbsp;The northbound lane reopened at ten, Police Scotland said.&nbsp;The driver, "
            "44, was not hurt.&nbsp;Nobody has been charged.&nbsp;He said &quot;no&quot;. &amp; so on"
        ),
        (
            "T h e l o r r y s h e d t w e n t y t o n n e s o f g r a v e l o n t h e A 9 n e a r C a l "
            "v i n e o n T u e s d a y m o r n i n g a t s i x ."
        ),
        (
            "Tlie lorrv shcd tvventy tonncs of gravcl on thc A9 ncar Calvinc on Tuesdav. Thc northbouud "
            "lanc reopencd at tcn, Policc Scotlaud said. Thc drivcr was uot hurt. Nobodv lias bccu "
            "chargcd."
        ),
        (
            "asdkjh qwoeiu zxcmnb qpwoei alskdj zmxncb qwpoei asldkj zxcmnb qwoeiur alskdjf zmxncbv "
            "qpwoeiru asldkfj the zxmcnv of qpwoeiru and"
        ),
        (
            '%3Cp%3EThe lorry shed gravel%3C/p%3E <p>The lane reopened at ten</p> <div class="x">Police '
            "said</div> <br/> <span>The driver was not hurt</span> &lt;p&gt;Nobody has been "
            "charged&lt;/p&gt;"
        ),
        (
            "The lorry shed gravel. \\u201cThe road\\u2019s clear,\\u201d he said in the caf\\u00e9 at the "
            "dep\\u00f4t.\\n\\nThe lane reopened at ten on Tuesday, police said."
        ),
    ],
    "leftovers": [
        "Sure, here's a news article in a neutral tone: " + BRIEF,
        "Certainly! Below is the rewritten version of the article:\n\n" + BRIEF,
        BRIEF + "\n\nI hope this helps! Let me know if you'd like any changes.",
        (
            "I'm sorry, but I can't rewrite this article, as it was not provided. As an AI language "
            "model, I need the text."
        ),
        BRIEF + "\n\nAs of my last update in September 2021, no arrests had been made.",
        "Title: Lorry sheds gravel\n\nRewritten article:\n\n" + BRIEF,
        BRIEF + "\n\n[Insert quote from police here]",
        "**Headline:** Lorry Sheds Gravel\n\n**Body:** "
        + BRIEF
        + "\n\n**Note:** This article was written in a neutral tone as requested.",
        "Here is a summary of the text you provided:\n\n" + BRIEF,
        BRIEF + " (Note: I have kept the length under 100 words as requested.)",
        "I cannot fulfill this request. I am designed to be a helpful and harmless assistant.",
    ],
    "not_an_article": [
        "404 Not Found",
        "Page not found. The page you are looking for may have been moved.",
        ("Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore."),
        ("Access Denied. You don't have permission to access this page on this server. Reference #18.4f"),
        "Just a moment... Checking your browser before accessing the site.",
        "We use cookies to give you the best experience. Accept all cookies or manage preferences.",
        "Nothing found. Please try another search.",
        "Thank you for subscribing! Please check your inbox to confirm your email address.",
        (
            "Your email address will not be published. Required fields are marked. Leave a comment. Save "
            "my name, email, and website in this browser for the next time I comment."
        ),
        "Buy this domain. The domain heraldnews.example may be for sale by its owner.",
        (
            "The Aldwick Herald is the leading newspaper of the Aldwick valley. We bring you local news, "
            "sport and weather every day. Our team of reporters is here for you. Contact our newsroom at "
            "news@herald.example or call 0171 555 0101. Advertise with us. Read our privacy policy and "
            "our terms of use."
        ),
        (
            "Welcome to Norvale Primary School. Our school is a happy place where children learn and "
            "grow. We are proud of our pupils and our staff. Please explore our website to find out more "
            "about us. To arrange a visit, contact the school office."
        ),
        "Sorry, this content is not available in your region.",
        "500 Internal Server Error\nnginx",
        (
            "Home\n\nNews\n\nSport\n\nWeather\n\nTraffic\n\nObituaries\n\nJobs\n\nHomes\n\nCars\n\nEvents\n\n"
            "Contact us\n\nAbout us\n\nAdvertise\n\nPuzzles\n\nHoroscopes\n\nLetters"
        ),
    ],
    "shouting": [
        (BRIEF + " " + LONG).upper(),
        "Wow! What a night! Aldwick won! Holt scored! The fans sang! It was amazing! We are so proud!",
        (
            "BREAKING NEWS!!! The mayor LIED to us!!! SHARE THIS before they DELETE it!!! The council "
            "voted on Monday!!! WAKE UP PEOPLE!!!"
        ),
    ],
}

PUBLISHED: dict[str, list[str]] = {
    "thin": [
        "Two killed in crash on A9 near Calvine, police say.",
        "Aldwick 3, Kestle 1. Goals: Ravel (12), Holt (44, 71); Marsh (88).",
        "The A9 reopened at 10:40 a.m., Traffic Scotland said.",
    ],
    "stub": [
        LONG + "\n\n" + BRIEF + "\n\nTo continue reading our coverage, subscribe to the Herald.",
        BRIEF + " “I thought I could stop, but...” the driver said.",
        (
            "The Herald will put its website behind a paywall from 1 June, editor Ann Reed said on "
            "Monday. Readers who are not subscribers will see the first 100 words of an article. A "
            "subscription costs £4 a month; the paper has 11,200 readers a day."
        ),
        (
            "Pupils at Corrin primary read the full story of Moby-Dick in 31 days, head teacher Tom Hale "
            "said on Friday. Forty children took turns in the school hall."
        ),
        (
            "A judge in Karvia ordered Brenta News on Monday to refund 4,100 readers who were charged £9 "
            "after they clicked “subscribe to continue reading”. Brenta has until 4 May to appeal."
        ),
    ],
    "promotion": [
        BRIEF + " The gravel was on its way to a shop in Perth.",
        (
            "The competition watchdog fined Brenta Travel £2 million on Monday for the words “book now” "
            "and “limited time offer” on its pages. The offers had run for 14 months, it found. Brenta "
            "will appeal, its lawyer Tom Hale said."
        ),
        (
            "Kestle Foods recalled 40,000 jars of its tomato sauce on Friday after glass was found in "
            "three of them. Customers can return jars with the batch number K-204 to any shop for a "
            "refund. Nobody was hurt, the company said."
        ),
        (
            "The Aldwick Flower Show opens on Saturday at 10 a.m. on the green. Tickets cost £6, "
            "under-16s go free. Ann Pugh judges the roses at noon. Last year 3,100 people came."
        ),
        (
            "Sales at Norvale rose 4% to $1.2 billion in the first quarter, the retailer said on "
            "Thursday. Chief executive Maria Bell said that discounts on clothing had cut margins by 0.6 "
            "points. The shares fell 3%."
        ),
    ],
    "repetition": [
        LONG,
        (
            "“I will not go,” said Ann Pugh on Monday. “I will not go.” The council of Aldwick wants her "
            "house for a road. It has offered £210,000. She bought it in 1961 with her husband Emil, who "
            "laid the floor himself."
        ),
        (
            "Aldwick 3 Kestle 1\n\nTarn 0 Skelby 5\n\nCorrin 2 Linden 2\n\nThe matches began at 3 p.m. on "
            "Saturday, and the league said that 12,400 people watched."
        ),
    ],
    "garbled": [
        BRIEF + " “The road’s clear,” he said in the café at the dépôt.",
        BRIEF + " The load cost Â£400.",
        (
            "Zdzisław Brzęczyszczykiewicz of Szczebrzeszyn beat Hrvoje Krstić of Vrbnik 6-4, 7-6 at "
            "Wrocław on Monday. Krstić served 14 aces. The final against Þórður Ægisson is on Friday."
        ),
        (
            "The AT&T Center will be called the Frost Bank Center, the Spurs said on Monday. R&B singer "
            "Ann Pugh opens it on 4 May with H&M and M&S as sponsors."
        ),
        (
            "Engineers at Norvale traced the fault to one line of code, they said on Monday: the page "
            "showed “&amp;” where readers expected “&”. It was mended at noon. About 4,100 readers had "
            "written in since Friday."
        ),
        (
            "Scores: Ravel b Holt 12; Marsh lbw b Veal 0; Penhale c Frith b Holt 41; Neuf not out 66. "
            "Extras 9. Total 128-3 in 20 overs. Aldwick won by seven wickets on Sunday."
        ),
    ],
    "leftovers": [
        BRIEF + " “Here is your gravel,” the driver joked.",
        (
            "A lawyer in Karvia was fined £3,000 on Monday for a brief that began with the words “As an "
            "AI language model”. Tom Hale, 51, told the judge that he had not read it."
        ),
        (
            "ChatGPT answered 61% of the questions wrongly, researchers at the University of Selm said "
            "on Tuesday. They asked it 400 questions about medicines. The model often began with an "
            "apology, the study in the Karvia Journal says."
        ),
        (
            "Rewrite the rules or lose the port, Mayor Lena Veal told the government of Karvia on "
            "Monday. The port of Selm handled 4.1 million tonnes last year, a tenth less than in 2023."
        ),
        (
            "I hope this helps somebody, Ann Pugh wrote in a diary that her son found in 2019. The "
            "diary, 212 pages long, goes on show in Corrin on 4 May."
        ),
    ],
    "not_an_article": [
        BRIEF + " The council's page said “404 Not Found” for an hour.",
        (
            "A report on cookies: the watchdog fined Brenta £2 million on Monday because its banner said "
            "“we use cookies” without a way to refuse. Brenta has 30 days to appeal, its lawyer Tom Hale "
            "said. "
        )
        + BRIEF,
        (
            "Karvia's tax portal showed “Service unavailable” to 41,000 people on Monday. It went down "
            "at 9 a.m. and came back at 3 p.m., minister Lena Veal said. The deadline moves to 4 May."
        ),
        (
            "The typesetter's dummy text lorem ipsum comes from a work by Cicero of 45 BC, Richard "
            "McClintock, a professor of Latin at Hampden-Sydney College, found. The Herald printed it on "
            "its front page by mistake on Monday, editor Ann Reed said."
        ),
        (
            "The White House is under construction again: work on the east wing began on Monday, "
            "spokesman Tom Hale said. It will cost $200 million and end in 2028."
        ),
        (
            "Four statues were removed from the park in Corrin on Friday night. Each weighed 2 tonnes. "
            "The plaque that has been removed from the gate named the slave trader Emil Marsh, mayor "
            "Lena Veal said."
        ),
    ],
    "shouting": [
        BRIEF + " Rescue workers of the RNLI and the RAF were not needed.",
        (
            "NATO, the EU, the UN, the OSCE and the IMF met in Selm on Monday. UNHCR and UNICEF sent "
            "envoys; the WHO, the WTO and the ILO did not. The IAEA and OPEC were not asked. Mayor Lena "
            "Veal opened the day at 9 a.m. and the talks end on Friday."
        ),
        (
            "“Help! Help! Fire!” Ann Pugh heard at 3 a.m. on Monday. She ran out. Two houses burned down "
            "in Court Street, Corrin, the fire service said. Nobody was hurt."
        ),
        (
            "LONDON, March 4 - SHR CTS 12 VS 9. NET 1,204,000 VS 981,000. REVS 41.2 MLN VS 38.9 MLN. AVG "
            "SHRS 10.1 MLN. NOTE: 1986 NET EXCLUDES GAIN OF 210,000 DLRS."
        ),
    ],
}
BAIT = [
    ("You Won't Believe What Happened Next to This Man and Why It Will Change Your Life", BRIEF),
    ("This One Weird Trick Will Make Your Mornings Better", LONG),
    (
        "The Reason Why Everyone Is Talking About This Actress Will Shock You",
        (
            "Ann Pugh, 31, has left the cast of The Tern after four seasons, the BBC said on Monday. Her "
            "contract ends on 4 May."
        ),
    ),
    (
        "19 Things Only People Who Grew Up In The 90s Will Understand",
        (
            "There were toys. There was music. Everyone remembers how it felt and what it meant. Those "
            "were the days, and nobody will ever forget them. You had to be there to get it."
        ),
    ),
    ("What She Did Next Left Everyone Speechless", BRIEF),
]
HONEST = [
    ("Lorry sheds gravel on A9 near Calvine", BRIEF),
    ("Why the A9 lorry shed its gravel near Calvine", BRIEF),
    ("What we know about the lorry that shed gravel on the A9", BRIEF),
    ("Five things to know about the Pine Creek Bridge contract", LONG),
    ("Will the Pine Creek Bridge be finished by 2026?", LONG),
    ("How Tellers County chose a $27 million bridge", LONG),
    ("'I thought we would die': driver on the A9 gravel spill", BRIEF),
]


@pytest.mark.parametrize("code", HELD)
def test_an_item_with_a_sign_is_held_for_it(code: str) -> None:
    for text in HELD[code]:
        quality = assess(text)
        assert code in quality.reasons, text
        assert quality.label != "publish", text


@pytest.mark.parametrize("code", PUBLISHED)
def test_news_of_such_a_thing_is_published(code: str) -> None:
    for text in PUBLISHED[code]:
        quality = assess(text)
        assert (quality.label, quality.reasons) == ("publish", ()), text


def test_a_headline_that_withholds_is_clickbait_and_one_that_asks_is_not() -> None:
    assert ["clickbait" in assess(text, title=title).reasons for title, text in BAIT] == [True] * len(BAIT)
    assert [assess(text, title=title).label for title, text in HONEST] == ["publish"] * len(HONEST)
