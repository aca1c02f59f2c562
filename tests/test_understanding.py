"""Questions in words and what they say about records; and words that only look like it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from qa import Paper
from qa.ledger import Ledger
from qa.understanding import Understood, understand

TODAY = datetime.date(2026, 11, 5)
LEDGER = Ledger(
    [
        Paper("a", "A", "", authors=("Yun Fu", "Qihua Dong"), source=("003_156b0ff3.txt",)),
        Paper("b", "B", "", authors=("Steffen Müller", "Hao Li"), organisation="AI at Meta"),
        Paper("c", "C", "", authors=("Wei Li",), source=("library.bib",)),
    ]
)


def understood(question: str) -> Understood:
    return understand(question, LEDGER, TODAY)


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("papers from March 2025", "2025-03", "2025-03"),
        ("Which papers carry a date in September 2023?", "2023-09", "2023-09"),
        ("what do papers since 2024 say about pruning?", "2024", None),
        ("is there anything on pruning from before 2020?", None, "2019"),
        ("papers published after June 2024", "2024-07", None),
        ("works between 2021 and 2023", "2021", "2023"),
        ("from January to April 2025, which papers came out?", "2025-01", "2025-04"),
        ("which 2025 papers deal with pruning?", "2025", "2025"),
        ("what was published in 2024?", "2024", "2024"),
        ("papers from last year", "2025", "2025"),
        ("this year's papers", "2026", "2026"),
        ("which papers appeared in the last two years?", "2024-11-05", None),
        ("papers from 2023 or earlier", None, "2023"),
        ("papers from 2023 on", "2023", None),
        ("papers from 2019 or 2020", "2019", "2020"),
        ("list the papers from the first half of 2024", "2024-01", "2024-06"),
        ("papers dated 28 September 2025", "2025-09-28", "2025-09-28"),
        ("papers older than 2019", None, "2018"),
        ("papers from the 2010s", "2010", "2019"),
        ("papers no older than October 2025", "2025-10", None),
        ("papers from early 2024", "2024-01", "2024-04"),
        ("which papers appeared in the summer of 2025?", "2025-06", "2025-08"),
        ("Q1 2025 papers", "2025-01", "2025-03"),
        ("papers from 10/2025", "2025-10", "2025-10"),
        ("papers dated 23.01.2025", "2025-01-23", "2025-01-23"),
        ("papers dated 1/23/2025", "2025-01-23", "2025-01-23"),
        ("papers dated 1/2/2025", None, None),
        ("papers between 2023 and 2021", "2021", "2023"),
        ("which are from before 2022?", None, "2021"),
        ("papers of 2024 on pruning", "2024", "2024"),
        ("papers from ２０２４", "2024", "2024"),
        ("pappers publishd in septmber 2023", "2023-09", "2023-09"),
        ("papers in the last 9999 years", "0001-11-05", None),
    ],
)
def test_dates_bound_the_papers(question: str, since: str | None, until: str | None) -> None:
    found = understood(question)
    assert (found.since, found.until) == (since, until)


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("which entry drew the most comments?", {"order": "most comments", "wanted": 1}),
        ("the three newest papers", {"order": "newest", "wanted": 3}),
        ("what came out first?", {"order": "oldest", "wanted": 1}),
        ("top 5 most commented papers", {"order": "most comments", "wanted": 5}),
        ("which paper has the longest author list?", {"order": "most authors", "wanted": 1}),
        ("what is the second oldest paper?", {"order": "oldest", "place": 2}),
        ("list papers about pruning from newest to oldest", {"order": "newest", "wanted": None}),
        ("list the 5 papers with the most authors", {"order": "most authors", "wanted": 5, "topic": ""}),
        ("the paper with the largest team", {"order": "most authors", "wanted": 1, "topic": ""}),
        ("papers written by a team of more than 20 people", {"least_authors": 21}),
        ("give me 3 most commented papers", {"order": "most comments", "wanted": 3, "topic": ""}),
        ("top 3 papers by number of authors", {"order": "most authors", "wanted": 3, "topic": ""}),
        ("the first paper published in 2023", {"order": "oldest", "wanted": 1, "since": "2023"}),
        ("paper with the second highest number of comments", {"order": "most comments", "place": 2}),
        ("newset paper plz", {"order": "newest", "topic": ""}),
        ("how many papers are undated?", {"intent": "count", "unstated": ("published",)}),
        ("how many papers have no date at all?", {"intent": "count", "unstated": ("published",)}),
        ("how much papers have more than 15 authors", {"intent": "count", "least_authors": 16}),
        ("how big is the collection?", {"intent": "count", "topic": ""}),
        ("any papers from Yann LeCun?", {"author": "Yann LeCun", "names": ()}),
        ("yun fu papers", {"author": "Yun Fu"}),
        ("papers that use pruning from 2024", {"topic": "pruning"}),
        ("authors of MuDreamer?", {"intent": "fact", "fields": ("authors",), "topic": "MuDreamer"}),
        ("Of the papers on two-stage alignment, which is the newest?", {"topic": "two-stage alignment"}),
        ("which papers have just one author?", {"least_authors": 1, "most_authors": 1}),
        ("papers with more than ten authors", {"least_authors": 11, "most_authors": None}),
        ("single-author papers", {"least_authors": 1, "most_authors": 1}),
        ("papers with 4 to 5 authors", {"least_authors": 4, "most_authors": 5}),
        ("papers written by fewer than three people", {"least_authors": None, "most_authors": 2}),
        ("papers with at least two comments", {"least_comments": 2}),
        ("how many papers are there about diffusion?", {"intent": "count", "topic": "diffusion"}),
        ("how many papers have no date?", {"intent": "count", "unstated": ("published",)}),
        ("anything by Yun Fu?", {"author": "Yun Fu", "names": ("Yun Fu",)}),
        ("papers of Fu et al.", {"author": "Yun Fu"}),
        ("papers by Li", {"author": "Li", "names": ("Hao Li", "Wei Li")}),
        ("anything by steffen muller?", {"author": "Steffen Müller"}),
        ("did Kaiming He write something here?", {"author": "Kaiming He", "names": ()}),
        ("papers from Meta", {"organisation": "AI at Meta"}),
        ("how many papers come from file 003_156b0ff3.txt?", {"source": "003_156b0ff3.txt"}),
        ("how many papers are there per year?", {"intent": "groups", "fields": ("published",)}),
        ("who wrote it?", {"intent": "fact", "fields": ("authors",)}),
        ("when was MuDreamer published?", {"fields": ("published",), "topic": "MuDreamer"}),
        ("is there a link to MuDreamer?", {"fields": ("link",), "topic": "MuDreamer"}),
        ("how many authors does MuDreamer have?", {"fields": ("author_count",), "topic": "MuDreamer"}),
        ("what does the newest Mamba paper propose?", {"intent": "content", "order": "newest"}),
        ("what do papers since 2025 say about caches?", {"intent": "content", "topic": "caches"}),
    ],
)  # fmt: skip
def test_orders_numbers_names_and_fields(question: str, values: dict[str, Any]) -> None:
    found = understood(question)
    assert {name: getattr(found, name) for name in values} == values


@pytest.mark.parametrize(
    "question",
    [
        "How well do models do on AIME 2024?",
        "what accuracy on ImageNet 2012 does it reach?",
        "which papers use SemEval-2023 data?",
        "does the method win on TREC 2019?",
        "how was the 2024 election covered by bots?",
        "which papers analyse tweets from 2020?",
        "papers about language models released in 2023",
        "which papers predict stock prices after 2008?",
        "How did volatility change between 2020 and 2022?",
        "how much does accuracy improve since 2023?",
        "May I use this model commercially?",
        "can a model be trained from scratch in 2024 hours?",
        "since gradients vanish, how can deep networks be trained?",
        "what new method reduces the KV cache?",
        "what are the latest advances in state space models?",
        "what happens to the oldest tokens in the cache?",
        "which papers use the newest version of GPT?",
        "which model has the most parameters?",
        "which dataset has the most comments from Reddit users?",
        "which method came out first in the comparison?",
        "how many papers does it review?",
        "how many papers did they look at?",
        "which year's data was the study based on?",
        "fall detection papers",
        "what happens at 1/2 of training?",
        "is the newer method faster than the older one?",
        "what is the second step?",
        "how many authors did the study interview?",
        "how many papers were reviewed in the survey on moral values?",
        "how many papers does the survey review?",
        "trained by distillation, how small can a model get?",
        "what is learned by Gradient Descent?",
        "how does it compare to Vaswani et al.?",
        "How does COMA work out how much a single agent contributed to the outcome?",
        "is there a link between dropout and Bayesian inference?",
        "does BERT name the authors of anonymous texts?",
        "Which country had most tenders in the network study of 2008-2016 tenders?",
        "How do I fine-tune with at most three comments per user?",
        "Which papers deal with backdoor attacks?",
    ],
)
def test_false_friends_bound_nothing(question: str) -> None:
    found = understood(question)
    assert (found.intent, found.filters()) == ("content", {})


def test_a_long_question_asks_what_papers_say() -> None:
    assert understood("list the papers from 2024 " * 30).intent == "content"


def test_what_was_understood_is_json() -> None:
    values = understood("newest paper by Yun Fu since 2024").to_dict()
    assert (values["order"], values["names"], values["since"]) == ("newest", ["Yun Fu"], "2024")


def test_filters_are_said_as_text() -> None:
    found = understood("the two newest single-author papers about pruning since 2024")
    assert found.filters() == {"since": "2024", "authors": "1", "order": "newest", "wanted": "2"}
