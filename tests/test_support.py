"""Whether a written sentence says what it cites: by the letter, by its words, and over many scripted ones."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from qa import Paper
from qa.identity import normalise_title
from qa.minilm import MiniLM
from qa.polarity import flipped
from qa.quantities import held, quantities
from qa.readers import read_papers
from qa.resources import resource_folder
from qa.support import Source, Supported, contradiction
from qa.training.scripted import Answered, scripted, whole_sentences

ABSTRACT = (
    r"We propose GateNet, a learnable gate (LG) that does not require labels. On ImageNet-1k it is "
    r"5.67$\times$ faster than FlashAttention-2 and closes 88\% of the gap with only 1,024 samples. "
    r"Unlike supervised methods, it needs under 3 hours for a 7B large language model, at 2 ms a token."
)
PAPER = Paper("p", "GateNet: Learning Sparse Gates", ABSTRACT)
OTHER = Paper("o", "MuDreamer", "We predict the value function and earlier actions instead of pixels.")


def fault(sentence: str, *papers: Paper) -> str | None:
    return contradiction(sentence, [Source(paper, paper.abstract) for paper in papers or (PAPER,)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,024 samples", r"1{,}024 samples"),
        ("3x", "three times"),
        ("3x", r"3$\times$"),
        ("3x", "threefold"),
        ("twice", "2 times"),
        (r"88\%", "88 percent"),
        ("7B parameters", "7 billion parameters"),
        ("4.8k samples", "4,800 samples"),
        ("80-90%", "80% to 90%"),
        ("5 ms", "5 milliseconds"),
        ("two hours", "2 h"),
        ("10^3 images", "1000 images"),
        ("2.9 percentage points", "2.9 points"),
        ("twenty-five", "25"),
        (r"$5.2 \times 10^3$ s", "5200 seconds"),
        (r"$50^\circ$", "50 degrees"),
        (r"7 {\mu}s", "7 microseconds"),
        (r"91.1{\div}91.2%", "91.1-91.2%"),
    ],
)
def test_respellings_of_a_quantity_are_the_same(one: str, other: str) -> None:
    for said, given in ((one, other), (other, one)):
        assert quantities(said)
        assert all(held(quantity, quantities(given)) for quantity in quantities(said))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3%", "3 points"),
        ("3x", "3%"),
        ("5 ms", "5 s"),
        ("7B parameters", "7M parameters"),
        ("500 samples", "500 tokens"),
        ("1.02", "1.03"),
        ("3 GB", "3 MB"),
        ("less than 80%", "more than 80%"),
        ("O(7^{4n})", "O(2^{4n})"),
        ("10^99999", "5"),
    ],
)
def test_other_quantities_are_not(one: str, other: str) -> None:
    assert not held(quantities(one)[0], quantities(other))


def test_numbers_in_names_count_as_names() -> None:
    assert quantities("GPT-4, Llama2-70B, CIFAR-10 and a 3D map") == []


@pytest.mark.parametrize(
    "sentence",
    [
        "GateNet is a learnable gate that needs no labels.",
        "The gate (LG) works without labels.",
        "It is 5.67 times faster than FlashAttention-2 on ImageNet-1k.",
        "88 percent of the gap is closed with 1024 samples.",
        "For a 7 billion language model it takes less than three hours.",
        'The authors call it "a learnable gate".',
    ],
)
def test_what_a_paper_says_in_other_words_is_no_contradiction(sentence: str) -> None:
    assert fault(sentence) is None


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("It is 5.76 times faster than FlashAttention-2.", "a number"),
        ("It closes 88 points of the gap.", "a number"),
        ("It needs 1,024 hours.", "a number"),
        ("It takes over 3 hours.", "a number"),
        ("It is 5.67x faster than FlashAttention-3.", "a name"),
        ("SeerAttention closes 88% of the gap.", "a name"),
        ("The gate beats BERT.", "a name"),
        ("GateNet requires labels.", "a negation"),
        ("GateNet is not a learnable gate.", "a negation"),
        ("It is 5.67x slower than FlashAttention-2.", "a negation"),
        ("Like unsupervised methods, it learns a gate.", "a negation"),
        ('The authors call it "a learnable door".', "a quote"),
        ("See https://example.org for the gate.", "a link"),
        ("The gate is described in doi 10.1000/182.", "a link"),
        ("It is a learnable gate and " * 100, "too long"),
    ],
)
def test_what_it_does_not_say_is_named(sentence: str, said: str) -> None:
    assert (fault(sentence) or "").startswith(said)


SCORES = (
    "GateNet gains 10% on MNIST and 20% on CIFAR, with precision (82%) and recall (84%). Accuracy rises from "
    "50% to 75% in 3 hours. It takes 5 ms and 9 ms for the small and the large model, respectively."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "It gains 20% on CIFAR, 10% on MNIST.",
        "Recall is 84%, precision 82%.",
        "GateNet has 82% precision and 84% recall.",
        "From 50% accuracy rises to 75%.",
        "The large model takes 9 ms, the small one 5 ms.",
        "It takes 5 ms and 9 ms for the small and large model.",
    ],
)
def test_numbers_may_be_said_of_their_things_in_any_order(sentence: str) -> None:
    assert fault(sentence, Paper("s", "GateNet", SCORES)) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "It gains 10% on CIFAR, 20% on MNIST.",
        "It gains 20% on MNIST.",
        "GateNet has 84% precision and 82% recall.",
        "Accuracy rises from 75% to 50%.",
        "The large model takes 5 ms, the small one 9 ms.",
    ],
)
def test_numbers_cannot_change_places(sentence: str) -> None:
    said = fault(sentence, Paper("s", "GateNet", SCORES)) or ""
    assert said.startswith("a number that it cites of something else")


def test_units_count_without_a_number_too() -> None:
    paper = Paper("u", "T", "It saves a snapshot per hour and runs for days.")
    assert fault("It saves hourly and runs for days.", paper) is None
    assert fault("It saves a snapshot per day.", paper) is None
    assert fault("It saves a snapshot per week.", paper) == "a unit that is not in what it cites: w"


POLAR = (
    "Label-free gates can be trained, and training without priors reaches the best accuracy among systems "
    "without augmentation. Seed bias is negligible for GLS and non-negligible for VH. It is not only fast "
    "but works with or without images. Higher levels are tested first, lower levels last; tests do not "
    "necessarily fail. A parameterless norm is comparable, if not better."
)


@pytest.mark.parametrize(
    ("sentence", "turned"),
    [
        ("Gates can be trained without labels.", False),
        ("Gates can not be trained.", True),
        ("It reaches the best accuracy among systems with augmentation.", True),
        ("Seed bias is non-negligible for VH.", False),
        ("Seed bias is not negligible for GLS.", True),
        ("It is only fast.", True),
        ("It works without images.", False),
        ("It works with images.", False),
        ("Lower levels are tested first.", True),
        ("Tests need not fail.", False),
        ("Tests necessarily fail.", True),
        ("The norm has no parameters.", False),
        ("The norm is comparable or better.", False),
        ("The norm is comparable or worse.", True),
    ],
)
def test_a_word_is_compared_with_its_own_place_in_the_source(sentence: str, turned: bool) -> None:
    assert flipped(sentence, POLAR) is turned


def test_findings_of_two_papers_cannot_be_swapped() -> None:
    assert fault("MuDreamer predicts the value function.", OTHER) is None
    assert (
        fault("GateNet predicts the value function.", OTHER) == "a name that is not in what it cites: GateNet"
    )


@pytest.fixture(scope="module")
def supported() -> Supported:
    return Supported(MiniLM())


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("The gate learns without labels.", None),
        ("The moon is made of green cheese.", "not said by what it cites"),
        ("Das lernbare Tor braucht keine Beschriftungen.", "a name that is not in what it cites: Das"),
        ("la méthode est plus rapide que toutes les autres.", "not said by what it cites"),
    ],
)
def test_words_must_be_near_those_of_the_source(
    supported: Supported, sentence: str, said: str | None
) -> None:
    assert supported(sentence, [Source(PAPER, ABSTRACT)]) == said


# Reference answers that say more than the evidence annotated for them.
SAY_MORE = (
    "Adaptive (weighted) rejection", "2.9% on the (Big Five)", "Yes, watermarking causes", "Changyu Chen",
    "Yes, NoiseFiT injects", "No, propagating the HMC", "With Softplus", "Existing interventions control",
    "Yes; with vector-quantized", "No: across 14 domains", "Not reliably: performance", "SAF replaces",
)  # fmt: skip


def answered(questions: list[dict[str, Any]]) -> list[Answered]:
    papers = {normalise_title(paper.title): paper for paper in read_papers(resource_folder("seeds"))}
    found = []
    for one in questions:
        if one["kind"] not in ("single", "followup"):
            continue
        evidence = [(papers[normalise_title(item["title"])], item["quote"]) for item in one["evidence"]]
        sources = tuple(source for paper, quote in evidence for source in whole_sentences(paper, [quote]))
        if sources and not one["answer"].startswith(SAY_MORE):
            found.append(Answered(one["answer"], sources))
    return found


def test_scripted_sentences_are_told_apart(questions: list[dict[str, Any]], supported: Supported) -> None:
    rows = list(scripted(answered(questions)))
    passed = Counter(row.change for row in rows if supported(row.text, row.sources) is None)
    count = Counter(row.change for row in rows)
    unsupported = len(rows) - count[""]
    assert len(rows) >= 600
    assert passed["number"] == passed["unit"] == passed["swap"] == 0
    assert passed["name"] + passed["negation"] <= 0.01 * (count["name"] + count["negation"])
    assert sum(passed.values()) - passed[""] <= 0.02 * unsupported
    assert passed[""] >= 0.88 * count[""]
