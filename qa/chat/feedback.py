"""What readers said of answers, as a questions file that `qa eval` reads.

An answer that was found right becomes a question with the papers and quotes that it rests on. Of one that
was found wrong nobody said what would be right: it stays in the archive, with the reader's words.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from qa.chat.archive import Archive
from qa.chat.conversation import Turns, history
from qa.exporting import write


def rated_file(archive: Archive) -> Path:
    """Beside the archive, named after the library: "questions-default-1b2c3d4e.jsonl"."""
    library = Path(archive.library)
    digest = hashlib.sha256(str(library).encode()).hexdigest()[:8]
    return archive.path.with_name(f"questions-{library.name}-{digest}.jsonl")


def write_questions(archive: Archive, file: Path) -> None:
    """Write the questions whose answers were found right. Raises InvalidInput when that cannot be done."""
    lines = (
        json.dumps(question(id, archive.turns(id), number), ensure_ascii=False) + "\n"
        for id, number in archive.found_right()
    )
    write(lines, file)


def question(id: str, turns: Turns, number: int) -> dict[str, Any]:
    """Turn `number` of the conversation `id` (1 for the first) as a line of a questions file."""
    turn, earlier = turns[number - 1], history(turns[: number - 1])
    assert turn.answer
    cited = turn.answer.citations
    titles = list(dict.fromkeys(citation.paper.title for citation in cited))
    kind = "unanswerable" if not titles else "followup" if earlier else "multi" if titles[1:] else "single"
    quoted = [citation for citation in cited if citation.field == "abstract"]
    return {
        "id": f"{id}-{number}",
        "kind": kind,
        "history": earlier,
        "question": turn.question,
        "relevant": titles,
        "evidence": [{"title": citation.paper.title, "quote": citation.quote} for citation in quoted],
    }
