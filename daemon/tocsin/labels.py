"""The closed sets of words that the values of `model.py` are marked with. Pure."""

from typing import Literal, TypeAlias

Step: TypeAlias = Literal[
    "language", "mention", "salience", "relevance", "event", "part", "certainty", "fact", "article", "rule", "story"
]
"""Where in the reading of an item a reason was found."""

TextField: TypeAlias = Literal["title", "body", "article"]
"""Which part of an item a span (`start`, `end`, in characters) points into."""

ArticleKind: TypeAlias = Literal[
    "read", "subscription", "consent", "blocked", "robots", "script", "missing", "elsewhere", "no_page", "no_text",
    "too_large", "slow", "failed", "budget", "resting", "unresolved",
]  # fmt: skip
"""What became of reading an article in full; a label of the metrics."""
