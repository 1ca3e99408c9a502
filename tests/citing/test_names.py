import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.citing.names import Name, names_in


def person(family: str, given: str) -> Name:
    return Name(family=family, given=given)


@pytest.mark.parametrize(
    "body",
    [
        *("Department of Health", "Department of Health and Social Care", "NHS England"),
        *("Health and Safety Executive", "Age Concern", "Carers UK", "HM Treasury", "Barnardo's"),
        *("Marks and Spencer", "King's Fund", "Joseph Rowntree Foundation", "World Bank"),
        *("Royal College of Nursing, London", "Lord Laming", "Miller et al.", "x, y", "jsmith"),
        *(
            "山田 太郎",
            "Smith,",
            ", J.",
            "Office 365",
            "ROBIN MILLER",
            "Local Government Association",
        ),
    ],
)
def test_a_body_is_never_taken_apart(body: str) -> None:
    assert names_in(body) == (Name(literal=body),)


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("", ()),
        (" ; ", ()),
        ("Robin Miller", (person("Miller", "Robin"),)),
        ("Miller, Robin", (person("Miller", "Robin"),)),
        ("Smith, J.; Jones, A.", (person("Smith", "J."), person("Jones", "A."))),
        ("Smith, J., Jones, A. and Brown, B.", None),
        ("Smith J, Jones A & Brown B", None),
        ("J. Smith, A. Jones and B. Brown", None),
        ("John Smith and Mary Jones", (person("Smith", "John"), person("Jones", "Mary"))),
        ("Smith, John and Jones, Mary", (person("Smith", "John"), person("Jones", "Mary"))),
        ("Jan van der Berg", (person("van der Berg", "Jan"),)),
        ("de Beauvoir, Simone", (person("de Beauvoir", "Simone"),)),
        ("Dr Jane O'Neill MBE", (person("O'Neill", "Jane"),)),
        ("Élise Müller", (person("Müller", "Élise"),)),
        ("Mind; Robin Miller", (Name(literal="Mind"), person("Miller", "Robin"))),
    ],
)
def test_persons_are_named_by_family(author: str, names: tuple[Name, ...] | None) -> None:
    found = names_in(author)
    if names is None:
        assert [(name.family, name.initials) for name in found] == [
            *[("Smith", ("J",)), ("Jones", ("A",)), ("Brown", ("B",))],
        ]
    else:
        assert found == names


def test_initials_are_the_first_letters_of_given_names() -> None:
    assert person("Rowling", "J.K.").initials == ("J", "K")
    assert person("Sartre", "Jean-Paul").initials == ("J", "P")
    assert person("Miller", "robin").initials == ("R",)
    assert Name(literal="Mind").initials == ()


@given(st.text(max_size=80))
def test_every_name_says_something(author: str) -> None:
    for name in names_in(author):
        assert (name.literal != "") != (name.family != "" and name.given != "")
