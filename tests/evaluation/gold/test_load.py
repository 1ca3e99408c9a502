import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.errors import GoldError
from ctqa.evaluation.gold.load import Gold, GoldQuestion, Judgment, load_gold


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def jsonl(*lines: object) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def refusal(path: Path) -> str:
    with pytest.raises(GoldError) as caught:
        load_gold(path)
    return str(caught.value)


# ---- CTQA's own JSONL


def test_jsonl_gives_every_field(tmp_path):
    line = {
        "id": "a1",
        "question": "Who pays?",
        "document": "care.pdf",
        "quote": "The local authority pays.",
        "page": 4,
        "context": "Until then. The local authority pays.",
        "answers": ["the local authority", "The local authority"],
        "kind": "who",
        "half": "tune",
    }
    gold = load_gold(write(tmp_path, "care.jsonl", jsonl(line)))
    assert gold == Gold(
        name=f"{tmp_path.name}/care.jsonl",
        questions=(
            GoldQuestion(
                id="a1",
                question="Who pays?",
                judgments=(
                    Judgment(
                        document="care.pdf",
                        quote="The local authority pays.",
                        page=4,
                        context="Until then. The local authority pays.",
                    ),
                ),
                answers=("the local authority", "The local authority"),
                kind="who",
                half="tune",
            ),
        ),
    )


def test_lines_of_one_id_are_one_question_with_several_judgments(tmp_path):
    path = write(
        tmp_path,
        "g.jsonl",
        jsonl(
            {"id": "a", "question": "Who?", "document": "d1", "quote": "x", "answers": ["1"]},
            {"id": "b", "question": "When?", "document": "d1", "quote": "y"},
            {"id": "a", "question": "Who?", "document": "d2", "quote": "z", "answers": ["2"]},
            {"id": "a", "question": "Who?", "document": "d1", "quote": "x", "kind": "k"},
        ),
    )
    first, second = load_gold(path).questions
    assert first.judgments == (
        Judgment(document="d1", quote="x"),
        Judgment(document="d2", quote="z"),
    )
    assert (first.answers, first.kind, second.id) == (("1", "2"), "k", "b")


def test_lines_without_ids_are_grouped_by_their_question(tmp_path):
    path = write(
        tmp_path,
        "g.jsonl",
        jsonl(
            {"question": "Who?", "document": "d1"},
            {"question": "When?", "document": "d1"},
            {"question": "Who?", "document": "d2"},
            {"id": "w", "question": "Where?", "document": "d2"},
            {"question": "Where?", "document": "d3"},
        ),
    )
    questions = load_gold(path).questions
    assert [(q.id, len(q.judgments)) for q in questions] == [("q1", 2), ("q2", 1), ("w", 2)]


def test_a_line_separator_inside_a_string_does_not_end_the_line(tmp_path):
    path = write(
        tmp_path, "g.jsonl", jsonl({"question": "Who?", "document": "d", "quote": "a\u2028b"})
    )
    assert load_gold(path).questions[0].judgments[0].quote == "a\u2028b"


def test_impossible_questions_need_no_document_and_hold_no_judgment(tmp_path):
    path = write(
        tmp_path,
        "g.jsonl",
        jsonl(
            {"question": "Why?", "impossible": True, "document": "d", "context": "c"},
            {"question": "How?", "impossible": True, "id": 12},
        ),
    )
    questions = load_gold(path).questions
    assert [(q.impossible, q.judgments, q.id) for q in questions] == [
        (True, (), "q1"),
        (True, (), "12"),
    ]


