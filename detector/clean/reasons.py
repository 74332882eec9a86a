"""Why a piece was dropped, in words that people use: from what it says, and from the names of the elements around it.

The model decides what goes; this file explains. Only ``is_furniture`` decides by itself, on lines that are a known
prompt from end to end and that no newsroom prints as a paragraph.
"""

from __future__ import annotations

import re
from functools import lru_cache

REASONS = (
    "navigation", "share", "newsletter", "related", "previous_next", "summary_prompt", "advertisement", "paywall", "cookie",
    "comments", "byline", "caption", "legal", "author_bio", "hidden", "source_memory", "boilerplate",
)  # fmt: skip

# Whole lines. (?x) patterns: blanks do not count. Each must be a prompt or a label in any context.
_WHOLE_LINE = {
    "summary_prompt": r"""
        (?:no|short\ on|running\ out\ of|don'?t\ have|got\ no)\ time(?:\ to\ read)?(?:\ (?:this|it|now|the\ article))?
        | in\ a\ (?:hurry|rush) | too\ (?:long|busy)\ to\ read | (?:too\ long[;,]?\ )?didn'?t\ read | tl;?dr:?
        | (?:get|read|show|see|view|generate|listen\ to)\ (?:a|an|the|our)?\ ?(?:quick|short|ai|brief)?\ ?summary(?:\ (?:instead|now|here|of\ this\ article))?
        | (?:summari[sz]e|sum\ up)\ (?:this|the)?\ ?(?:article|story|post)?(?:\ (?:with|using|by)\ ai)?
        | listen\ to\ (?:this|the)\ (?:article|story) | keine\ zeit\ zu\ lesen | zusammenfassung\ (?:lesen|anzeigen)
        | pas\ le\ temps\ de\ lire | lire\ le\ r[ée]sum[ée] | sin\ tiempo\ para\ leer | leer\ (?:un\ )?resumen | obtener\ (?:un\ )?resumen
        | нет\ времени\ (?:на\ чтение|читать) | краткое\ содержание""",
    "previous_next": r"""
        (?:[←«<‹]+\ *)?(?:previous|prev|next|older|newer)\ (?:article|post|story|entry|page|news)s?(?:\ *[→»>›]+)?
        | (?:vorheriger|n[äa]chster|voriger)\ (?:artikel|beitrag) | article\ (?:pr[ée]c[ée]dent|suivant)
        | art[íi]culo\ (?:anterior|siguiente) | articolo\ (?:precedente|successivo) | artigo\ anterior | pr[óo]ximo\ artigo
        | (?:poprzedni|nast[ęe]pny)\ artyku[łl] | (?:предыдущая|следующая)\ (?:статья|новость|запись) | (?:προηγούμενο|επόμενο)\ άρθρο
        | [上下]一(?:篇|页|頁)""",
    "share": r"""
        share(?:\ (?:this|on|via|with|the))?(?:\ (?:article|story|post|page|news|facebook|twitter|x|linkedin|whatsapp|email|friends))*
        | (?:tweet|retweet|pin\ it|copy\ link|link\ copied|email\ this(?:\ article)?|print(?:\ this(?:\ article|\ page)?)?)
        | (?:facebook|twitter|whatsapp|linkedin|telegram|pinterest|reddit|email|instagram|youtube)(?:[\ ,|•·]+(?:facebook|twitter|x|whatsapp|linkedin|telegram|pinterest|reddit|email|instagram|youtube|print|copy\ link|share))*
        | (?:teilen|partager|compartir|condividi|udost[ęe]pnij|поделиться|compartilhar|分享)(?:\ (?:auf|sur|en|su)\ \w+)?
        | follow\ us(?:\ on)?(?:\ [\w,\ &]+)? | like\ us\ on\ facebook""",
    "newsletter": r"""
        (?:sign\ up|subscribe)(?:\ (?:now|here|today))?(?:\ (?:for|to)\ (?:our|the|my|this)?\ ?(?:free|daily|weekly|email)?\ ?(?:daily|weekly|morning|email)?\ ?(?:newsletter|updates|alerts|mailing\ list|email\ list|channel)s?)?(?:\ (?:now|here|today))?
        | (?:get|receive)\ (?:our|the|more)\ (?:daily|weekly|free|latest|top)?\ ?(?:newsletter|stories|headlines|news)(?:\ (?:in|delivered\ to)\ your\ inbox)?
        | (?:enter\ )?your\ e-?mail(?:\ address)? | newsletter | e-?mail\ address | thank\ you\ for\ (?:subscribing|signing\ up)""",
    "related": r"""
        (?:related|recommended|popular|trending|latest|more)\ (?:articles?|stories|posts|news|topics|content|reading|videos|coverage|headlines)
        | (?:related|recommended|most\ (?:read|popular|viewed)|trending(?:\ now)?|you\ (?:may|might)\ (?:also|like)(?:\ (?:also\ )?(?:like|be\ interested\ in))?|see\ also|read\ (?:also|more|next)|also\ read|up\ next|more\ (?:from|on|in)\ this\ \w+|recommended\ for\ you|editor'?s'?\ picks?|don'?t\ miss|what\ to\ read\ next|keep\ reading|continue\ reading)
        | lesen\ sie\ auch | mehr\ zum\ thema | (?:à\ )?lire\ aussi | sur\ le\ m[êe]me\ sujet | le[ae]\ tambi[ée]n | te\ puede\ interesar
        | leggi\ anche | leia\ (?:tamb[ée]m|mais) | czytaj\ (?:te[żz]|tak[żz]e|wi[ęe]cej) | zobacz\ (?:te[żz]|tak[żz]e) | читайте\ также | по\ теме | διαβάστε\ επίσης | 相关(?:阅读|新闻|文章) | 延伸阅读""",
    "advertisement": r"""
        (?:-\ *)?advertise?ments?(?:\ *-)?(?:\ *-?\ (?:continue\ reading\ below|scroll\ to\ continue|story\ continues\ below))? | ads?\ by\ \w+ | sponsored(?:\ (?:content|links?|post))?
        | (?:article|story)\ continues\ (?:below|after\ (?:this\ )?ad(?:vertisement)?) | scroll\ to\ continue | paid\ content | promoted(?:\ content)?
        | anzeige | werbung | publicit[ée] | publicidad | pubblicit[àa] | publicidade | reklama | реклама | διαφήμιση | 广告""",
    "paywall": r"""
        (?:already\ a\ (?:subscriber|member)\??\ ?)?(?:log|sign)\ in(?:\ (?:here|now|to\ (?:continue|read|comment|view)(?:\ \w+){0,3}))?
        | already\ (?:a\ (?:subscriber|member)|have\ an\ account|subscribed)
        | (?:this\ (?:article|content|story)\ is\ (?:for|available\ to|reserved\ for|only\ available\ to)\ (?:our\ )?(?:subscribers|members|premium\ \w+)(?:\ only)?)
        | subscribe\ to\ (?:continue|keep|read|unlock)(?:\ \w+){0,4} | (?:register|create\ (?:a\ free\ |an\ )?account)(?:\ (?:to\ continue|for\ free|now|here))?""",
    "cookie": r"""
        (?:accept|reject|allow|manage|decline)(?:\ (?:all|our))?\ ?(?:cookies|cookie\ (?:settings|preferences)) | cookie\ (?:settings|preferences|policy|notice)
        | (?:we|this\ (?:web)?site)\ uses?\ cookies(?:\ to\ [\w\ ,]+)? | (?:accept|reject)\ all""",
    "comments": r"""
        (?:leave|post|write|add|submit)\ (?:a|your)\ (?:comment|reply) | (?:view|show|see|read|load|hide)\ (?:all\ |more\ |the\ )?(?:\d+\ )?comments?(?:\ \(\d+\))?
        | (?:\d+\ comments?|no\ comments)(?:\ (?:yet|so\ far))? | comments?(?:\ *\(\d+\)|\ are\ closed|\ off|\ section)? | join\ the\ (?:conversation|discussion) | be\ the\ first\ to\ comment
        | your\ email\ address\ will\ not\ be\ published | required\ fields\ are\ marked | notify\ me\ of\ (?:new|follow-up)\ \w+ by\ email""",
    "navigation": r"""
        (?:skip|jump|go|back)\ to\ (?:main\ |the\ )?(?:content|navigation|search|footer|top|homepage|home|menu)
        | (?:open|close|toggle|show|hide|main|site|primary)\ (?:menu|navigation|nav|search|sidebar|submenu) | (?:menu|breadcrumbs?)
        | load\ more | (?:show|view|see)\ (?:more|less|all)| read\ more(?:\ *[.…»→>]+)? | click\ here(?:\ to\ \w+(?:\ \w+){0,3})?""",
    "legal": r"""
        (?:©|\(c\)|copyright\ ©?)\ *(?:\d{4}|by\b|the\b)[\w\ ©,.&'’\-–|:]{0,120} | ©[\w\ ,.&'’\-–|:]{2,100} | all\ rights\ reserved | (?:privacy|terms)(?:\ (?:policy|notice|of\ (?:use|service)|and\ conditions|&\ conditions))?
        | alle\ rechte\ vorbehalten | tous\ droits\ r[ée]serv[ée]s | todos\ los\ derechos\ reservados | все\ права\ защищены | 版权所有""",
}  # fmt: skip
_FULL = re.compile(
    r"[\W_]*(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _WHOLE_LINE.items()) + r")[\W_]*",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST = 140  # characters of a prompt
