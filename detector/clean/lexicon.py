"""The words and names by which people know furniture: for explaining what was dropped, and for prompts that always go.

All patterns are verbose regular expressions (a blank is written as an escaped one) that ignore case.
"""

# Whole lines: each a prompt or a label in any context, in the languages that we could check.
WHOLE_LINES = {
    "summary_prompt": r"""
        (?:no|short\ on|running\ out\ of|don'?t\ have|got\ no)\ time(?:\ to\ read)?(?:\ (?:this|it|now
        |the\ article))?| in\ a\ (?:hurry|rush)|too\ (?:long|busy)\ to\ read|(?:too\ long[;,]?\ )?didn'?t\ read
        |tl;?dr:?| (?:get|read|show|see|view|generate|listen\ to)\ (?:a|an|the|our)?\ ?(?:quick|short|ai
        |brief)?\ ?summary(?:\ (?:instead|now|here|of\ this\ article))?| (?:summari[sz]e|sum\ up)\ (?:this
        |the)?\ ?(?:article|story|post)?(?:\ (?:with|using|by)\ ai)?| listen\ to\ (?:this|the)\ (?:article
        |story)|keine\ zeit\ zu\ lesen|zusammenfassung\ (?:lesen|anzeigen)| pas\ le\ temps\ de\ lire
        |lire\ le\ r[ée]sum[ée]|sin\ tiempo\ para\ leer|leer\ (?:un\ )?resumen|obtener\ (?:un\ )?resumen
        | нет\ времени\ (?:на\ чтение|читать)|краткое\ содержание""",
    "previous_next": r"""
        (?:[←«<‹]+\ *)?(?:previous|prev|next|older|newer)\ (?:article|post|story|entry|page
        |news)s?(?:\ *[→»>›]+)?| (?:vorheriger|n[äa]chster|voriger)\ (?:artikel|beitrag)
        |article\ (?:pr[ée]c[ée]dent|suivant)| art[íi]culo\ (?:anterior|siguiente)|articolo\ (?:precedente
        |successivo)|artigo\ anterior|pr[óo]ximo\ artigo| (?:poprzedni|nast[ęe]pny)\ artyku[łl]|(?:предыдущая
        |следующая)\ (?:статья|новость|запись)|(?:προηγούμενο|επόμενο)\ άρθρο| [上下]一(?:篇|页|頁)""",
    "share": r"""
        share(?:\ (?:this|on|via|with|the))?(?:\ (?:article|story|post|page|news|facebook|twitter|x|linkedin
        |whatsapp|email|friends))*| (?:tweet|retweet|pin\ it|copy\ link|link\ copied|email\ this(?:\ article)?
        |print(?:\ this(?:\ article|\ page)?)?)| (?:facebook|twitter|whatsapp|linkedin|telegram|pinterest|reddit
        |email|instagram|youtube)(?:[\ ,|•·]+(?:facebook|twitter|x|whatsapp|linkedin|telegram|pinterest|reddit
        |email|instagram|youtube|print|copy\ link|share))*| (?:teilen|partager|compartir|condividi|udost[ęe]pnij
        |поделиться|compartilhar|分享)(?:\ (?:auf|sur|en|su)\ \w+)?
        | follow\ us(?:\ on)?(?:[\ ,&|]+(?:and\ )?(?:facebook|twitter|x|instagram|linkedin
        |youtube|whatsapp|telegram|tiktok|threads|bluesky|mastodon|google\ news|social\ media))*
        |like\ us\ on\ facebook""",
    "newsletter": r"""
        (?:sign\ up|subscribe)(?:\ (?:now|here|today))?(?:\ (?:for|to)\ (?:our|the|my|this)?\ ?(?:free|daily
        |weekly|email)?\ ?(?:daily|weekly|morning|email)?\ ?(?:newsletter|updates|alerts|mailing\ list
        |email\ list|channel)s?)?(?:\ (?:now|here|today))?| (?:get|receive)\ (?:our|the|more)\ (?:daily|weekly
        |free|latest|top)?\ ?(?:newsletter|stories|headlines|news)(?:\ (?:in|delivered\ to)\ your\ inbox)?
        | (?:enter\ )?your\ e-?mail(?:\ address)?|newsletter|e-?mail\ address|thank\ you\ for\ (?:subscribing
        |signing\ up)""",
    "related": r"""
        (?:related|recommended|popular|trending|latest|more)\ (?:articles?|stories|posts|news|topics|content
        |reading|videos|coverage|headlines)| (?:related|recommended|most\ (?:read|popular|viewed)
        |trending(?:\ now)?|you\ (?:may|might)\ (?:also|like)(?:\ (?:also\ )?(?:like|be\ interested\ in))?
        |see\ also|read\ (?:also|more|next)|also\ read|up\ next|more\ (?:from|on|in)\ this\ \w+
        |recommended\ for\ you|editor'?s'?\ picks?|don'?t\ miss|what\ to\ read\ next|keep\ reading
        |continue\ reading)| lesen\ sie\ auch|mehr\ zum\ thema|(?:à\ )?lire\ aussi|sur\ le\ m[êe]me\ sujet
        |le[ae]\ tambi[ée]n|te\ puede\ interesar| leggi\ anche|leia\ (?:tamb[ée]m|mais)|czytaj\ (?:te[żz]
        |tak[żz]e|wi[ęe]cej)|zobacz\ (?:te[żz]|tak[żz]e)|читайте\ также|по\ теме|διαβάστε\ επίσης|相关(?:阅读|新闻|文章)
        |延伸阅读""",
    "advertisement": r"""
        (?:-\ *)?advertise?ments?(?:\ *-)?(?:\ *-?\ (?:continue\ reading\ below|scroll\ to\ continue
        |story\ continues\ below))?|ads?\ by\ \w+|sponsored(?:\ (?:content|links?|post))?| (?:article
        |story)\ continues\ (?:below|after\ (?:this\ )?ad(?:vertisement)?)|scroll\ to\ continue|paid\ content
        |promoted(?:\ content)?| anzeige|werbung|publicit[ée]|publicidad|pubblicit[àa]|publicidade|reklama
        |реклама|διαφήμιση|广告""",
    "paywall": r"""
        (?:already\ a\ (?:subscriber|member)\??\ ?)?(?:log|sign)\ in(?:\ (?:here|now|to\ (?:continue|read
        |comment|view)(?:\ \w+){0,3}))?| already\ (?:a\ (?:subscriber|member)|have\ an\ account|subscribed)
        | (?:this\ (?:article|content|story)\ is\ (?:for|available\ to|reserved\ for
        |only\ available\ to)\ (?:our\ )?(?:subscribers|members|premium\ \w+)(?:\ only)?)
        | subscribe\ to\ (?:continue|keep|read|unlock)(?:\ \w+){0,4}
        |(?:register|create\ (?:a\ free\ |an\ )?account)(?:\ (?:to\ continue|for\ free|now|here))?""",
    "cookie": r"""
        (?:accept|reject|allow|manage|decline)(?:\ (?:all|our))?\ ?(?:cookies|cookie\ (?:settings|preferences))
        |cookie\ (?:settings|preferences|policy|notice)| (?:we
        |this\ (?:web)?site)\ uses?\ cookies(?:\ to\ [\w\ ,]+)?|(?:accept|reject)\ all""",
    "comments": r"""
        (?:leave|post|write|add|submit)\ (?:a|your)\ (?:comment|reply)|(?:view|show|see|read|load
        |hide)\ (?:all\ |more\ |the\ )?(?:\d+\ )?comments?(?:\ \(\d+\))?| (?:\d+\ comments?
        |no\ comments)(?:\ (?:yet|so\ far))?|comments?(?:\ *\(\d+\)|\ are\ closed|\ off|\ section)?
        |join\ the\ (?:conversation|discussion)|be\ the\ first\ to\ comment
        | your\ email\ address\ will\ not\ be\ published|required\ fields\ are\ marked|notify\ me\ of\ (?:new
        |follow-up)\ \w+ by\ email""",
    "navigation": r"""
        (?:skip|jump|go|back)\ to\ (?:main\ |the\ )?(?:content|navigation|search|footer|top|homepage|home|menu)
        | (?:open|close|toggle|show|hide|main|site|primary)\ (?:menu|navigation|nav|search|sidebar|submenu)
        |(?:menu|breadcrumbs?)| load\ more|(?:show|view|see)\ (?:more|less|all)| read\ more(?:\ *[.…»→>]+)?
        |click\ here(?:\ to\ \w+(?:\ \w+){0,3})?""",
    "legal": r"""
        (?:©|\(c\)|copyright\ ©?)\ *(?:\d{4}|by\b|the\b)[\w\ ©,.&'’\-–|:]{0,120}|©[\w\ ,.&'’\-–|:]{2,100}
        |all\ rights\ reserved|(?:privacy|terms)(?:\ (?:policy|notice|of\ (?:use|service)|and\ conditions
        |&\ conditions))?| alle\ rechte\ vorbehalten|tous\ droits\ r[ée]serv[ée]s
        |todos\ los\ derechos\ reservados|все\ права\ защищены|版权所有""",
}