def test_names_that_are_not_ours_are_noted_and_misspelt_ones_refused(tmp_path):
    line = {"Question": "Who?", "DOCUMENT ": "d", "Reviewed by": "AB"}
    gold = load_gold(write(tmp_path, "g.jsonl", jsonl(line)))
    assert gold.notes == ("“reviewed by” is not used",)
    line = {"question": "Who?", "document": "d", "qoute": "x"}
    message = refusal(write(tmp_path, "g.jsonl", jsonl({"question": "?", "document": "d"}, line)))
    assert "line 2" in message and "“qoute”" in message and "did you mean “quote”" in message


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"document": "d"}, "“question” is missing; found document"),
        ({}, "“question” is missing; found nothing"),
        ({"question": " ", "document": "d"}, "the question is empty"),
        ({"question": "Who?"}, "names no document"),
        ({"question": "Who?", "verdict": "right"}, "is a judgment, not a gold question"),
        ({"question": "Who?", "quote": "x"}, "without its document"),
        ({"question": "Who?", "page": 3}, "without its document"),
        ({"question": "Who?", "document": "d", "context": "x"}, "a context without a quote"),
        ({"question": "Who?", "document": "d", "page": 0}, "counted from 1"),
        ({"question": "Who?", "document": "d", "page": True}, "counted from 1"),
        ({"question": "Who?", "document": "d", "page": "iv"}, "counted from 1"),
        ({"question": "Who?", "document": "d", "answers": "x"}, "expected a list"),
        ({"question": "Who?", "document": "d", "answers": [1]}, "expected a list"),
        ({"question": "Who?", "document": "d", "impossible": "maybe"}, "expected true or false"),
        ({"question": "Who?", "document": ["d"]}, "expected text"),
        ({"question": "Who?", "impossible": True, "quote": "x"}, "is marked impossible but"),
        ({"question": "Who?", "impossible": True, "answers": ["x"]}, "is marked impossible but"),
        ({"question": "Who?", "document": "d", "Document": "e"}, "“document” is there twice"),
        ({"_id": "1", "text": "Who?"}, "BEIR"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path, line, expected):
    message = refusal(write(tmp_path, "g.jsonl", "\n" + jsonl(line)))
    assert "g.jsonl, line 2: " in message
    assert expected in message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "holds no question"),
        ("\n \n", "holds no question"),
        ('{"question": "Who?"\n', "line 1: is not JSON"),
        ("[1]\n", "line 1: found a list; expected a JSON object"),
        (b'{"question": "caf\xe9"}', "line 1: found a byte that is not UTF-8"),
    ],
)
def test_a_file_that_is_no_jsonl_is_refused(tmp_path, content, expected):
    assert expected in refusal(write(tmp_path, "g.jsonl", content))


def test_one_id_for_two_questions_is_refused(tmp_path):
    path = write(
        tmp_path,
        "g.jsonl",
        jsonl(
            {"id": "a", "question": "Who?", "document": "d"},
            {"id": "a", "question": "When?", "document": "d"},
        ),
    )
    message = refusal(path)
    assert "line 2: the id 'a' stands for “When?” here and for “Who?” at" in message
    assert message.count("g.jsonl, line 1") == 1


def test_a_question_cannot_be_both_possible_and_impossible(tmp_path):
    path = write(
        tmp_path,
        "g.jsonl",
        jsonl({"question": "Who?", "document": "d"}, {"question": "Who?", "impossible": True}),
    )
    message = refusal(path)
    assert "line 2: “Who?” is marked impossible here, but not at" in message
    assert "q1" not in message


# ---- CSV, as spreadsheets write it


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_csv_is_read_however_a_spreadsheet_saved_it(tmp_path, delimiter, encoding, line_end):
    records = [
        ["Question", " DOCUMENT", "Quote", "page", "answers", "impossible"],
        ["Who pays?", "care.pdf", '"He said “it’s free”, for now; café."', "4.0", "a | b|c", ""],
        ["Why?", "", "", "", "", "Yes"],
    ]
    text = line_end.join(delimiter.join(cells) for cells in records) + line_end
    path = write(tmp_path, "g.csv", text.encode(encoding))
    assert load_gold(path).questions == (
        GoldQuestion(
            id="q1",
            question="Who pays?",
            judgments=(
                Judgment(document="care.pdf", quote="He said “it’s free”, for now; café.", page=4),
            ),
            answers=("a", "b|c"),
        ),
        GoldQuestion(id="q2", question="Why?", impossible=True),
    )