# Words that are a label on a web page and a word or heading elsewhere: these never go without the model.
_AMBIGUOUS = frozenset(
    [
        "comments",
        "comment",
        "print",
        "privacy",
        "terms",
        "menu",
        "facebook",
        "twitter",
        "instagram",
        "youtube",
        "whatsapp",
        "telegram",
        "linkedin",
        "pinterest",
        "reddit",
        "email",
        "share",
        "comments",
        "tweet",
        "retweet",
        "newsletter",
        "subscribe",
        "promoted",
        "related",
        "recommended",
        "trending",
        "register",
        "anzeige",
        "werbung",
        "reklama",
        "publicidad",
        "реклама",
    ]
)

_SAYS = {
    "cookie": r"\bcookies?\b|\bconsent\b|GDPR",
    "newsletter": r"newsletter|sign up\b|subscribe\b|your inbox|e-?mail address|mailing list|email alerts",
    "paywall": r"subscriber|\blog ?in\b|\bsign in\b|\bsubscription|free trial|\bpaywall|create an account|register to",
    "advertisement": r"advertis|sponsored|promoted|\bpromo code|affiliate|we may earn",
    "share": r"\bshare\b|\btweet|facebook|twitter|whatsapp|linkedin|instagram|follow us|copy link|pinterest",
    "comments": r"\bcomments?\b|\breply\b|\breplies\b|\bupvote",
    "summary_prompt": r"get a summary|time to read|summari[sz]e this|listen to this article",
    "previous_next": r"^\W*(?:previous|next|prev)\b",
    "related": r"\brelated\b|recommended|read more|read also|also read|you may (?:also )?like|more (?:from|on|stories)|trending|most (?:read|popular)",
    "legal": r"©|copyright|all rights reserved|privacy policy|terms of (?:use|service)|disclaimer|\bLLC\b|trademark",
    "author_bio": r"\bis an? (?:\w+[ -]){0,4}(?:reporter|writer|editor|journalist|correspondent|author|columnist|contributor|freelance)|about the author|\bfollow (?:him|her|them) on",
    "byline": r"^by [A-Z]|^(?:written|reviewed|edited|posted|published|updated|last updated)\b|\b\d+ min(?:ute)?s? read|^(?:mon|tues|wednes|thurs|fri|satur|sun)day,|^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2},? \d{4}",
    "caption": r"\b(?:photo|image|picture|credit|photograph)(?:s|graphy)?(?: by| courtesy| credit)?\s*[:/]|getty images|\bAP photo|shutterstock|reuters/|courtesy of",
    "navigation": r"skip to|^menu\b|^home$|^search$|^contact(?: us)?$|^about(?: us)?$|sitemap|^back to",
}  # fmt: skip
_SAID = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _SAYS.items()), re.IGNORECASE)

