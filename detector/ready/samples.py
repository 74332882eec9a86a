"""A page and a text that have something of everything: what reads them loads all that reading takes."""

from __future__ import annotations

from detector.records import Item

_PAGE = """<!DOCTYPE html><html lang="en"><head><title>Bridge reopens | Aldwick Post</title>
<meta property="og:title" content="Bridge reopens"><meta name="author" content="Anna Reed">
<link rel="canonical" href="https://post.example/bridge"><style>.ad{display:none}</style>
<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Bridge reopens"}</script></head>
<body class="page"><nav class="menu"><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>
<article class="story"><h1>Bridge reopens</h1><p class="byline">By <a href="/anna">Anna Reed</a>
<time datetime="2026-01-02T10:00:00Z">2 January 2026, 10:00</time></p>
<figure><img src="/bridge.jpg" alt="The bridge"><figcaption>The bridge. Photo: A. Reed</figcaption></figure>
<p>The harbour bridge at Aldwick reopened on Monday after 14 months of repairs that cost £3.2 million.</p>
<p>&ldquo;We are glad,&rdquo; said the mayor, Dr. Eva Stone. Some said it could
perhaps have been quicker &amp; cheaper.</p>
<div hidden>Nobody sees this.</div><div style="color:#fff;background:white" class="ad">Advertisement</div>
<table><tr><th>Year</th><th>Crossings</th></tr><tr><td>2024</td><td>1,204,000</td></tr></table>
<p>It is important to note that this is a very important moment. It is very important indeed, experts say!</p>
<ul class="share"><li><a href="/share">Share this story</a></li><li>Previous article</li></ul></article>
<aside class="related"><h2>Read more</h2><a href="/ferry">Ferry timetable changes</a></aside>
<section id="comments"><p>Reader: what about the ferry?</p></section>
<footer class="legal">© 2026 Aldwick Post. All rights reserved. <a href="/terms">Terms</a></footer></body></html>"""

_TEXT = """BRIDGE REOPENS AFTER REPAIRS

The harbour bridge at Aldwick reopened on Monday after fourteen months of
repairs, the council said. They cost 3.2 million pounds, "a fair price" for
what is needed, said Dr. Eva Stone (the mayor) of the U.S. firm's work.

Many believe that this is very important. It is very important for everyone, experts say!
Year 2024: 1,204,000 crossings; 2025: none. See https://post.example/bridge for more…
Read more: Ferry timetable changes
Follow us on social media
© 2026 Aldwick Post. All rights reserved."""

PAGE = Item("page", _PAGE, "text/html", url="https://post.example/bridge")
TEXT = Item("text", _TEXT, "text/plain", title="Bridge reopens after repairs")
