from xml.etree import ElementTree

import pytest


@pytest.fixture
def parsed():
    """`parsed(markup)`: the drawing's root element; fails on markup that is not well formed."""
    return lambda markup: ElementTree.fromstring(str(markup))