_NAMES = {
    "cookie": r"cookie|consent|gdpr|onetrust",
    "comments": r"comment|disqus|repl(?:y|ies)|respond",
    "newsletter": r"newsletter|subscri|signup|sign-up|mailing|optin",
    "share": r"share|sharing|social|addtoany|follow-us",
    "paywall": r"paywall|regwall|premium-wall|login|metered",
    "advertisement": r"(?:^|[-_ ])(?:ad|ads|advert\w*|adslot|dfp|gpt)(?:$|[-_ \d])|sponsor|promo|taboola|outbrain|banner",
    "related": r"related|recommend|more-(?:from|stories|news)|read-?(?:more|next|also)|trending|most-?(?:read|popular)|latest|teaser|card",
    "previous_next": r"post-?nav|prev|next-|pagination|pager|nav-links",
    "author_bio": r"author-?(?:bio|box|info|card|about|desc)|about-?(?:the-)?author|\bbio\b|contributor",
    "byline": r"byline|author|dateline|post-?meta|entry-?meta|article-?meta|timestamp|published|pubdate|post-info",
    "caption": r"caption|credit|figcaption|gallery|wp-caption",
    "legal": r"copyright|legal|disclaimer|terms|privacy",
    "navigation": r"\bnav|menu|breadcrumb|header|masthead|sitemap|sidebar|toolbar|topbar|search|tags?\b|categor|footer|widget|skip",
}  # fmt: skip
_NAMED = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _NAMES.items()), re.IGNORECASE)
_BY_TAG = {"nav": "navigation", "footer": "navigation", "header": "navigation", "figcaption": "caption", "button": "navigation",
           "aside": "related", "form": "newsletter", "address": "byline"}  # fmt: skip


@lru_cache(maxsize=1 << 14)
def furniture(line: str) -> str | None:
    """The reason to drop a line that is a known prompt or label from end to end, whatever stands around it.

    >>> furniture("No time to read?"), furniture("No time to lose")
    ('summary_prompt', None)
    """
    if len(line) > _LONGEST:
        return None
    found = _FULL.fullmatch(line)
    return found.lastgroup if found else None


def is_ambiguous(line: str) -> bool:
    """Whether a prompt is also an ordinary word, so that it takes the model's word to drop it."""
    return line.strip(" .:!?").casefold() in _AMBIGUOUS


@lru_cache(maxsize=1 << 14)
def reason_by_name(tag: str, names: str) -> str | None:
    """The reason that an element's tag, classes and ids suggest for dropping what is in it."""
    found = _NAMED.search(names) if names else None
    return found.lastgroup if found else _BY_TAG.get(tag)


def reason_by_text(text: str) -> str | None:
    """The reason that a dropped piece's own words suggest."""
    if len(text) <= _LONGEST:
        whole = furniture(text)
        if whole:
            return whole
    found = _SAID.search(text[:400])
    return found.lastgroup if found else None
