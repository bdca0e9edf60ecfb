"""The program's answers beside those of a model's own library."""
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .published import LABELS, PublishedModel

# Both sides compute in float32 and sum in different orders.
MAX_SIMILARITY_ERROR = 1e-5
MAX_PERCENTAGE_ERROR = 0.01
TOP_K = 5
MIN_SPREAD = 300 * MAX_SIMILARITY_ERROR


@dataclass
class Comparison:
    similarity_error: float   # the largest
    percentage_error: float   # the largest, in points
    spread: float             # of a picture's similarities: where it is near the error, nothing was compared
    wrong_ranks: int          # of the first TOP_K labels of all pictures

    @property
    def is_equal(self) -> bool:
        return (self.percentage_error <= MAX_PERCENTAGE_ERROR and self.similarity_error <= MAX_SIMILARITY_ERROR
                and self.wrong_ranks == 0 and self.spread >= MIN_SPREAD)


def compare(rows: list[dict[str, Any]], published: PublishedModel, pictures: Sequence[Path]) -> Comparison:
    """`rows`: of --format json, with all labels."""
    expected = published.similarities(pictures)
    scores = published.scores(expected)
    similarity_error = percentage_error = 0.0
    wrong_ranks = 0
    for row, similarities, row_scores in zip(rows, expected, scores, strict=True):
        index = [LABELS.index(prediction["label"]) for prediction in row["predictions"]]
        assert sorted(index) == list(range(len(LABELS)))
        found = np.array([[prediction["similarity"], prediction["score"]] for prediction in row["predictions"]])
        similarity_error = max(similarity_error, np.abs(found[:, 0] - similarities[index]).max())
        percentage_error = max(percentage_error, 100 * np.abs(found[:, 1] - row_scores[index]).max())
        order = np.argsort(-similarities, kind="stable")
        # A label may change places with one that is as like.
        wrong_ranks += sum(abs(similarities[index[rank]] - similarities[order[rank]]) > MAX_SIMILARITY_ERROR
                           for rank in range(TOP_K))
    return Comparison(float(similarity_error), float(percentage_error), float(expected.std(axis=1).min()), wrong_ranks)
