"""Objects that hang together in no container are found in a time that grows with their number."""

import math
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from leakcheck.probes.cells import Cells
from leakcheck.probes.objects import is_namespace_of
from leakcheck.probes.piles import Pile, piles

MANY = 3_000


class Node:
    """A node of a chain, which has a dict of texts: the collector does not list those."""

    __slots__ = ("following", "texts")

    def __init__(self, following: "Node | None") -> None:
        self.following = following
        self.texts = {"id": "1"}


def chain() -> list[Node]:
    nodes: list[Node] = []
    for _ in range(MANY):
        nodes.append(Node(nodes[-1] if nodes else None))
    return nodes


def tree() -> list[ET.Element]:
    root = ET.Element("r")
    return [root, *(ET.SubElement(root, "item", {"id": "1"}) for _ in range(MANY - 1))]


def found_among(objects: list[Any]) -> list[Pile]:
    types = {id(type(objects[0])): len(objects)}
    return piles(objects, types, Cells(), math.inf)


@pytest.mark.parametrize("make", [chain, tree])
def test_a_pile_is_looked_through_once_though_each_of_its_objects_has_a_dict(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def counting(owner: object, one: object) -> bool:
        nonlocal asked
        asked += 1
        return is_namespace_of(owner, one)

    monkeypatch.setattr("leakcheck.probes.piles.is_namespace_of", counting)
    objects = make()
    (pile,) = found_among(objects)

    assert pile.number == pile.alike == MANY
    assert asked <= 4 * MANY


def test_what_an_object_has_under_its_names_is_of_the_pile() -> None:
    class Named:
        def __init__(self, following: "Named | None") -> None:
            self.following = following

    nodes: list[Named] = []
    for _ in range(MANY):
        nodes.append(Named(nodes[-1] if nodes else None))
        assert nodes[-1].__dict__  # from now on it has one
    (pile,) = found_among([one for node in nodes for one in (node, node.__dict__)])

    assert pile.number == MANY
