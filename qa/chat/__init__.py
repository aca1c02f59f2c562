"""The chat page: conversation and cards as plain functions, and the Gradio page that shows them.

conversation.py   turns, history, and how an answer arrives; knows nothing of Gradio
stored.py         turns as JSON and back
archive.py        the conversations that are kept, in one SQLite file
visitors.py       the signed cookie by which a visitor is known again
web.py            whose request it is, and what is answered without Gradio
users.py          who may sign in, and where nobody must
references.py     a paper as a line of references
takeaway.py       answers as Markdown, BibTeX, RIS, JSON
feedback.py       what readers said of answers, as a questions file
suggestions.py    what could be asked
formulas.py       formulas as MathML
cards.py          an answer as HTML: markers, cards, marked sentences
shelf.py          the papers of the library as a list; adding to them
atlas.py, plots.py   a map of the papers, and when they appeared, as SVG
answerers.py      who may answer: the models that a visitor may choose
shelf_tab.py, past.py, settings.py   the tabs beside the conversation
page.py           the Gradio page
endpoints.py      what other programs may call
routes.py         files to take away, and the server's health
server.py         serving it: the port, the signals
style.css, cards.css, tabs.css   what the page looks like
page.js, tell.js, map.js   how a marker opens its card; lists with buttons; the map by keyboard

Importing this package is quick; Gradio is loaded by the first call.
"""

from __future__ import annotations

from qa.chat.server import check_address, serve
from qa.chat.users import add_user, check_guard

__all__ = ["add_user", "check_address", "check_guard", "serve"]