# Words of a whole line that are a label on a web page and a word or heading elsewhere.
AMBIGUOUS = frozenset(
    [
        "anzeige", "comment", "comments", "email", "facebook", "instagram", "linkedin", "menu",
        "newsletter", "pinterest", "print", "privacy", "promoted", "publicidad", "recommended", "reddit",
        "register", "reklama", "related", "retweet", "share", "subscribe", "telegram", "terms",
        "trending", "tweet", "twitter", "werbung", "whatsapp", "youtube", "реклама",
    ]
)  # fmt: skip

# What a dropped piece says, in small letters; the first reason with a phrase in it is given.
SAYS = (
    ("cookie", ("cookie", "gdpr", "your consent", "consent to")),
    ("newsletter", ("newsletter", "sign up", "subscribe to", "your inbox", "mailing list", "email alerts",
                    "email address", "abonnieren")),
    ("paywall", ("subscriber", "log in", "login", "sign in", "subscription", "free trial", "create an account",
                 "subscribe")),
    ("advertisement", ("advertis", "sponsored", "promo code", "affiliate", "we may earn", "paid content")),
    ("share", ("share this", "share on", "tweet", "facebook", "twitter", "whatsapp", "linkedin", "instagram",
               "pinterest", "follow us", "copy link", "youtube")),
    ("comments", ("comment", " replies", "upvote")),
    ("summary_prompt", ("get a summary", "time to read", "summarize this", "summarise this", "listen to this article")),
    ("related", ("related", "recommended", "read more", "also read", "you may like", "you may also", "you might",
                 "more from", "trending", "most read", "most popular", "up next", "more stories", "editor's pick")),
    ("legal", ("©", "copyright", "rights reserved", "privacy", "terms of", "disclaimer", "trademark")),
    ("author_bio", ("about the author", "follow him on", "follow her on", "is a freelance", "is a reporter",
                    "is a writer", "is a senior", "is an editor", "is a journalist",
                    "is the author of", "staff writer")),
    ("caption", ("photo:", "photo by", "image:", "credit:", "photograph by", "getty images", "shutterstock",
                 "ap photo", "courtesy of", "image credit")),
    ("navigation", ("skip to", "sitemap", "site map", "back to top", "contact us", "about us")),
)  # fmt: skip

