from server.web import short_names


def test_a_name_keeps_its_own_number():
    found = short_names.of({"a": "Bakery", "b": "Aisle 2", "c": "Aisle 1", "d": "Tills"})
    assert found == {"a": "3", "b": "2", "c": "1", "d": "4"}


def test_two_with_the_same_number_are_told_apart():
    found = short_names.of({"a": "Aisle 1", "b": "Till 1"})
    assert len(set(found.values())) == 2
    assert found["a"] == "1"
