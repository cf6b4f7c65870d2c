"""Contact files as they really are: each dirt of a real file, and what becomes of its rows."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.authoring.vocabulary import STANDARD_FIELDS, Field, FieldKind
from nurture.inbound.contact_columns import column_of, regular
from nurture.inbound.contact_file import BadRow, ContactFileProblem, GoodRow, Row, open_contact_file

HEADER = "email,first_name,company\n"
FIELDS = {
    **STANDARD_FIELDS,
    "servers": Field("servers", FieldKind.NUMBER, labels={"fr": "Nombre de serveurs"}),
    "cloud": Field("cloud", FieldKind.FLAG),
    "size": Field("size", FieldKind.CHOICE, ("small", "large")),
    "renewal_on": Field("renewal_on", FieldKind.DATE, labels={"fr": "Échéance"}),
}


def read(folder: Path, content: str | bytes) -> list[Row]:
    """The rows of a file with this content."""
    file = folder / "people.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(open_contact_file(file).rows())


def addresses(rows: list[Row]) -> list[str]:
    """Who is in."""
    return [row.address for row in rows if isinstance(row, GoodRow)]


def refused(folder: Path, content: bytes) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(ContactFileProblem) as raised:
        read(folder, content)
    return str(raised.value)


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le"])
def test_accents_survive_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    bom = b"\xff\xfe" if encoding == "utf-16-le" else b""
    (row,) = read(tmp_path, bom + "Courriel;Prénom;Société\nhelene@a.example;Hélène;Forêt\n".encode(encoding))
    assert row == GoodRow(2, "helene@a.example", {"first_name": "Hélène", "company": "Forêt"})


def test_the_apostrophes_and_euros_of_windows_survive(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "email,company\na@a.example,L’Atelier à 5 €\n".encode("cp1252"))
    assert row == GoodRow(2, "a@a.example", {"company": "L’Atelier à 5 €"})


def test_a_file_cut_within_a_letter_is_read(tmp_path: Path) -> None:
    rows = read(tmp_path, (HEADER + "a@a.example,Anne,Caf").encode() + b"\xc3")
    assert addresses(rows) == ["a@a.example"]


def test_bytes_that_windows_does_not_know_are_read(tmp_path: Path) -> None:
    assert addresses(read(tmp_path, HEADER.encode() + b"a@a.example,\x81\xe9,x\n")) == ["a@a.example"]


def test_nuls_are_dropped(tmp_path: Path) -> None:
    (row,) = read(tmp_path, b"email\x00,first_name\na@a.ex\x00ample,An\x00ne\n")
    assert row == GoodRow(2, "a@a.example", {"first_name": "Anne"})


# Separators, line ends, headers


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_usual_separator_and_line_end_is_understood(tmp_path: Path, separator: str, end: str) -> None:
    lines = [["email", "nom"], ["a@a.example", "Martin"], ["b@a.example", "Petit"]]
    rows = read(tmp_path, end.join(separator.join(cells) for cells in lines) + end)
    assert addresses(rows) == ["a@a.example", "b@a.example"]


def test_the_line_that_excel_puts_first_is_heeded(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "sep=;\r\nemail;company\r\na@a.example;One, two\r\n")
    assert row == GoodRow(3, "a@a.example", {"company": "One, two"})


def test_empty_lines_before_and_between_are_passed_over(tmp_path: Path) -> None:
    rows = read(tmp_path, "\n\n" + HEADER + "\n;;\n,,\na@a.example,Anne,Acme\n\n")
    assert addresses(rows) == ["a@a.example"]


@pytest.mark.parametrize(
    ("header", "field"),
    [("E-MAIL", "email"), (" Adresse e-mail ", "email"), ("PRÉNOM", "first_name"), ("Société", "company"),
     ("Nb de chats", None), ("servers", "servers"), ("Nombre de serveurs", "servers"), ("Intitulé de poste", "job_title")],
)  # fmt: skip
def test_headers_are_understood_in_both_languages(header: str, field: str | None) -> None:
    assert column_of(header, FIELDS) == field


def test_a_column_named_twice_counts_once(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "email,company,company\na@a.example,First,Second\n")
    assert row == GoodRow(2, "a@a.example", {"company": "First"})


def test_columns_that_mean_nothing_are_told(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,chats,,prenom\na@a.example,3,,Anne\n")
    assert open_contact_file(file).ignored == ("chats",)


# Rows


def test_missing_cells_are_missing_fields(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER + "a@a.example\n") == [GoodRow(2, "a@a.example")]


def test_cells_that_say_nothing_are_missing_fields(tmp_path: Path) -> None:
    (row,) = read(tmp_path, HEADER + "a@a.example, N/A ,—\n")
    assert row == GoodRow(2, "a@a.example")


def test_empty_cells_beyond_the_header_do_no_harm(tmp_path: Path) -> None:
    assert addresses(read(tmp_path, HEADER + "a@a.example,Anne,Acme,,  ,\n")) == ["a@a.example"]


def test_a_cell_too_many_is_told_with_its_line(tmp_path: Path) -> None:
    rows = read(tmp_path, HEADER + "a@a.example,Anne,Acme, Inc\nb@a.example,Bob,B\n")
    assert rows[0] == BadRow(
        2, "1 more cells than the header has; is a quote missing?", ("a@a.example", "Anne", "Acme", " Inc")
    )
    assert addresses(rows) == ["b@a.example"]


@pytest.mark.parametrize("text", ["", "anne", "anne@", "@a.example", "a b@a.example", "a@a@a.example", "a@a..example"])
def test_what_is_no_address_is_told(tmp_path: Path, text: str) -> None:
    (row,) = read(tmp_path, HEADER + f"{text},Anne,Acme\n")
    assert isinstance(row, BadRow)
    assert "address" in row.reason


def test_addresses_copied_from_a_mail_are_understood(tmp_path: Path) -> None:
    rows = read(tmp_path, HEADER + " <a@a.example> ,A,\nmailto:b@a.example,B,\n")
    assert addresses(rows) == ["a@a.example", "b@a.example"]


def test_names_in_capitals_are_set_right(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "email,prénom,nom,ville\na@a.example,JEAN-PIERRE,de la Tour,SAINT-ÉTIENNE\n")
    assert row == GoodRow(
        2, "a@a.example", {"first_name": "Jean-Pierre", "last_name": "de la Tour", "city": "Saint-Étienne"}
    )


def test_our_own_file_of_rejected_rows_can_be_imported_once_mended(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "line,reason,email,phone\n7,'=was wrong,a@a.example,'+33 1 00 00 00 00\n")
    assert row == GoodRow(2, "a@a.example", {"phone": "+33 1 00 00 00 00"})


# Quotes


def test_a_quoted_cell_may_have_separators_quotes_and_lines(tmp_path: Path) -> None:
    rows = read(tmp_path, HEADER + 'a@a.example,"An""ne","Acme, Inc\n12 rue A"\nb@a.example,Bob,B\n')
    assert rows == [
        GoodRow(2, "a@a.example", {"first_name": 'An"ne', "company": "Acme, Inc 12 rue A"}),
        GoodRow(4, "b@a.example", {"first_name": "Bob", "company": "B"}),
    ]


def test_a_forgotten_quote_swallows_nobody(tmp_path: Path) -> None:
    rows = read(tmp_path, HEADER + 'a@a.example,"Anne,Acme\nb@a.example,Bob,B\nc@a.example,"Carl","C"\n')
    assert rows[0] == BadRow(2, "a quote is opened and never closed", ('a@a.example,"Anne,Acme',))
    assert addresses(rows) == ["b@a.example", "c@a.example"]


def test_a_quote_forgotten_on_every_line_condemns_each_line_alone(tmp_path: Path) -> None:
    rows = read(tmp_path, HEADER + "".join(f'p{n}@a.example,"P,x\n' for n in range(200)))
    assert [row.line for row in rows if isinstance(row, BadRow)] == list(range(2, 202))


def test_an_inch_mark_is_no_quote(tmp_path: Path) -> None:
    (row,) = read(tmp_path, HEADER + 'a@a.example,Anne,Rack 19" SA\n')
    assert row == GoodRow(2, "a@a.example", {"first_name": "Anne", "company": 'Rack 19" SA'})


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.text(max_size=12)), max_size=8), st.integers(0, 8))
def test_whatever_a_neighbour_writes_nobody_vanishes(
    tmp_path_factory: pytest.TempPathFactory, others: list[tuple[str, str]], at: int
) -> None:
    lines = [f'{name}@a.example,"{words}' for name, words in others]
    lines.insert(min(at, len(lines)), "good@b.example,Good,Row")
    content = (HEADER + "\n".join(lines) + "\n").encode("utf-8", "replace")
    rows = read(tmp_path_factory.mktemp("rows"), content)
    assert "good@b.example" in addresses(rows) or any(
        "good@b" in cell for r in rows if isinstance(r, BadRow) for cell in r.cells
    )


# Sizes


def test_a_huge_cell_is_told_and_harms_nobody_else(tmp_path: Path) -> None:
    rows = read(tmp_path, HEADER + f"a@a.example,{'x' * 400_000},A\nb@a.example,Bob,B\n")
    assert isinstance(rows[0], BadRow)
    assert "longer than" in rows[0].reason
    assert max(map(len, rows[0].cells)) <= 200
    assert addresses(rows) == ["b@a.example"]


def test_a_huge_quoted_cell_is_told_and_harms_nobody_else(tmp_path: Path) -> None:
    rows = read(tmp_path, HEADER + 'a@a.example,"' + "x\n" * 300 + '",A\nb@a.example,Bob,B\n')
    assert addresses(rows) == ["b@a.example"]


def test_a_long_value_is_told(tmp_path: Path) -> None:
    (row,) = read(tmp_path, HEADER + f"a@a.example,{'x' * 600},A\n")
    assert isinstance(row, BadRow)
    assert row.reason == "first_name has 600 characters; at most 500 are kept"


# Values


@pytest.mark.parametrize(
    ("text", "code"),
    [("France", "FR"), ("ÉTATS-UNIS", "US"), ("fr", "FR"), ("UK", "GB"), ("Germany", "DE"), ("Belgique", "BE")],
)
def test_countries_are_codes_whatever_they_are_called(text: str, code: str) -> None:
    assert regular("country", text) == code


@pytest.mark.parametrize(
    ("text", "count"),
    [("250", 250), ("1 200", 1200), ("1\u202f200", 1200), ("1,200", 1200), ("250-499", 250), ("10 à 49", 10),
     ("5000+", 5000), ("~ 80", 80), ("> 50", 50), ("120 salariés", 120)],
)  # fmt: skip
def test_headcounts_are_numbers_however_they_are_written(text: str, count: int) -> None:
    assert regular("employees", text) == count


@pytest.mark.parametrize("text", ["many", "-5", "²", "1.5", "12k", "9" * 40])
def test_what_is_no_headcount_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="write a number such as 250"):
        regular("employees", text)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("servers", "1 200", 1200), ("cloud", "OUI", True), ("cloud", "no", False), ("size", "Large", "large"), ("vat", "FR1", "FR1"),
     ("renewal_on", "2027-01-31", "2027-01-31"), ("renewal_on", "31/01/2027", "2027-01-31"), ("renewal_on", "1.2.2027", "2027-02-01"),
     ("renewal_on", "2027-01-31 00:00:00", "2027-01-31")],
)  # fmt: skip
def test_fields_of_the_authors_own_hold_what_the_authors_say(name: str, text: str, value: object) -> None:
    assert regular(name, text, FIELDS) == value


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("servers", "write a number"),
        ("cloud", "write yes or no"),
        ("size", "write one of small, large"),
        ("renewal_on", "write a date"),
    ],
)
def test_what_such_a_field_cannot_hold_is_told(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is 'perhaps'; {words}"):
        regular(name, "perhaps", FIELDS)


@pytest.mark.parametrize("text", ["31/02/2027", "01/31/2027", "31/01/27", "2927-01-31", "٢٠٢٧-٠١-٣١"])
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="write a date such as 2027-01-31 or 31/01/2027"):
        regular("renewal_on", text, FIELDS)


def test_an_unknown_country_or_zone_is_told_with_a_way_out() -> None:
    with pytest.raises(ValueError, match="unknown country 'Frence'"):
        regular("country", "Frence")
    with pytest.raises(ValueError, match="write Europe/Paris"):
        regular("timezone", "Europe/Pari")


# Files that are none


def test_files_that_hold_no_contacts_are_refused_with_a_sentence(tmp_path: Path) -> None:
    assert "is empty" in refused(tmp_path, b"")
    assert "is empty" in refused(tmp_path, b"\n \n")
    assert "is a spreadsheet: save it as CSV" in refused(tmp_path, b"PK\x03\x04 and so on")
    assert "is a spreadsheet: save it as CSV" in refused(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1")
    assert "has no column of addresses" in refused(tmp_path, b"nom,prenom\nMartin,Anne\n")


def test_files_that_cannot_be_read_are_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ContactFileProblem, match="does not exist"):
        open_contact_file(tmp_path / "nowhere.csv")
    with pytest.raises(ContactFileProblem, match="Is a directory"):
        open_contact_file(tmp_path)


def test_a_file_of_columns_without_end_is_read_in_a_moment(tmp_path: Path) -> None:
    began = time.process_time()
    rows = read(tmp_path, "email" + ",x" * 20_000 + "\n" + ("a@a.example" + ",y" * 20_000 + "\n") * 20)
    assert addresses(rows) == ["a@a.example"] * 20
    assert time.process_time() - began < 5