# How a dropped piece begins.
BEGINS = {
    "previous_next": r"""
        \W*(?:previous|next|prev)\b""",
    "byline": r"""
        by\ [a-z]|(?:written|reviewed|edited|posted|published|updated|last\ updated)\b|\d+\ min(?:ute)?s?\ read
        |(?:mon|tues|wednes|thurs|fri|satur|sun)day,
        |(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\ \d{1,2},?\ \d{4}""",
    "navigation": r"""
        (?:menu|home|search|contact|about)\b""",
}

# How the elements around a dropped piece are named, in small letters with blanks for hyphens and around the whole.
NAMES = (
    ("cookie", ("cookie", "consent", "gdpr", "onetrust")),
    ("comments", ("comment", "disqus", "respond", " reply", "replies")),
    ("newsletter", ("newsletter", "subscri", "signup", "sign up", "mailing", "optin")),
    ("share", ("share", "sharing", "social", "addtoany", "follow us")),
    ("paywall", ("paywall", "regwall", "login", "metered")),
    ("advertisement", (" ad ", " ads ", " advert", "adslot", " dfp", " gpt", "sponsor", "promo", "taboola", "outbrain",
                       "banner")),
    ("author_bio", ("author bio", "author box", "author info", "author card", "author about", "author desc",
                    "about author", "about the author", " bio ", "contributor")),
    ("previous_next", ("post nav", "postnav", " prev", "next post", "next article", "pagination", "pager",
                       "nav links")),
    ("related", ("related", "recommend", "more from", "more stories", "more news", "read more", "read next",
                 "read also", "readmore", "trending", "most read", "most popular", "latest", "teaser", " card ")),
    ("byline", ("byline", "author", "dateline", "post meta", "entry meta", "article meta", "timestamp", "published",
                "pubdate", "post info")),
    ("caption", ("caption", "credit", "gallery")),
    ("legal", ("copyright", "legal", "disclaimer", "terms", "privacy")),
    ("navigation", (" nav", "menu", "breadcrumb", "header", "masthead", "sitemap", "sidebar", "toolbar", "topbar",
                    "search", " tag ", " tags ", "categor", "footer", "widget", "skip")),
)  # fmt: skip

BY_TAG = {
    "nav": "navigation", "footer": "navigation", "header": "navigation", "button": "navigation", "aside": "related",
    "form": "newsletter", "figcaption": "caption", "address": "byline",
}  # fmt: skip
