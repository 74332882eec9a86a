"""Coverage-guided fuzzing (atheris) of what reads strangers' bytes; a finding becomes a file in fixtures/fuzz.

    pip install 'copytaster[fuzz]'
    python benchmarks/fuzz.py [TARGET ...] [--seconds 60] [--most N] [--corpus DIR] [--seed N]

Each target runs in a process of its own for ``--seconds``, begins with fixtures/fuzz/TARGET and the texts below, and
ends with status 0, or with the finding at the end of TARGET/log and in TARGET of ``--corpus``. What ran is printed, and
added to tally.jsonl there. Compiled passes are compiled with bounds
checks, for an index that is out of bounds would otherwise be a read of other memory. What each target promises is in
its assertions: no exception but those that are promised, no text invented, offsets that fit, a second cleaning that
changes nothing, and an end within seconds. tests/test_fuzz_findings.py gives each kept finding to the same function.

With a ``--seed`` and an empty corpus a target meets the same inputs in the same order each time, as many as the
seconds allow and ``--most`` says: so CI fuzzes, for a run that fails there must fail here too.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures" / "fuzz"
sys.path.insert(0, str(HERE.parent))

SEEDS = (
    """<html><head><title>Ferry stops</title></head><body><nav><a href=/>Home</a></nav><article><h1>Ferry stops</h1>
<p>The ferry at Aldwick makes its last crossing on Friday, mayor Ines Adler said.</p></article></body></html>""",
    """Ferry stops

No time to read?
Get a summary

The ferry at Aldwick makes its last crossing on Friday.

Previous Article

Bridge opens

Next Article

Tolls rise""",
    """<table><tr><td>1<td>2</table><script type='application/ld+json'>{"@type": "NewsArticle"}</script><pre>a
 b</pre>""",
    """<?xml version="1.0"?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Post</title>
<wp:wxr_version>1.2</wp:wxr_version><item><title>Ferry stops</title><guid>tag:a,1</guid>
<pubDate>Mon, 02 Mar 2026 09:00:00 GMT</pubDate><wp:post_type>post</wp:post_type>
<description>The ferry stops on Friday.</description></item></channel></rss>""",
    """WARC/1.0
WARC-Type: response
WARC-Target-URI: http://a.example/1
WARC-Date: 2026-03-02T09:00:00Z
WARC-Record-ID: <urn:uuid:12345678-1234-1234-1234-123456789012>
Content-Type: application/http; msgtype=response
Content-Length: 67

HTTP/1.1 200 OK
Content-Type: text/html

<p>The ferry stops on Friday.</p>

""".replace("\n", "\r\n"),
    'id,title,body\n1,Ferry stops,"The ferry at Aldwick, says Ines Adler, stops on Friday."\n',
    '{"id": "1", "body": "The ferry at Aldwick stops on Friday."}\n{"id": 2}\n',
    "港口大橋月曜日重開。 مرحبا a\u00adb cafe\u0301 \u200b \ufb01sh",
)
# What a page or feed is made of, for libFuzzer to put in.
WORDS = (
    *("<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "<!DOCTYPE", "&amp;", "&#x", "&#0;", "\\x00"),
    *("<p>", "<br>", "<div ", "<a href=", "<script>", "</script>", "<style>", "<title>", "<table>", "<td>", "<pre>"),
    *("<article>", "<li>", "class=", "style=", "display:none", "application/ld+json", "\\xe2\\x80\\x8b", "\\xc2\\xad"),
    *("<rss>", "<item>", "<entry>", "<wp:post_type>", "WARC/1.0", "Content-Length:", "\\xef\\xbb\\xbf", "\\xff\\xfe"),
)


def main() -> int:
    from benchmarks.fuzz_targets import TARGETS  # noqa: PLC0415  # after the environment is set, in the child alone

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="what to fuzz; all by default")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--most", type=int, default=-1, help="executions of each target; -1, the default, for no limit")
    parser.add_argument("--corpus", type=Path, help="a folder that keeps what was found to be new for the next run")
    parser.add_argument("--seed", type=int, default=0, help="of libFuzzer's chance; 0, the default, takes a new one")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return _fuzz(options.targets[0], options)
    with tempfile.TemporaryDirectory() as folder:
        corpus = options.corpus or Path(folder)
        failed = [name for name in options.targets or TARGETS if not _ran(name, corpus, options)]
    print(f"fuzzed {', '.join(options.targets or TARGETS)}: {f'findings in {failed}' if failed else 'no finding'}")
    return 1 if failed else 0


def _ran(target: str, corpus: Path, options: argparse.Namespace) -> bool:
    """Whether ``target`` went through its time without a finding."""
    home = corpus / target
    home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, __file__, target, "--child", "--corpus", str(home)]
    command += [f"--{name}={getattr(options, name)}" for name in ("seconds", "most", "seed")]
    same = {"PYTHONHASHSEED": "0"}  # sets in another order would be other ways through the code
    checked = same | {
        "NUMBA_BOUNDSCHECK": "1",
        "NUMBA_CACHE_DIR": str(Path(tempfile.gettempdir(), "copytaster-fuzz-cache")),
    }
    started, before = time.perf_counter(), _seconds_of_children()
    with (home / "log").open("w+", errors="replace") as log:
        done = subprocess.run(command, env=os.environ | checked, check=False, stdout=log, stderr=log)
        log.seek(0)
        said = log.read()
    executions = re.search(r"number_of_executed_units:\s*(\d+)", said)
    ran = {
        "target": target,
        "executions": int(executions.group(1)) if executions else None,  # libFuzzer does not say after a finding
        "cpu_seconds": round(_seconds_of_children() - before),
        "seconds": round(time.perf_counter() - started),
        "status": done.returncode,
    }
    with (corpus / "tally.jsonl").open("a") as tally:
        tally.write(json.dumps(ran) + "\n")
    print(", ".join(f"{name} {value}" for name, value in ran.items()), flush=True)
    if done.returncode:
        print(said[-4000:], file=sys.stderr, flush=True)
    return done.returncode == 0


def _seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _fuzz(target: str, options: argparse.Namespace) -> int:
    import atheris  # noqa: PLC0415  # an extra, and only the child needs it

    from benchmarks.fuzz_targets import TARGETS, in_time, plain_functions  # noqa: PLC0415

    for text in SEEDS:
        TARGETS[target](text.encode())  # compiles, which must not count as a slow input
    corpus, run = options.corpus, in_time(TARGETS[target])
    for function in plain_functions("detector"):
        atheris.instrument_func(function)
    words = corpus / "words.dict"
    words.write_text("".join(f'"{word.replace(chr(34), chr(92) + chr(34))}"\n' for word in WORDS))
    for place, text in enumerate(SEEDS):
        (corpus / f"seed{place}").write_bytes(text.encode())
    kept = FIXTURES / target
    limits = (f"-max_total_time={options.seconds}", f"-runs={options.most}", "-max_len=20000", "-timeout=600")
    told = (f"-dict={words}", f"-seed={options.seed}", f"-artifact_prefix={corpus}/", "-print_final_stats=1")
    given = (str(corpus), *([str(kept)] if kept.is_dir() else []))
    atheris.Setup([sys.argv[0], *given, *limits, *told, "-rss_limit_mb=4096", "-verbosity=0"], run)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
