"""What a question means in its conversation: a question that stands alone, and the papers it leans on.

A question that leans on what was said before ("and how much faster is it?", "the second one?") is
completed with the papers spoken of, or with what was asked. A question that stands alone stays as it is,
so that a new topic is not dragged back to the old one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from qa import reference
from qa.citations import shown_title
from qa.lexical import search_words, stems
from qa.paper import Paper
from qa.picking import markers, picked
from qa.query import LONGEST, Message, StandAlone, content, is_greeting

Named = Callable[[str], Sequence[Paper]]  # the papers of the library that a text names, in order

_MESSAGES = 8  # of a conversation, the last ones, that count
_TITLES = 3  # of papers, that complete a question; for more of them, what was asked does
_FEW = 2  # words of a question's own, with which a paper's name alone says too little
_LONGEST = 600  # characters, beyond which a question says all it means
_COVERED = 0.6  # share of a question's words in a paper that make it one about that paper
_COINED = re.compile(r"[A-Z].*[A-Z0-9]|[a-z].*[A-Z]|\d.*[A-Za-z]")
_BULLET = re.compile(r"^\s*(?:[-*•]|[(\[]?\d+[.)\]])\s", re.MULTILINE)


@dataclass(frozen=True)
class Talk:
    """What has been spoken of when a question is asked.

    `asked` is the last question and `topic` the last one that stood alone; `said` the last answer;
    `focus` the paper that "it" is, `listed` the papers that "they" are, if the last answer was a list;
    `list` the last list, and `known` all papers, the first first.
    """

    asked: str = ""
    topic: str = ""
    said: str = ""
    focus: Paper | None = None
    listed: bool = False
    list: tuple[Paper, ...] = ()
    known: tuple[Paper, ...] = ()


@dataclass(frozen=True)
class Meant:
    """A question understood: what StandAlone says, with the papers themselves."""

    text: str
    asked: str
    papers: tuple[Paper, ...] = ()
    among: bool = False
    leans: bool = False


def stand_alone(question: str, history: Sequence[Message], named: Named) -> StandAlone:
    """`question`, completed from `history` if it leans on it."""
    talk = Talk()
    said_nothing = False  # "thanks" and its answer leave what is spoken of as it is
    for place, message in enumerate(history[-_MESSAGES:], max(0, len(history) - _MESSAGES)):
        text = content(message)[:LONGEST].strip()
        if message.get("role") == "user":
            said_nothing = bool(text) and asks_nothing(text, history[:place])
        if said_nothing:
            continue
        if text and message.get("role") == "user":
            talk = _after_question(talk, text, _Asked(text, talk, named).meant())
        elif text and message.get("role") == "assistant":
            talk = _after_answer(talk, text, tuple(named(text)))
    meant = _Asked(question, talk, named).meant()
    return StandAlone(meant.text, meant.asked, tuple(p.id for p in meant.papers), meant.among, meant.leans)


def asks_nothing(question: str, history: Sequence[Message]) -> bool:
    """Whether it is a greeting or the like; "ok" is none where the last answer offered something."""
    if len(question) > _LONGEST or not reference.consents(question):
        return is_greeting(question)
    last = next((content(m) for m in reversed(history) if m.get("role") == "assistant"), "")
    return not reference.offered(last) and (is_greeting(question) or not last)


def _after_question(talk: Talk, question: str, meant: Meant) -> Talk:
    keeps = meant.leans and not (meant.among and len(meant.papers) > 1)  # "compare it with X" is of two
    return replace(
        talk,
        asked=meant.asked,
        topic=talk.topic if meant.leans else question,
        focus=meant.papers[0] if len(meant.papers) == 1 else talk.focus if keeps else None,
        list=meant.papers if len(meant.papers) > 1 else talk.list,
        known=_joined(talk.known, meant.papers),
    )


def _after_answer(talk: Talk, said: str, papers: tuple[Paper, ...]) -> Talk:
    same = talk.focus is not None and (talk.focus in papers or not papers)
    several = len(papers) > 1 and not same
    listing = len(_BULLET.findall(said)) > 1 or reference.asks_for_papers(talk.asked)
    return replace(
        talk,
        said=said,
        focus=talk.focus if same or not papers else papers[0],
        listed=several and listing,
        list=papers if several else talk.list,
        known=_joined(talk.known, papers),
    )


def _joined(known: tuple[Paper, ...], papers: tuple[Paper, ...]) -> tuple[Paper, ...]:
    return tuple({paper.id: paper for paper in (*known, *papers)}.values())


class _Asked:
    """A question at its place in a conversation."""

    def __init__(self, question: str, talk: Talk, named: Named) -> None:
        self._question, self._talk, self._named_in = question, talk, named

    @functools.cached_property
    def _named(self) -> tuple[Paper, ...]:
        return tuple(self._named_in(self._question))

    def meant(self) -> Meant:
        """What it means: the first reading that fits, from the plainest reference to none."""
        if len(self._question) > _LONGEST:
            return self._alone(self._question)
        plain = reference.without_announcement(self._question)
        if plain != self._question or not self._talk.asked:
            return self._alone(plain or self._question)
        readings = (
            self._consent,
            self._more,
            self._pick,
            self._others,
            self._choice,
            self._by_name,
            self._leaning,
        )
        return next((meant for reading in readings if (meant := reading())), self._alone(self._question))

    def _alone(self, question: str) -> Meant:
        pair = len(self._named) > 1 and reference.compares(question)
        return Meant(question, question, self._named, among=pair)

    def _about(self, papers: tuple[Paper, ...], asked: str, *, among: bool = False) -> Meant:
        """`asked` of `papers`, which complete it."""
        if not papers:
            return Meant(f"{self._question} ({self._talk.topic})", asked, leans=True)
        if len(papers) > _TITLES:
            text = f"{asked} ({len(papers)} papers on: {self._talk.topic})"
        else:
            text = f"{asked} ({'; '.join(map(shown_title, papers))})"
        return Meant(text, asked, papers, among, leans=True)

    @property
    def _focus(self) -> tuple[Paper, ...]:
        return (self._talk.focus,) if self._talk.focus else ()

    def _consent(self) -> Meant | None:
        """ "Yes": what the answer offered to tell."""
        if not reference.consents(self._question):
            return None
        offer = reference.offered(self._talk.said)
        if not offer:
            return self._go_on()
        return self._about(tuple(self._named_in(offer)) or self._focus, offer)

    def _more(self) -> Meant | None:
        return self._go_on() if reference.asks_for_more(self._question) else None

    def _go_on(self) -> Meant:
        if self._talk.listed or not self._focus:
            return self._about(self._talk.list, self._talk.topic, among=bool(self._talk.list))
        asked = f"tell me more about {shown_title(self._focus[0])}"
        return Meant(asked, asked, self._focus, leans=True)

    def _pick(self) -> Meant | None:
        """ "The second one", "[2]", "back to the first paper"."""
        back = reference.goes_back(self._question)
        pool = self._talk.known if back or not self._talk.list else self._talk.list
        current = pool.index(self._focus[0]) if self._focus and self._focus[0] in pool else None
        papers = [pool[place] for place in picked(self._question, len(pool), current)]
        papers += [paper for number in markers(self._question) for paper in self._cited(number)]
        if not papers or not reference.is_mostly_picking(self._question):
            return None
        if reference.compares(self._question) and reference.points(self._question):
            papers = [*self._focus, *papers]
        return self._about(_joined((), tuple(papers)), self._question, among=True)

    def _cited(self, number: int) -> tuple[Paper, ...]:
        """The paper that stood last before a citation's marker, or stands after it in a list."""
        if numbered := re.search(rf"^\s*\[{number}\](.*)", self._talk.said, re.MULTILINE):
            return tuple(self._named_in(numbered[1]))[:1]
        before, marker, _ = self._talk.said.partition(f"[{number}]")
        return tuple(self._named_in(before + marker))[-1:] if marker else ()

    def _by_name(self) -> Meant | None:
        """A question that names papers: instead of the one spoken of, or beside it."""
        new = tuple(paper for paper in self._named if paper not in self._focus)
        if not self._named:
            return None
        early = reference.points_early(self._question) or reference.is_fragment(self._question)
        if new and self._focus and reference.compares(self._question) and early:
            return self._about((*self._focus, *new), self._question, among=True)
        if new and reference.asks_in_place(self._question) and reference.is_rather_short(self._question):
            asked = self._in_place_of_focus(new[0])
            return Meant(asked, asked, new, leans=True)
        if len(reference.own_words(self._question)) <= _FEW:
            pair = len(self._named) > 1 and reference.compares(self._question)
            return self._about(self._named, self._question, among=pair)
        return self._alone(self._question) if new else None

    def _in_place_of_focus(self, paper: Paper) -> str:
        """The last question, asked of another paper."""
        old = [shown_title(p) for p in self._focus] + [shown_title(p).partition(":")[0] for p in self._focus]
        for name in old:
            if name in self._talk.asked:
                return self._talk.asked.replace(name, shown_title(paper))
        return f"{self._question} {self._talk.asked} ({shown_title(paper)})"

    def _choice(self) -> Meant | None:
        """ "Which of them ...": asked of the papers just listed."""
        they = self._talk.listed and reference.says_they(self._question)
        if len(self._talk.list) < 2 or not (they or reference.chooses(self._question)):
            return None
        return self._about(self._talk.list, self._question, among=True)

    def _others(self) -> Meant | None:
        """ "Any other papers?": on the same subject."""
        if not reference.asks_for_others(self._question):
            return None
        text = f"{self._question} ({self._talk.topic})"
        return Meant(text, text, leans=True)

    def _leaning(self) -> Meant | None:
        if not self._leans_on_something():
            return None
        if reference.asks_in_place(self._question) and self._is_elsewhere():
            return Meant(
                f"{self._question} ({self._talk.topic})", f"{self._question} ({self._talk.topic})", leans=True
            )
        if self._talk.listed:
            return self._about(self._talk.list, self._question, among=True)
        bare = not search_words(self._question)
        return self._about(self._focus, f"{self._talk.asked} {self._question}" if bare else self._question)

    def _leans_on_something(self) -> bool:
        question = self._question
        if reference.points(question) or reference.asks_of_any_paper(question):
            return True
        if reference.self_contained(question):
            long = len(reference.own_words(question)) > _FEW and not reference.asks_for_papers(question)
            known = reference.is_definite(question) or long
            return reference.asks_an_aspect(question) or (known and self._covered() >= _COVERED)
        asks_a_piece = (reference.is_fragment, reference.asks_of_a_part, reference.asks_an_aspect)
        if any(asks(question) for asks in asks_a_piece):
            return True
        if reference.continues(question) and not reference.asks_how_to(question):
            return reference.is_rather_short(question) or self._covered() >= _COVERED
        loose = reference.is_definite(question) or reference.asks_whether(question)
        enough = _COVERED if loose else 1.0
        return reference.is_rather_short(question) and self._covered() >= enough

    def _covered(self) -> float:
        """The share of the question's own words that the paper spoken of holds."""
        if not self._focus:
            return 0.0
        held = set(stems(f"{self._focus[0].title} {self._focus[0].abstract}"))
        own = stems(" ".join(reference.own_words(self._question)))
        return sum(stem in held for stem in own) / len(own) if own else 0.0

    def _is_elsewhere(self) -> bool:
        """Whether it asks of something with a name that the paper spoken of does not have."""
        said = [word for word in re.findall(r"[\w-]+", self._question)[1:] if _COINED.search(word)]
        text = " ".join(f"{paper.title} {paper.abstract}" for paper in self._focus).casefold()
        return bool(said) and not any(word.casefold().rstrip("s") in text for word in said)
