"""The chat page: conversation and cards as plain functions, and the Gradio page that shows them.

conversation.py   turns, history, and how an answer arrives; knows nothing of Gradio
stored.py         turns as JSON and back
archive.py        the conversations that are kept, in one SQLite file
visitors.py       whose they are: a signed cookie, or who signed in
references.py     a paper as a line of references
takeaway.py       answers as Markdown, BibTeX, RIS, JSON
cards.py          an answer as HTML: markers, cards, marked sentences
past.py           the tab of earlier conversations
page.py           the Gradio page
endpoints.py      what other programs may call
routes.py         files to take away, and the server's health
server.py         serving it: the port, the signals
style.css, page.js   what the page looks like, and how a marker opens its card

Importing this package is quick; Gradio is loaded by the first call.
"""

from __future__ import annotations

from qa.chat.server import check_address, serve

__all__ = ["check_address", "serve"]