def test_csv_cells_may_hold_line_ends_and_short_records_end_empty(tmp_path):
    text = 'question,document,quote,kind\n"Who\npays?",d\n\n,,,\nWhen?,d,"two\nlines",k\n'
    first, second = load_gold(write(tmp_path, "g.csv", text)).questions
    assert (first.question, first.kind) == ("Who\npays?", "")
    assert (second.judgments[0].quote, second.kind) == ("two\nlines", "k")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "line 1: “question” is missing; found nothing"),
        ("question,document\n", "holds no question"),
        ("question;documnt\nWho?;d\n", "line 1: found “documnt”; did you mean “document”?"),
        ("frage;datei\n", "line 1: “question” is missing; found frage, datei; known are"),
        ("question,document,question\n", "line 1: “question” is there twice"),
        ("query-id\tcorpus-id\tscore\n", "line 1: looks like a part of the BEIR form"),
        ("question,document\nWho?,d,stray\n", "line 2: found 3 cells under 2 column names"),
        ('question,document\n"a\nb",d\nWho?,"d"x\n', "line 4: is not CSV"),
        ('question,document\nWho?,"d\nWhen?,d\n', "line 2: is not CSV"),
        ("question,document,page\nWho?,d,iv\n", "line 2: “page” is 'iv'; expected a whole"),
        ("question,document,impossible\nWho?,d,maybe\n", "line 2: “impossible” is 'maybe'"),
        (
            b"question,document\nWho?,\x81\n",
            "line 2: found a byte that is not UTF-8 or windows-1252",
        ),
    ],
)
def test_csv_that_cannot_be_used_is_named(tmp_path, content, expected):
    assert expected in refusal(write(tmp_path, "g.csv", content))


cell = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=30)


