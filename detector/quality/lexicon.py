"""The word lists of this package, as data: what each list is for stands beside it."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of ``text``, which is written with spaces so that a list reads like one."""
    return frozenset(text.split())


# ── sentences: where a full stop ends nothing ──────────────────────────────────────────────────────────────
TITLES = words(
    "dr mr mrs ms prof rev hon st mt ft sen rep gov gen lt col sgt capt cmdr adm maj pvt cpl det insp supt pres "
    "messrs mme mlle sr sra fr br jr rt atty dist dep vs approx fig figs art sec"
)
BEFORE_FIGURES = words("jan feb mar apr jun jul aug sep sept oct nov dec no nos vol p pp ch")
CLOCK = words("a.m p.m")
STATES = words(
    "ala ariz ark calif colo conn del fla ga ill ind kan ky la mass md mich minn miss mont neb nev okla ore pa tenn "
    "tex va vt wash wis wyo n.h n.j n.m n.y n.c n.d s.c s.d r.i w.va d.c b.c ont que"
)
# "the U.S. Army" goes on, "in the U.S. The army" does not: these open a sentence far more often than a name.
OPENERS = words(
    "a an and as at but by for he his her however if in it its last mr mrs ms no of on one our she so that the their "
    "then there these they this those to two was we what when while who with you"
)

# ── language: words without which nobody writes a paragraph ────────────────────────────────────────────────
FUNCTION_WORDS = {
    "en": words("the of and to a in is that for it was on with he as his be by at had not are but from or have an "
                "they which you were her she there been their has will would who we this its said after when what "
                "if up out about more one into than them can could over new some i my me your our how why do did"),
    "de": words("der die das und ist von mit den dem des ein eine einen einem einer nicht auch auf für sich im zu "
                "zum zur werden wird wurde sind hat haben als nach bei aus aber oder wie noch über vor dass daß es er "
                "sie wir ich war durch nur um am vom bis sein seine gegen unter"),
    "fr": words("le la les des et est une un du dans pour que qui sur par pas plus avec au aux ce cette ces il elle "
                "sont ont été être mais ou nous vous ne se sa son ses leur leurs comme après entre deux à où qu il "
                "c'est d'un d'une n'est l'on selon avait était fait"),
    "es": words("el la los las de que y en un una por con para del se es lo su al más como pero sus le ya este sí "
                "porque esta entre cuando muy sin sobre también hasta hay donde desde fue son está ha han según años "
                "ser tras dos era"),
    "it": words("il lo la gli le di che e un una per con del della dei delle nel nella alla al dal dalla sono non si "
                "è anche come più ma ha hanno questo questa suo sua tra fra dopo stato stata essere sul sulla ai agli "
                "da degli l'ha c'è dell anni"),
    "pt": words("a na durante o os as de que e do da em um uma para com não por mais dos das no se foi ao são como "
                "mas à seu sua ou quando muito nos já está também só pelo pela até isso ela entre depois sem mesmo aos "
                "ser tem após segundo anos nas"),
    "nl": words("de het een van en in is dat op te zijn met voor niet aan er om ook als bij maar uit door naar heeft "
                "hebben werd worden wordt nog dan ze hij deze die over wel kan meer tot geen volgens waren tegen jaar "
                "onder zich"),
    "sv": words("och att det som en på är av för med den till inte har de ett om var men sig från vi så kan när år "
                "under också efter eller nu sin där vid mot ska skulle kommer ut får finns vara hade alla"),
    "da": words("og at det som en på er af for med den til ikke har de et om var men sig fra vi så kan når år under "
                "også efter eller nu sin der ved mod skal skulle kommer ud får blev være havde alle efter ifølge"),
    "no": words("og at det som en på er av for med den til ikke har de et om var men seg fra vi så kan når år under "
                "også etter eller nå sin der ved mot skal skulle kommer ut får ble være hadde alle ifølge"),
    "pl": words("i w na z do nie się to jest że o jak za od po przez ale dla co są był była było oraz już tym tego ich "
                "jego jej który która które przy może tylko także po roku lat został została być ze we"),
    "cs": words("a v na se že je s z do o k i za by ale jako po to pro ve si jsou byl bylo byla podle od jeho která "
                "který které také až už při než jen nebo roce let"),
    "fi": words("ja on ei että oli se hän ovat mutta myös kun kuin joka jo ole vain sen mukaan tai olla vuoden jälkeen "
                "ollut sekä jos nyt hänen mitä siitä"),
    "ro": words("și de la în a cu nu că pe o un din care este sunt pentru mai au fost ce prin sau dar după se fi ar "
                "către între această acest"),
    "hu": words("a az és hogy nem is egy meg volt ez de csak már még mint vagy ki el lesz azt ha kell után szerint "
                "aki amely között"),
    "tr": words("ve bir bu da de için ile çok daha olan gibi en ne kadar sonra olarak var değil ama ya ki mi göre "
                "tarafından oldu etti dedi"),
    "cy": words("y yn yr i o a ar mae bod wedi sydd gan am ei eu gyda ond oedd fod hyn ac na nad o'r i'r a'r yw ôl "
                "dros drwy roedd cael cyn"),
    "id": words("yang dan di itu dengan untuk tidak ini dari dalam akan pada juga ke karena tersebut bisa ada mereka "
                "telah oleh sudah atau saat lebih kata adalah"),
}  # fmt: skip
# What telegraphic English keeps: earnings tables, market reports, box scores and agendas.
WIRE_WORDS = words(
    "shr net revs vs cts mln dlrs dlr bln qtr qtrly div loss profit prior pct record pay avg shrs sales year note "
    "billion million ct inc corp ltd co company bank oper share shares nil months mths end week stg tonnes rate "
    "april may march june july january february august september october november december first second third "
    "monday tuesday wednesday thursday friday saturday sunday today per each day two three four beat game win home"
)

