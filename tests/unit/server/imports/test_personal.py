"""Which columns are read, and which never."""

import pytest

from server.imports.personal import could_name_person, holds_yes_and_no, may_say_whether_card


@pytest.mark.parametrize(
    "column",
    [
        "Card number", "card_no", "Loyalty card", "Phone", "E-Mail", "Customer", "CustomerName", "Cashier", "Member ID", "Name",
        "Карта", "Номер карты", "№ карты клиента", "Телефон", "Моб. телефон", "Эл. почта", "ФИО", "Ф.И.О. кассира", "Кассир",
        "Покупатель", "Имя клиента", "Адрес доставки", "Дата рождения", "Продавец", "ИНН", "Держатель карты",
    ],
)  # fmt: skip
def test_what_could_name_a_person_is_not_read(column):
    assert could_name_person(column)


@pytest.mark.parametrize(
    "column",
    [
        "Чек", "Касса", "Дата", "Время", "Категория", "Артикул", "Наименование", "Количество", "Сумма", "Скидка", "Маржа",
        "Товар", "Картофель", "Product name", "receipt", "till", "has_card", "gross", "card_receipts", "Чеков с картой",
        "Campaign", "Скан-код", "Полка",
    ],
)  # fmt: skip
def test_what_names_things_is_read(column):
    assert not could_name_person(column)


@pytest.mark.parametrize(("real", "taken_for"), [("windows-1251", "windows-1252"), ("utf-8", "windows-1251")])
def test_a_wrong_encoding_hides_nothing(real, taken_for):
    assert could_name_person("Телефон".encode(real).decode(taken_for))
    assert not could_name_person("Количество".encode(real).decode(taken_for, "replace"))


def test_a_name_is_of_things_only_where_there_are_things():
    assert could_name_person("Name")
    assert not could_name_person("Name", names_are_things=True)
    assert could_name_person("Customer name", names_are_things=True)


def test_a_card_column_may_say_yes_and_no_and_nothing_else():
    assert may_say_whether_card("Карта")
    assert may_say_whether_card("card")
    assert not may_say_whether_card("Номер карты")
    assert holds_yes_and_no(["да", "НЕТ", "", 1.0, "+"])
    assert not holds_yes_and_no(["да", "2200 1234 5678 9010"])