@given(
    st.lists(
        st.tuples(cell.filter(str.strip), cell.filter(str.strip), cell), min_size=1, max_size=5
    )
)
def test_csv_and_jsonl_of_the_same_gold_are_the_same(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("gold")
    names = ("question", "document", "quote")
    quoted = ['"{}","{}","{}"'.format(*(c.replace('"', '""') for c in line)) for line in lines]
    as_csv = write(folder, "g.csv", "\n".join([",".join(names), *quoted]))
    as_jsonl = write(folder, "g.jsonl", jsonl(*(dict(zip(names, x, strict=True)) for x in lines)))
    assert load_gold(as_csv).questions == load_gold(as_jsonl).questions


# ---- BEIR


def beir(folder: Path, qrels: str = "query-id\tcorpus-id\tscore\nq1\td 1\t2\nq1\td2\t0\n") -> None:
    queries = jsonl({"_id": "q1", "text": "Who?"}, {"_id": "q2", "text": "When?", "metadata": {}})
    write(folder, "queries.jsonl", queries)
    write(folder, "qrels.tsv", qrels)


def test_beir_judges_documents_and_leaves_unjudged_queries_out(tmp_path):
    beir(tmp_path)
    gold = load_gold(tmp_path)
    judgments = (Judgment(document="d 1", relevance=2), Judgment(document="d2", relevance=0))
    assert gold == Gold(
        name=f"{tmp_path.parent.name}/{tmp_path.name}",
        questions=(GoldQuestion(id="q1", question="Who?", judgments=judgments),),
        left_out=1,
    )


def test_beir_takes_the_test_judgments_and_says_so(tmp_path):
    beir(tmp_path)
    (tmp_path / "qrels.tsv").unlink()
    write(tmp_path, "qrels/train.tsv", "query-id\tcorpus-id\tscore\nq1\td\t1\n")
    assert load_gold(tmp_path).notes == ()
    write(tmp_path, "qrels/test.tsv", "query-id\tcorpus-id\tscore\r\nq2\td\t1\r\n")
    gold = load_gold(tmp_path)
    assert [question.id for question in gold.questions] == ["q2"]
    assert gold.notes == ("qrels/test.tsv was taken, not qrels/train.tsv",)


def test_beir_counts_judged_queries_without_text(tmp_path):
    beir(tmp_path, "query-id\tcorpus-id\tscore\nq1\td\t1\nq9\td\t1\n")
    assert load_gold(tmp_path).notes == ("1 judged queries have no text and cannot be asked",)


@pytest.mark.parametrize(
    ("qrels", "expected"),
    [
        ("q1\td1\t1\n", "qrels.tsv, line 1: found 'q1\\td1\\t1'; expected the header query-id"),
        ("", "qrels.tsv, line 1: found ''; expected the header"),
        ("query-id\tcorpus-id\tscore\nq1\td1\n", "line 2: found 'q1\\td1'; expected query-id"),
        ("query-id\tcorpus-id\tscore\nq1\td1\tyes\n", "line 2: the score is 'yes'"),
        ("query-id\tcorpus-id\tscore\nq1\td\t1\n\nq1\td\t2\n", "line 4: 'd' was judged 1"),
        ("query-id\tcorpus-id\tscore\nq9\td\t1\n", "holds no judged question"),
    ],
)
def test_beir_judgments_that_cannot_be_used_are_named(tmp_path, qrels, expected):
    beir(tmp_path, qrels)
    assert expected in refusal(tmp_path)


@pytest.mark.parametrize(
    ("queries", "expected"),
    [
        ([{"id": "q1", "text": "Who?"}], "line 1: found id, text; expected"),
        ([{"_id": "q1", "text": " "}], "line 1: the question is empty"),
        ([{"_id": "", "text": "x"}], "line 1: the id is empty"),
        ([{"_id": "q1", "text": "a"}, {"_id": "q1", "text": "b"}], "line 2: the id 'q1' stands"),
    ],
)
def test_beir_queries_that_cannot_be_used_are_named(tmp_path, queries, expected):
    beir(tmp_path)
    write(tmp_path, "queries.jsonl", jsonl(*queries))
    assert expected in refusal(tmp_path)


def test_beir_without_judgments_is_refused(tmp_path):
    beir(tmp_path)
    (tmp_path / "qrels.tsv").unlink()
    assert "there is no judgment file; expected qrels.tsv or qrels/test.tsv" in refusal(tmp_path)


# ---- TREC

TAGGED = """
<top>
<num> Number: 301
<title> International Organized
Crime
<desc> Description: ...
</top>
<top><num>302</num><title>Polio</title></top>
"""


@pytest.mark.parametrize(
    ("name", "topics", "texts"),
    [
        ("topics.tsv", "301\tWho?\tand why\n302\tWhen?\n", ["Who?\tand why", "When?"]),
        ("topics.txt", TAGGED, ["International Organized Crime", "Polio"]),
    ],
)
def test_trec_topics_and_qrels(tmp_path, name, topics, texts):
    write(tmp_path, name, topics)
    write(tmp_path, "qrels.txt", "301 0 d1 1\n301 0 d2 -1\n302 Q0 d1 0\n")
    first, second = load_gold(tmp_path).questions
    assert [first.question, second.question] == texts
    assert [(j.document, j.relevance) for j in first.judgments] == [("d1", 1), ("d2", -1)]
    assert [(j.document, j.relevance) for j in second.judgments] == [("d1", 0)]


@pytest.mark.parametrize(
    ("name", "topics", "qrels", "expected"),
    [
        ("topics.tsv", "301 Who?\n", "", "line 1: found '301 Who?'; expected an id, a tab"),
        ("topics.tsv", "301\tWho?\n", "301 d1 1\n", "line 1: found '301 d1 1'; expected query"),
        ("topics.txt", "\n\n<top><num>3</top>", "", "line 3: a topic without <num> or <title>"),
    ],
)
def test_trec_that_cannot_be_used_is_named(tmp_path, name, topics, qrels, expected):
    write(tmp_path, name, topics)
    write(tmp_path, "qrels.txt", qrels)
    assert expected in refusal(tmp_path)


def test_trec_without_qrels_is_refused(tmp_path):
    write(tmp_path, "topics.tsv", "301\tWho?\n")
    assert "qrels.txt: cannot be read" in refusal(tmp_path)


# ---- SQuAD

CONTEXT = "The Normans came in 911. Normans speak French."


def squad(*entries: dict[str, object]) -> str:
    paragraph = {"context": CONTEXT, "qas": list(entries)}
    return json.dumps({"version": "v2.0", "data": [{"title": "N", "paragraphs": [paragraph]}]})


def answered(*answers: tuple[str, int], id: str = "1") -> dict[str, object]:
    found = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": id, "question": " Who? ", "answers": found}


def test_squad_answers_become_quotes_with_their_place(tmp_path):
    impossible = {"id": "2", "question": "Why?", "answers": [], "is_impossible": True}
    content = squad(answered(("Normans", 25), ("Normans", 25), ("The Normans", 0)), impossible)
    gold = load_gold(write(tmp_path, "dev.json", content))
    assert gold.questions == (
        GoldQuestion(
            id="1",
            question="Who?",
            judgments=(
                Judgment(document="N", quote="Normans", context=CONTEXT, offset=25),
                Judgment(document="N", quote="The Normans", context=CONTEXT, offset=0),
            ),
            answers=("Normans", "The Normans"),
        ),
        GoldQuestion(id="2", question="Why?", impossible=True),
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "dev.json: is not JSON"),
        ("[]", 'dev.json: found no "data"'),
        ('{"data": 1}', 'dev.json: "data" is 1; expected a list'),
        ('{"data": [[]]}', "dev.json: data[0]: found a list; expected an object"),
        ('{"data": [{"title": "x"}]}', 'data[0]: "paragraphs" is None; expected a list'),
        (squad({"id": "1", "question": "?"}), 'data[0].paragraphs[0].qas[0]: "answers" is None'),
        (squad(answered()), 'qas[0]: has no answer; expected one, or "is_impossible": true'),
        (squad(answered(("a", 0)), answered(("b", 0))), "qas[1]: the id '1' is there twice"),
        ('{"data": []}', "dev.json: holds no judged question"),
    ],
)
def test_json_that_is_no_squad_is_refused(tmp_path, content, expected):
    assert expected in refusal(write(tmp_path, "dev.json", content))


