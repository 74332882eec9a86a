"""Shingles, signatures and passage samples."""

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH

from detector.dedup import Banding, Sketching, sketch, sketch_text, tokenise
from detector.dedup.kernels import overlap
from detector.dedup.sketching import signature
from detector.errors import EmptyTextError, InvalidItemError, SketchMismatchError
from detector.records import Sketch


def words(count: int, start: int = 0) -> str:
    return " ".join(f"word{number}" for number in range(start, start + count))


def sketched(text: str, making: Sketching | None = None) -> Sketch:
    return sketch(tokenise(text), making)


@pytest.mark.parametrize("making", [None, Sketching(num_perm=16, width=5, sample=2, secret="known to nobody")])
@pytest.mark.parametrize("text", [words(2), words(300), "“Chil-\ndren’s” 4,300 Straße", "港口大桥", "𝔅ridge 1.5"])
def test_the_sketch_of_a_text_is_that_of_its_tokens(text: str, making: Sketching | None) -> None:
    made, tokenised = sketch_text(text, making), sketched(text, making)
    assert made is not None
    assert (made.header, made.digest, made.tokens) == (tokenised.header, tokenised.digest, tokenised.tokens)
    for name in ("shingles", "signature", "passages"):
        np.testing.assert_array_equal(getattr(made, name), getattr(tokenised, name))


def test_a_text_without_a_token_has_no_sketch() -> None:
    assert sketch_text(" — … ") is None


@pytest.mark.parametrize("seed", [1, 7, 2**31])
@pytest.mark.parametrize("num_perm", [16, 128, 256])
@pytest.mark.parametrize("length", [1, 3, 50, 3000])
def test_the_signature_is_datasketchs_bit_for_bit(length: int, num_perm: int, seed: int) -> None:
    ours = sketched(words(length), Sketching(num_perm=num_perm, seed=seed))
    theirs = MinHash(num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=int)
    theirs.update_batch(ours.shingles.tolist())
    assert ours.signature.dtype == np.uint32
    np.testing.assert_array_equal(ours.signature, theirs.hashvalues)


def test_signatures_can_be_looked_up_in_datasketchs_own_index() -> None:
    making = Sketching(seed=7)
    index = MinHashLSH(threshold=0.5, num_perm=128)
    index.insert("earlier", making.minhash(sketched(words(300), making)))
    index.insert("another", making.minhash(sketched(words(300, start=900), making)))
    assert index.query(making.minhash(sketched(words(290), making))) == ["earlier"]


def test_a_sketch_of_another_making_is_not_passed_on() -> None:
    with pytest.raises(SketchMismatchError, match="seed=1"):
        Sketching(seed=7).minhash(sketched(words(30)))


@pytest.mark.parametrize("shared", [200, 500, 900])
def test_signatures_estimate_jaccard_within_four_standard_errors(shared: int) -> None:
    a, b = sketched(words(1000)), sketched(words(1000, start=1000 - shared))
    common = overlap(a.shingles, b.shingles)
    jaccard = common / (a.shingles.size + b.shingles.size - common)
    estimate = float((a.signature == b.signature).mean())
    assert abs(estimate - jaccard) <= 4 * np.sqrt(jaccard * (1 - jaccard) / 128)


def test_the_passage_sample_of_a_part_is_within_the_sample_of_the_whole() -> None:
    part, whole = sketched(words(400)), sketched(words(2000))
    assert 50 <= part.passages.size <= 150
    assert set(part.passages.tolist()) <= set(whole.passages.tolist())


def test_a_short_text_keeps_every_shingle_as_a_passage() -> None:
    short = sketched(words(40))
    np.testing.assert_array_equal(short.passages, short.shingles)


def test_equal_digests_mean_equal_normalised_texts() -> None:
    assert sketched("The harbour is closed.").digest == sketched("THE HARBOUR\n is closed").digest
    assert sketched("The harbour is closed.").digest != sketched("The harbour is not closed.").digest


def test_a_text_without_tokens_is_refused_for_it_would_match_every_other_such_text() -> None:
    with pytest.raises(EmptyTextError, match="no token"):
        sketched(" … – !")


def test_the_header_names_what_made_the_sketch() -> None:
    assert sketched("a b c").header != sketched("a b c", Sketching(seed=2)).header
    assert "scheme=affine32 num_perm=128" in sketched("a b c").header


@pytest.mark.parametrize(("jaccard", "expected"), [(0.0, 0.0), (0.5, 0.0607), (0.8, 0.9470), (1.0, 1.0)])
def test_the_s_curve_of_sixteen_bands_of_eight_rows(jaccard: float, expected: float) -> None:
    assert Banding().candidate_probability(jaccard) == pytest.approx(expected, abs=1e-4)


def test_bands_that_need_more_permutations_than_there_are_are_refused() -> None:
    with pytest.raises(InvalidItemError, match="128 permutations, and the sketch has 16"):
        Banding().keys(sketched("a b c", Sketching(num_perm=16)))


def test_alike_signatures_share_band_keys_and_unlike_ones_do_not() -> None:
    keys = [set(Banding().keys(sketched(text)).tolist()) for text in (words(500), words(500), words(500, 9000))]
    assert keys[0] == keys[1]
    assert not keys[0] & keys[2]


@pytest.mark.parametrize("text", ["one", words(7), words(3000), "Straße – “naïve” 日本 1,234.5 chil-\ndren \U0001d400"])
def test_the_signature_alone_is_that_of_the_sketch(text: str) -> None:
    np.testing.assert_array_equal(signature(text), sketched(text).signature)


def test_the_signature_of_no_token_is_refused() -> None:
    with pytest.raises(EmptyTextError, match="no token"):
        signature(" … – !")


def test_a_secret_makes_other_sketches_and_does_not_stand_in_the_header() -> None:
    usual, secret = sketched(words(200)), sketched(words(200), Sketching(secret="hush-hush"))
    assert not set(usual.shingles.tolist()) & set(secret.shingles.tolist())
    assert not set(Banding().keys(usual).tolist()) & set(Banding().keys(secret).tolist())
    assert "secret=none" in usual.header
    assert "hush" not in secret.header + repr(Sketching(secret="hush-hush"))
    assert secret.header != sketched(words(200), Sketching(secret="another")).header
