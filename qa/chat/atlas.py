"""A library as a map: papers as points in the plane, near to one another when their texts are alike.

The plane is t-SNE's (van der Maaten and Hinton, 2008), exact, begun from the two principal components and
so the same each time. In a large library it is made of a sample; every other paper is put among those of
the sample that are most like it. Regions are k-means clusters of the points, named by the words that stand
in the titles of one more often than in those of the others.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.paper import Paper
from qa.text import STOP_WORDS, words

Array = NDArray[np.float64]

LARGEST_SAMPLE = 600  # papers; the time grows with the square
_STEPS, _RATE, _PERPLEXITY = 300, 100.0, 25.0
_NEIGHBOURS = 5
_FEWEST = 4  # papers: fewer make no map


@dataclass(frozen=True)
class Region:
    """A cluster: its name, the middle of its papers in the plane, and how many they are."""

    name: str
    x: float
    y: float
    papers: int


@dataclass(frozen=True)
class Atlas:
    """Papers by id as (x, y), both from 0 to 1, and the regions."""

    points: Mapping[str, tuple[float, float]]
    regions: tuple[Region, ...]


def make_atlas(papers: Sequence[Paper], vectors: Mapping[str, NDArray[np.float32]]) -> Atlas:
    """The map of the papers that have vectors; an empty one when they are too few."""
    known = [paper for paper in papers if paper.id in vectors]
    if len(known) < _FEWEST:
        return Atlas({}, ())
    rows = np.array([vectors[paper.id] for paper in known], np.float64)
    plane = _plane(rows)
    labels = clusters(plane, max(2, min(12, round(math.sqrt(len(known) / 2)))))
    points = {paper.id: (float(x), float(y)) for paper, (x, y) in zip(known, plane, strict=True)}
    return Atlas(points, tuple(_regions(known, plane, labels)))


def _plane(rows: Array) -> Array:
    """Rows as points in the unit square."""
    step = math.ceil(len(rows) / LARGEST_SAMPLE)
    sample = rows[::step]
    plane = tsne(sample)
    if step > 1:
        near = np.argsort(-(rows @ sample.T), axis=1)[:, :_NEIGHBOURS]
        plane = plane[near].mean(axis=1)
    low, high = plane.min(axis=0), plane.max(axis=0)
    return np.asarray((plane - low) / np.maximum(high - low, 1e-12))


def tsne(rows: Array) -> Array:
    """Points in the plane, shape (n, 2), whose neighbours are those of the rows, shape (n, dimension)."""
    likeness = _likeness(rows)
    centred = rows - rows.mean(axis=0)
    plane = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    plane = plane / plane.std(axis=0).max() * 1e-2
    speed = np.zeros_like(plane)
    for step in range(_STEPS):
        gaps = plane[:, None] - plane[None]
        near = 1 / (1 + (gaps**2).sum(axis=2))
        np.fill_diagonal(near, 0)
        pull = (likeness * (4 if step < _STEPS // 4 else 1) - near / near.sum()) * near
        slope = 4 * (plane * pull.sum(axis=1, keepdims=True) - pull @ plane)
        speed = (0.5 if step < 50 else 0.8) * speed - _RATE * slope
        plane = plane + speed
    return np.asarray(plane)


def _likeness(rows: Array) -> Array:
    """How likely each row would name each other as its neighbour, symmetric, with sum 1."""
    apart = np.maximum(2 - 2 * rows @ rows.T, 0)
    np.fill_diagonal(apart, np.inf)
    aim = math.log(min(_PERPLEXITY, (len(rows) - 1) / 3 + 1))
    low, high = np.zeros(len(rows)), np.full(len(rows), 1e4)
    for _ in range(40):  # the narrowness at which each row has as many neighbours as is aimed at
        middle = (low + high) / 2
        weights = np.exp(-(apart - apart.min(axis=1, keepdims=True)) * middle[:, None])
        shares = weights / weights.sum(axis=1, keepdims=True)
        entropy = -(shares * np.log(np.maximum(shares, 1e-12))).sum(axis=1)
        low, high = np.where(entropy > aim, middle, low), np.where(entropy > aim, high, middle)
    return np.asarray((shares + shares.T) / (2 * len(rows)))


def clusters(points: Array, count: int) -> NDArray[np.int64]:
    """A number from 0 to `count` - 1 for each point: k-means, begun from points far from one another."""
    centres = points[[0]]
    for _ in range(count - 1):
        centres = np.vstack([centres, points[np.argmax(_apart(points, centres).min(axis=1))]])
    labels = np.full(len(points), -1)
    for _ in range(50):
        now = np.argmin(_apart(points, centres), axis=1)
        if (now == labels).all():
            break
        labels = now
        for label in set(labels.tolist()):
            centres[label] = points[labels == label].mean(axis=0)
    return labels


def _apart(points: Array, centres: Array) -> Array:
    return np.asarray(((points[:, None] - centres[None]) ** 2).sum(axis=2))


def _regions(papers: Sequence[Paper], plane: Array, labels: NDArray[np.int64]) -> list[Region]:
    titles = [{word for word in words(paper.title) if _tells(word)} for paper in papers]
    everywhere = Counter(word for title in titles for word in title)
    regions, taken = [], set[str]()
    for label, count in Counter(labels.tolist()).most_common():
        inside = np.flatnonzero(labels == label)
        here = Counter(word for place in inside for word in titles[place])
        ranked = sorted(here, key=lambda word: (-(here[word] ** 2) / everywhere[word], word))
        name = [word for word in ranked if here[word] > 1 and word not in taken][:2]
        taken.update(name)
        if name and count > 1:
            x, y = np.median(plane[inside], axis=0)
            regions.append(Region(" · ".join(name), float(x), float(y), count))
    return regions


def _tells(word: str) -> bool:
    return len(word) > 2 and word not in STOP_WORDS and not word.isdigit()