# ---- what is gold at all


@pytest.mark.parametrize("name", ["gold.txt", "gold"])
def test_other_files_are_refused_with_what_is_expected(tmp_path, name):
    told = refusal(write(tmp_path, name, "x"))
    assert "is in no known form; expected a .jsonl, .csv, .xlsx or .ods file" in told


@pytest.mark.parametrize("name", ["gold.docx", "gold.XLS", "gold.numbers"])
def test_tables_in_other_forms_are_refused_with_how_to_save_them(tmp_path, name):
    assert "save it as an Excel workbook (.xlsx) or as .csv" in refusal(write(tmp_path, name, "x"))


def test_a_missing_path_and_a_folder_of_other_things_are_refused(tmp_path):
    assert "there is no such file or folder" in refusal(tmp_path / "gold.jsonl")
    assert "found nothing; expected" in refusal(tmp_path)
    write(tmp_path, "notes.txt", "x")
    assert "found notes.txt; expected" in refusal(tmp_path)


def test_gold_refuses_to_be_empty_or_to_share_an_id():
    question = GoldQuestion(id="a", question="Who?")
    with pytest.raises(GoldError, match="holds no judged question"):
        Gold(name="g", questions=())
    with pytest.raises(GoldError, match="2 questions have the id 'a'"):
        Gold(name="g", questions=(question, question))
