"""What each word or phrase hints at, as data: counted for every sentence, weighed by what the training found.

A list gives single words first and then, each after a bar, phrases of two to four words. A word may stand in
several lists; a wrong one costs little, for no list decides anything by itself.
"""

from __future__ import annotations

CUES: dict[str, str] = {
    # says that the event matters instead of what happened
    "significance": """
        underscores underscored underscore underscoring highlights highlighted highlighting reflects reflecting
        showcases showcased showcasing showcase demonstrates demonstrating exemplifies exemplified signifies
        symbolizes symbolises symbolizing emphasizes emphasizing emphasising epitomizes embodies illustrates
        illustrating testament reminder beacon milestone hallmark cornerstone backdrop landscape paradigm
        game-changer watershed crossroads juncture turning-point reaffirms reaffirming solidifies solidified
        solidifying cements cementing paves paving shaping shapes reshaping redefining reimagining transcends
        transcending resonates resonated resonating implications repercussions ramifications far-reaching
        wake-up stepping-stone spotlight spectacle saga chapter narrative legacy impact consequences importance
        significance
        |serves as|serve as|served as|stands as|stand as|a testament to|a reminder of|a reminder that|sheds light
        |shed light|sheds new light|shed new light|marks a|marks an|marked a|represents a|represents an|plays a
        |play a|played a|crucial role|vital role|key role|pivotal role|important role|significant step
        |important step|step towards|step toward|step forward|a new era|new chapter|sends a|sent a|clear message
        |raises questions|raised questions|raises concerns|raised concerns|raised eyebrows|sparked a|sparked debate
        |the importance of|the need for|the power of|the complexities of|the challenges of|the road to
        |at a time when|more than just|not just a|not only a|sent shockwaves|shockwaves through|captured the
        |the hearts of|paints a|a glimpse into|insight into|in the face of|the fabric of|the spirit of|brings to
        |broader context|broader conversation|wider conversation|bigger picture|ongoing debate|delicate balance
        |at stake|statement of intent|sets the stage|set the stage|stage for|setting the|speaks volumes
        |commitment to|its commitment|their commitment|his commitment|her commitment|dedication to|a symbol of
    """,
    # praise or weight without a measure
    "evaluative": """
        crucial pivotal vital essential critical significant significantly important remarkable remarkably
        extraordinary extraordinarily incredible incredibly impressive impressively unprecedented historic iconic
        legendary prestigious renowned esteemed exceptional outstanding momentous monumental landmark
        groundbreaking transformative innovative robust comprehensive multifaceted dynamic vibrant thriving
        unwavering steadfast tireless tirelessly relentless heartfelt heartwarming heartening heartbreaking
        poignant profound profoundly deeply stark sobering inspiring inspirational captivating compelling thrilling
        exciting electric stunning breathtaking spectacular dazzling magnificent majestic beloved cherished
        invaluable immense tremendous enormous vast countless myriad staggering unparalleled unmatched
        undoubtedly undeniably undeniable unquestionably truly certainly clearly indeed increasingly notably
        intricate nuanced delicate complex complexities high-stakes game-changing cutting-edge world-class
        state-of-the-art seamless seamlessly holistic meaningful powerful bold courageous brave resilient
        triumphant joyous somber solemn touching tight-knit close-knit unforgettable memorable fascinating
        intriguing noteworthy commendable laudable admirable decisive resolute measured careful carefully
        methodically seriously swiftly evolving rapidly ever-changing fast-paced volatile tense challenging
        worrying concerning troubling disturbing shocking alarming dramatic dramatically stellar flawless brilliant
        brilliance uniquely unique rich sheer perfect ideal
    """,
    # the future or the unknown, without a date or a deciding body
    "hedge": """
        could may might would perhaps possibly potentially potential presumably arguably seemingly appears appear
        seems seem likely unlikely probably expected anticipated hopefully hopes hope hoping poised remains remain
        unclear uncertain uncertainty unpredictable eventually someday prospects outlook future horizon whether
        depending await awaits awaiting eagerly anticipates anticipate unfold unfolds unfolding monitor monitoring
        |remains to be seen|remain to be seen|only time will tell|time will tell|it remains|is unclear|yet to be
        |going forward|moving forward|looking ahead|looking forward|in the coming|the coming months
        |the coming weeks|the coming days|the days ahead|the months ahead|the weeks ahead|the years ahead
        |years to come|for years to|in the near|near term|long term|long run|is expected to|are expected to
        |is likely to|are likely to|could have|may have|might have|could lead|may lead|could prove|one thing is
        |watch closely|watching closely|watched closely|closely watched|close attention|will be watching|all eyes
        |the situation develops|as the situation|continue to|continues to|will continue|is set to|are set to
        |it is hoped|how things|what the future|the outcome of|further developments|more details
    """,
    # speakers whom nobody could ring up
    "generic_speaker": """
        analysts experts observers critics officials researchers commentators insiders pundits scholars
        policymakers lawmakers stakeholders specialists professionals advocates supporters opponents fans
        residents locals onlookers bystanders watchers enthusiasts authorities sources investors economists
        historians scientists studies reports research many some others people everyone nobody anyone someone
        industry community communities society public nation nations world citizens voters consumers
        families individuals users netizens followers audiences viewers readers
        |international community|market participants|the authorities|legal experts|health experts
        |industry experts|security experts|political analysts|industry watchers|members of the
        |social media|concerned citizens|people familiar|both sides|all sides
    """,
    "vague_attribution": """
        reportedly allegedly purportedly supposedly rumored rumoured rumors rumours speculation hailed lauded
        welcomed touted
        |it is understood|it is believed|it is said|it is thought|is widely|are widely|widely seen|widely regarded
        |widely considered|is seen as|are seen as|been hailed|was hailed|were hailed|some say|some argue|many say
        |many argue|many believe|many have|some have|others have|sources close|sources say|sources said
        |sources suggest|reports suggest|reports indicate|reports say|have suggested|has been described
        |have expressed|have voiced|have praised|have criticized|have criticised|according to experts
        |according to analysts|according to reports|according to sources|according to observers|experts say
        |experts believe|experts suggest|experts agree|analysts say|analysts suggest|analysts note
        |analysts believe|observers say|observers note|critics say|critics argue|supporters say
        |believed to be|said to be|thought to be|understood to be|rumored to|speculated that|has learned that
    """,
    # advice and morals
    "moral": """
        should must ought need needs deserve deserves imperative vigilance vigilant resilience unity solidarity
        compassion empathy kindness perseverance determination courage gratitude hope healing
        lesson lessons remember cherish embrace embracing strive encouraged reminded reminds urged
        awareness preparedness responsibility accountability transparency
        |let us|let's|we must|we should|we need|we can|you can|you should|it is important|it's important
        |it is crucial|it's crucial|it is essential|it is vital|it is imperative|it's imperative|important to
        |essential to|crucial to|need to|it is up|it's up to|up to us|up to the|each of us|all of us|one of us
        |take a moment|high time|the human spirit|stay informed|stay safe|be prepared|take steps|come together
        |coming together|came together|makes us|defines us|in the end|serves as a|fragility of|value of
        |working together|work together|brighter future|better future|better tomorrow|for all|for everyone
        |future generations|a balance between|can make a|make a difference|making a difference
    """,
    "transition": """
        however moreover furthermore additionally consequently therefore thus hence ultimately overall nonetheless
        nevertheless meanwhile conversely similarly likewise indeed notably importantly interestingly sadly
        unfortunately fortunately amid amidst
        |in conclusion|in summary|to sum up|in short|in essence|in fact|in addition|in other words|that said
        |having said that|that being said|with that in mind|on the other hand|at the same time|as a result
        |all in all|in this article|in this blog|this article|this blog|let's take|take a look|a closer look
        |here's what|here is what|here are|read on|but that's not|that's not all|not the only|but first
        |what does this mean|so what|and yet|the question is|the answer|one thing|it is worth|it's worth
        |worth noting|it should be noted|note that|as we have seen|as mentioned|from a strategic|in parallel
        |in the aftermath|following the|beyond the
    """,
    "truism": """
        always often everywhere never every any today's modern-day nowadays typically generally usually commonly
        various diverse numerous several different certain kinds types ways things aspects factors elements
        |in today's|in an era|in the age of|in a world|in recent years|now more than ever|more than ever
        |it is no secret|it's no secret|no secret that|as we all know|of course|after all|at its core
        |at the heart of|when it comes to|comes to|the world of|a wide range|wide range of|wide variety
        |a variety of|variety of|a range of|range of factors|a number of|a host of|plethora of|part of life
        |it is often|is often|are often|can be|can also|can help|can have|can lead|there are many|not always
        |there is no|by their nature|nature of|ability to|whether it's|whether you|if you|so on|and more
    """,
    "promo": """
        solution solutions innovative leading premier exclusive discover explore enjoy experience unlock elevate
        boost offers offering offer deal deals discount discounts free bonus bestseller best-selling luxury
        luxurious stylish perfect ultimate trusted expert expertise award-winning top-notch high-quality quality
        affordable convenient hassle-free seamless tailored bespoke customers clients visitors guests shop buy
        order purchase book delighted thrilled proud excited pleased partner partnership brand brands portfolio
        |we are proud|we are excited|we are thrilled|we are delighted|we are pleased|proud to|excited to
        |thrilled to|delighted to|look no further|whether you're|don't miss|miss out|one-stop|wide selection
        |something for everyone|for more information|to learn more|learn more|find out more|visit our|visit us
        |contact us|call us|get in touch|our team|our products|our services|our website|limited time|state of the
        |track record|customer service|customer satisfaction|years of experience|peace of mind|best way to
    """,
    # the page around the article, never the article
    "furniture": """
        subscribe subscriber subscribers subscription newsletter newsletters inbox signup login advertisement
        advertising copyright podcast facebook twitter instagram tiktok whatsapp telegram youtube linkedin
        bookmark javascript cookies paywall password username e-edition e-editions
        |sign up|signed up|sign in|log in|follow us|follow him|follow her|find him on|find her on|join us
        |stay tuned|stay up|up to date|read more|read also|also read|continue reading|story continues
        |article continues|click here|click to|tap here|in the comments|comments below|let us know|tell us
        |what do you think|share this|share your|support our|support his|support her|our newsletter
        |all rights reserved|rights reserved|terms of|privacy policy|affiliate|paid commissions|gallery credit
        |photo by|photo credit|image credit|getty images|be reached at|reach her at|reach him at|reached at
        |press enter|press esc|get a summary|no time to read|previous article|next article|related articles
        |related stories|you may also|may also like|recommended for|download our|our app|email address
        |staff writer|staff reports|the author|about the author|has been updated|contributed to this
        |premium content|premium account|your account|an account|create account|activate your|browser settings
        |please enable|log into|logged in|current subscription|list signup|signup today|email has been|been sent
        |error processing|local journalism|use cookies|terms of use|donor policy|site map|listen now|watch now
        |download the|app store|google play|push notifications|daily news|your mailbox|print edition|full access
        |digital access|click on|back to top|skip to|search term|minute read|min read|advertiser disclosure
        |see tweets|your request|weekly news|watch live|live updates|breaking news|latest news|all the latest
    """,
    "citation": """
        citation citations
        |(citation|[citation|(source|(sources|[source|(reference|[attribution|(attribution|(based on
        |citation multiple|multiple sources|multiple reports|multiple open|open sources|various sources
        |various reports|several reports|several sources|studies show|studies have|research shows
        |research suggests|research indicates|recent study|recent studies|a study|industry reports|media reports
        |news reports|recent reports|available data|public records|government briefings|security briefings
        |internal documents|sources multiple|source various|source industry|data suggests|data show
        |surveys show|according to recent|according to various|according to multiple|according to several
    """,
    "abstract": """
        commitment resilience stability transparency accountability vulnerability vulnerabilities cooperation
        collaboration dialogue engagement integrity excellence innovation progress growth success opportunity
        opportunities challenge challenges issue issues matter matters concern concerns debate debates discussion
        discussions conversation conversations dynamics tensions uncertainty context framework approach strategy
        strategies efforts effort initiative initiatives measures journey future vision values culture identity
        sense spirit passion energy emotion emotions feelings atmosphere environment ecosystem era moment
        perspective perspectives understanding trust confidence pressure momentum trend trends pattern patterns
        tapestry realm sphere arena stage scenario scenarios situation development developments balance security
        safety sustainability equality equity justice freedom democracy prosperity well-being wellbeing
        interplay synergy potential possibilities expectations aspirations ambitions goals needs demands
        outcome outcomes aftermath precedent threshold posture signal message symbol
    """,
    # ── the other side: marks of reporting ──
    "said": """
        said says told added adds asked replied wrote writes testified announced confirmed denied declined admitted
        reported stated explained tweeted posted argued ruled
        |according to|in a statement|told reporters|news conference|press conference|press release
        |declined to comment|court documents|court papers|in an interview
    """,
    # what an unnamed plural does
    "opines": """
        say suggest believe argue note warn caution stress emphasize emphasise agree contend maintain predict expect
        fear speculate point describe view regard consider see hope
    """,
    # how a named speaker's position is told without "said"; a generic plural does the same and says nothing
    "reports": """
        emphasized emphasised emphasizes stressed stresses highlighted highlights noted notes warned warns suggested
        suggests pledged pledges urged urges expressed expresses voiced voices criticized criticised criticizes
        believes believed claims claimed insisted insists argued argues acknowledged acknowledges praised praises
        described describes called thanked thinks thought hopes hoped recalled recalls revealed reveals admitted
        explained vowed promised promises accused denied denies rejected
    """,
    # marks of two genres, which genre.py asks for as well
    "bereaved": """
        |passed away|survived by|preceded in death|lieu of flowers|funeral service|funeral mass|funeral home
        |visitation will|he leaves|she leaves|is survived|laid to rest|celebration of life|the funeral is
        |memorial service|was born in|was born on|devoted husband|devoted wife|devoted mother|devoted father
    """,
    "press": """
        prnewswire globenewswire
        |for immediate release|business wire|globe newswire|media contact|press contact|media contacts
        |notes to editors|note to editors|forward-looking statements
    """,
    "office": """
        president minister mayor governor senator judge justice attorney prosecutor sheriff chief captain coach
        manager director chairman chairwoman chair chairperson secretary spokesman spokeswoman spokesperson
        commissioner councillor councilman councilwoman councilor superintendent professor doctor dr mr mrs ms
        sergeant lieutenant officer detective inspector inspectors ambassador general colonel bishop pope king
        queen prince princess analyst economist ceo owner founder editor coroner clerk treasurer deputy
        lawyer solicitor midfielder striker goalkeeper quarterback pitcher defender captain
        court ministry department committee commission council agency bureau university hospital police
    """,
    "event": """
        was were had did got went came took made gave found left held met won lost beat scored hit shot killed died
        born married arrested charged sentenced jailed convicted pleaded fined sued filed signed approved rejected
        voted elected appointed resigned retired opened closed sold bought paid cost rose fell dropped slipped
        climbed gained slumped declined increased decreased cut raised began started ended finished broke fled
        crashed injured wounded rescued searched seized recovered launched released published issued delayed
        postponed cancelled canceled moved built demolished destroyed damaged burned burnt flooded drove ran flew
        landed set drew led trailed caught threw struck stabbed robbed stole wore saw heard knew said told kept
        served worked lived studied graduated joined replaced succeeded survived
    """,
    "date": """
        monday tuesday wednesday thursday friday saturday sunday january february march april june july august
        september october november december jan feb mar apr jun jul aug sept sep oct nov dec yesterday tonight
        today tomorrow noon midnight a.m p.m am pm morning afternoon evening weekend quarter fiscal
        spring summer autumn winter
        |last week|last month|last year|this week|this month|this year|next week|next month|next year|years ago
        |months ago|earlier this|later this|year-old
    """,
    "number": """
        one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
        eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands
        million millions billion trillion dozen dozens half third quarter first second fourth fifth sixth seventh
        eighth ninth tenth percent pct per once twice mln bln dlrs cts
    """,
    "unit": """
        miles mile kilometres kilometers km feet foot metres meters inches tonnes tons pounds kg kilograms grams
        acres hectares litres liters gallons hours hour minutes minute seconds days weeks months years year degrees
        mph points goals runs wickets assists rebounds yards votes seats shares euros dollars yen pence cents
        barrels homes jobs employees people passengers students patients
    """,
    "place": """
        street road avenue lane drive highway route county city town village district parish borough school church
        bridge river lake station airport hospital park square building north south east west northern southern
        eastern western near outside downtown
    """,
    "writer": "i me my mine myself i'm i've i'd i'll",
    "person": "we us our ours ourselves we're we've we'd we'll",
    "reader": "you your yours yourself",
    "third": "he she his her him they them their who whom whose it its",
    "pointing": "this these that those such",
    "negation": "not no nothing never none neither nor don't doesn't didn't isn't aren't wasn't won't can't without",
}