# ── item: what a whole text may be besides padded ──────────────────────────────────────────────────────────
# Phrases that a language model leaves when its answer is pasted unread, in lower case.
LEFTOVERS = (
    "as an ai language model", "as a large language model", "as an ai assistant", "as an artificial intelligence",
    "as an ai, i", "as an ai-", "i cannot fulfill", "i can't fulfill", "i cannot assist with", "i can't assist with",
    "i am unable to generate", "i'm unable to generate", "i am unable to write", "i cannot write this article",
    "i can't write this article", "i cannot generate", "i can't generate", "i can't help with that",
    "i cannot help with that", "the text you would like me to", "i do not have any information about events after",
    "i don't have access to real-time", "i do not have access to real-time", "als ki-sprachmodell", "als ki-modell",
    "en tant que modèle de langage", "en tant qu'ia", "como modelo de lenguaje", "como modelo de linguagem",
    "come modello linguistico", "as of my last update", "as of my last knowledge", "as of my knowledge cutoff",
    "my knowledge cutoff", "my last training", "here is the rewritten", "here's the rewritten",
    "here is a rewritten", "here's a rewritten", "here is your rewritten", "here is the article",
    "here's a news article", "here is a news article", "here's the article", "sure, here's", "sure! here's",
    "sure, here is", "sure! here is", "certainly! here", "certainly, here", "of course! here", "i hope this helps!",
    "i hope this helps.",
    "hope this helps!", "is the rewritten version", "rewritten article:", "rewritten version:", "rewritten text:",
    "is a summary of the text", "the text you provided", "the article you provided", "the provided text",
    "the provided article", "**headline", "**title", "**body", "**article", "note: i have", "note: this article was",
    "i am designed to be a helpful", "i cannot fulfil", "here is the revised", "here's the revised",
    "here is a revised", "here's a revised", "[quote from", "[name of", "[date]", "[location]",
    "let me know if you'd like", "let me know if you would like me", "let me know if you need any",
    "would you like me to", "feel free to ask", "regenerate response", "rewrite the following",
    "rewrite this article", "in the style of a news", "[insert ", "[your name]", "[company name]", "[city, state]",
    "note: this article is fictional", "this is a fictional", "possible news article:", "word count:",
    "please provide the text you", "please provide more context", "please note that this response",
)  # fmt: skip
STUBS = (
    "continue reading", "read the full story", "read the full article", "read full story", "read full article",
    "subscribe to read", "subscribe to continue", "to continue reading", "to keep reading", "for subscribers only",
    "subscribers only", "this content is for subscribers", "this article is for subscribers",
    "this is a premium article", "log in to read", "sign in to read", "register to read", "already a subscriber",
    "the rest of this article", "the full article is available", "read more at", "full story at",
    "please purchase a subscription", "your current subscription does not provide", "for full access",
    "limit of free articles", "free articles this month", "free article limit", "already have an account",
    "sign up to read", "unlock this article", "unlock the full", "subscribe to unlock", "become a subscriber to",
    "become a member to read", "for the full story, visit", "this story is available to subscribers",
)  # fmt: skip
ADVERTISING = (
    "sponsored content", "sponsored post", "paid content", "paid post", "advertorial", "in partnership with our",
    "affiliate link", "affiliate commission", "affiliate programs", "earn a commission", "paid commissions",
    "promo code", "discount code", "coupon code", "use the code", "use code", "shop now", "buy now", "order now",
    "book now", "limited time offer", "limited-time offer", "free shipping", "money-back guarantee",
    "click here to buy", "add to cart", "call us today", "call today", "visit our website", "visit our store",
    "best price", "exclusive discount", "special offer", "contact us today", "our products", "our services",
    "free consultation", "free quote", "check price", "check the price", "our top pick", "welcome bonus", "free spins",
    "new customers get", "off your first order", "book your stay", "satisfaction guaranteed", "visit us today",
    "amazon associate", "if you buy through", "our team of experts", "sign up with the promo",
)  # fmt: skip
# What a site says instead of an article, in lower case.
NOTICES = (
    "404 not found", "error 404", "404 error", "page not found", "page cannot be found", "page can't be found",
    "page could not be found", "page you requested", "page you are looking for", "page you were looking for",
    "page no longer exists", "403 forbidden", "access denied", "access to this page has been denied", "500 internal",
    "internal server error", "502 bad gateway", "503 service", "service unavailable", "temporarily unavailable",
    "something went wrong", "not available in your region", "unavailable for legal reasons",
    "available in your country",
    "verify you are human", "verify that you are human", "are you a robot", "not a robot", "complete the captcha",
    "checking your browser", "enable javascript", "javascript is disabled", "enable cookies", "we use cookies",
    "accept all cookies", "reject all", "manage preferences", "cookie settings", "your privacy choices",
    "consent to the use", "log in to continue", "sign in to continue", "please log in", "please sign in",
    "forgot your password", "forgot password", "create an account", "session has expired", "under construction",
    "this domain is for sale", "no results found", "no articles found", "page has been removed",
    "content has been removed", "article has been removed", "unsupported browser",
    "browser is not supported", "nothing found", "please try another search", "thank you for subscribing",
    "confirm your email address", "required fields are marked", "leave a comment",
    "your email address will not be published", "buy this domain", "domain may be for sale",
    "may be for sale by its owner",
    "domain is for sale",
)  # fmt: skip
# Type that a designer set where an article was to come.
PLACEHOLDERS = ("lorem ipsum", "dolor sit amet", "consectetur adipiscing")
# A site that speaks of itself, in lower case: two of these and no news are a home page.
HOME_PAGES = (
    "welcome to",
    "explore our",
    "our website",
    "this website",
    "our mission",
    "our team of",
    "our staff",
    "our school is",
    "our newsroom",
    "contact us",
    "contact our",
    "contact the school office",
    "about us",
    "privacy policy",
    "terms of use",
    "opening hours",
    "advertise with us",
    "find out more about us",
    "to arrange a visit",
    "browse our",
    "our archive",
    "is the leading newspaper",
    "is the leading source",
    "we are proud of",
    "we bring you",
    "is here for you",
    "our readers",
    "all rights reserved",
)
