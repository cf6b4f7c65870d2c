"""Each mistake an author can make is answered with its code, at its place."""

from dataclasses import dataclass

import pytest

from nurture.authoring.explained import EXPLAINED
from nurture.authoring.problems import Code, Problem, Severity, did_you_mean, in_order, render
from tests.authoring.builders import CADENCE, CAMPAIGN, CONTENT, FILES, FORMS, SCORING, TEAMS, Edit, place, problems


@dataclass(frozen=True, slots=True)
class Mistake:
    """An edit that is wrong, the words it must be told at, and words of the answer."""

    code: Code
    edit: Edit
    at: str
    says: str


def mistake(code: Code, file: str, old: str, new: str, at: str, says: str = "") -> Mistake:
    return Mistake(code, Edit(file, old, new), at, says)


C = CAMPAIGN
STEP = "      - wait: 3 days\n"
MISTAKES = [
    mistake(Code.NOT_UTF8, C, "Bienvenue", "d\udce9but", "\udce9", "UTF-8"),
    mistake(Code.TOO_LARGE, C, "campaign:", "# long\n" * 200_000 + "campaign:", "# long", "1 MB"),
    mistake(Code.BAD_YAML, C, "title: Bienvenue", "title: Bienvenue: ici", ": ici", '":"'),
    mistake(Code.BAD_YAML, C, "sender: {", "sender: [", "[name", "bracket"),
    mistake(Code.BAD_YAML, C, "title: Bienvenue", 'title: "Bienvenue', '"Bienvenue', "quote"),
    mistake(Code.BAD_YAML, C, "title: Bienvenue", "title: @Bienvenue", "@Bienvenue", "'@'"),
    mistake(Code.BAD_YAML, C, "title: Bienvenue", "title", "title", "key: value"),
    mistake(Code.BAD_YAML, C, "    advance:", "   advance:", "advance", "indentation"),
    mistake(Code.BAD_YAML, C, "Bienvenue", "Bien\u0007venue", "\u0007", "U+0007"),
    mistake(Code.TAB, C, "    sequence:", "\tsequence:", "\tsequence", "spaces"),
    mistake(Code.TOO_LARGE, C, "title: Bienvenue", f"title: [{'a, ' * 50_000}b]", "campaign", "50,000"),
    mistake(Code.DUPLICATE_KEY, C, "language: fr", "language: fr\ntitle: Encore", "title: Encore", "above"),
    mistake(Code.REFUSED_YAML, C, "title: Bienvenue", "title: &t Bienvenue", "&t", "&"),
    mistake(Code.REFUSED_YAML, C, "title: Bienvenue", "title: !x Bienvenue", "!x", "tags"),
    mistake(Code.REFUSED_YAML, C, "title: Bienvenue", f"title: {'[' * 60}{']' * 60}", "[" * 21 + "]", "deep"),
    mistake(Code.REFUSED_YAML, C, "language: fr", "language: fr\n---", "---", "second document"),
    mistake(Code.REFUSED_YAML, C, "language: fr", "language: fr\n? [a]\n: b", "[a]", "key"),
    mistake(Code.WRONG_SHAPE, C, "title: Bienvenue", "title: [a]", "[a]", "one value"),
    mistake(Code.WRONG_SHAPE, C, "- wait: 3 days", "- wait", "wait\n", "a step"),
    mistake(Code.WRONG_SHAPE, SCORING, "fields: {servers: number}", "fields: [servers]", "[servers]", "fields"),
    mistake(Code.UNKNOWN_KEY, C, "audience:", "audiance:", "audiance", '"audience"'),
    mistake(Code.UNKNOWN_KEY, C, "- wait: 3 days", "- wait: 3 days\n        fore: always", "fore", "no \"fore\""),
    mistake(Code.MISSING_KEY, C, "title: Bienvenue\n", "", "campaign: welcome", '"title"'),
    mistake(Code.MISSING_KEY, C, "wait: 3 days", "wait: up to 3 days", "up to", '"for"'),
    mistake(Code.MISSING_KEY, CONTENT, ", asset: guide.pdf", "", "{title: Guide", '"url" or "asset"'),
    mistake(Code.BAD_VALUE, C, "language: fr", "language: fr\npriority: high", "high", "whole number"),
    mistake(Code.BAD_VALUE, C, "language: fr", "language: fr\nhold_out: 80%", "80%", "50%"),
    mistake(Code.BAD_VALUE, C, "language: fr", "language: fr\nwhen_unknown: at_most_one", "at_most_one", "at_most_once"),
    mistake(Code.UNKNOWN_KEY, C, "language: fr", "language: fr\nwhen_unkown: at_most_once", "when_unkown", '"when_unknown"'),
    mistake(Code.BAD_VALUE, C, "campaign: welcome", "campaign: Wel come", "Wel come", "a-z"),
    mistake(Code.BAD_VALUE, C, "language: fr", "language: fr\npriority:", "priority", "no value"),
    mistake(Code.BAD_VALUE, SCORING, "points: 10", "points: ten", "ten", "number"),
    mistake(Code.BAD_VALUE, SCORING, "servers: number", "servers: numbr", "numbr", '"number"'),
    mistake(Code.BAD_VALUE, SCORING, "mql:", "grades: {A: 10, B: 60}\nmql:", "{A: 10", "best to the worst"),
    mistake(Code.UNKNOWN_STEP, C, "- wait: 3 days", "- sned: guide", "sned", '"send"'),
    mistake(Code.UNKNOWN_STEP, C, "- wait: 3 days", "- rappel: talk", "rappel", "send, relance, invite, wait, when"),
    mistake(Code.UNKNOWN_STEP, C, "- wait: 3 days", "- send: talk\n        wait: 3 days", "wait", "both"),
    mistake(Code.UNKNOWN_CONTENT, C, "- send: guide", "- send: giude", "giude", '"guide"'),
    mistake(Code.UNKNOWN_CONTENT, C, 'downloaded("guide")', 'downloaded("giude")', "giude", '"guide"'),
    mistake(Code.UNKNOWN_TEAM, C, "to: sales", "to: salse", "salse", '"sales"'),
    mistake(Code.UNKNOWN_STAGE, C, "recycle_to: tofu", "recycle_to: tof", "tof}", '"tofu"'),
    mistake(Code.UNKNOWN_STAGE, C, "engagement >= 20", 'stage = "mofu"', "mofu", "unknown stage"),
    mistake(Code.UNKNOWN_FIELD, C, "engagement >= 20", "engagment >= 20", "engagment", '"engagement"'),
    mistake(Code.UNKNOWN_FIELD, SCORING, "servers >= 20", "engagement >= 20", "engagement", "cannot be used here"),
    mistake(Code.UNKNOWN_FIELD, FORMS, "[first_name", "[frist_name", "frist_name", '"first_name"'),
    mistake(Code.UNKNOWN_SIGNAL, C, "downloaded(", "downlaoded(", "downlaoded", '"downloaded"'),
    mistake(Code.UNKNOWN_SIGNAL, SCORING, "downloaded:", "downlaoded:", "downlaoded", '"downloaded"'),
    mistake(Code.UNKNOWN_SIGNAL, SCORING, "servers >= 20", "clicked()", "clicked", "profile"),
    mistake(Code.BAD_CONDITION, C, "engagement >= 20", "engagement >=", "=\n  bofu", "too early"),
    mistake(Code.WRONG_TYPE, C, "engagement >= 20", 'engagement >= "x"', 'x"', "points"),
    mistake(Code.UNKNOWN_VALUE, C, "engagement >= 20", 'fit >= "F"', 'F"', "A, B, C, D"),
    mistake(Code.UNKNOWN_VALUE, C, "engagement >= 20", 'status = "custommer"', "custommer", '"customer"'),
    mistake(Code.UNKNOWN_VALUE, C, "interested", "intrested", "intrested", '"interested"'),
    mistake(Code.UNKNOWN_VALUE, CONTENT, "stage: tofu", "stage: tofu\n    personas: [itt]", "itt", '"it"'),
    mistake(Code.NO_TRANSLATION, C, "language: fr", "language: en", "guide\n      - wait", "translation"),
    mistake(Code.UNKNOWN_ZONE, CADENCE, "Europe/Paris", "Europe/Pari", "Europe/Pari", '"Europe/Paris"'),
    mistake(Code.UNKNOWN_COUNTRY, C, "engagement >= 20", 'country = "UK"', "UK", '"GB"'),
    mistake(Code.UNKNOWN_COUNTRY, CADENCE, "holidays: contact", "holidays: France", "France", '"FR"'),
    mistake(Code.BAD_SPAN, C, "3 days", "3 dais", "3 dais", '"days"'),
    mistake(Code.BAD_SPAN, C, "3 days", "1 month", "1 month", "days or weeks"),
    mistake(Code.BAD_SPAN, C, "3 days", "soon", "soon", "5 business days"),
    mistake(Code.BAD_SPAN, CADENCE, "Mon-Fri", "Mon-Fry", "Mon-Fry", '"Fri"'),
    mistake(Code.BAD_SPAN, CADENCE, "08:00-19:00", "19:00-08:00", "Mon-Fri", "begin before"),
    mistake(Code.BAD_SPAN, CADENCE, "1 per day", "one a day", "one a day", "cap"),
    mistake(Code.BAD_SPAN, CONTENT, "2027-01-21 14:00", "21/01/2027", "21/01/2027", "2027-01-21 14:00"),
    mistake(Code.BAD_SPAN, CONTENT, "2027-01-21 14:00", "2027-03-28 02:30", "2027-03-28", "clocks"),
    mistake(Code.BAD_SHARES, C, STEP, STEP.replace("wait: 3 days", "send: talk\n        variants: {a: {share: 50%}, b: {share: 40%}}"),
            "a: {share", "90%"),
    mistake(Code.REPEATED_NAME, C, STEP, f"{STEP}        id: x\n      - wait: 1 week\n        id: x\n", "1 week", '"x"'),
    mistake(Code.NOTHING_TO_RELANCE, C, "- relance: guide", "- relance: talk", "talk", "before"),
    mistake(Code.LOOSER_THAN_COMPANY, C, "audience:", "cadence: {window: Mon-Sun 09:00-12:00}\naudience:", "Mon-Sun", "Saturday"),
    mistake(Code.LOOSER_THAN_COMPANY, C, "audience:", "cadence: {window: 07:00-12:00}\naudience:", "07:00", "08:00 to 19:00"),
    mistake(Code.LOOSER_THAN_COMPANY, C, "audience:", "cadence: {holidays: none}\naudience:", "none", "holidays"),
    mistake(Code.LOOSER_THAN_COMPANY, C, "audience:", "cadence: {late: {max: 4 days, then: send}}\naudience:", "{max", "3 days"),
    mistake(Code.BAD_ADDRESS, C, "bonjour@exemple.example", "bonjour@", "bonjour@", "email"),
    mistake(Code.BAD_ADDRESS, C, "bonjour@exemple.example", "hélène@exemple.example", "hélène@", "before the @"),
    mistake(Code.BAD_ADDRESS, CONTENT, "https://exemple.example/talk", "exemple.example/talk", "exemple.example", "web address"),
    mistake(Code.BAD_ADDRESS, TEAMS, "claire@exemple.example", "claire", "claire}", "email"),
    mistake(Code.NO_ASSET, CONTENT, "guide.pdf", "giude.pdf", "giude.pdf", '"guide.pdf"'),
    mistake(Code.WRONG_KIND, C, 'downloaded("guide")', 'attended("guide")', 'guide") or', "webinar"),
    mistake(Code.WRONG_KIND, C, "wait: 3 days", "wait: {until: {webinar: guide, at: end}}", "guide, at", "no date"),
    mistake(Code.UNKNOWN_LANGUAGE, C, "language: fr", "language: de", "de\n", "fr, en"),
    mistake(Code.BAD_VALUE, C, "- send: talk", "- send: talk\n        variants: {a: {share: 50%}, b: {share: 50%}, winner: {by: click, after: 2 days, sample: 20%}}", "click, after", '"clicked"'),
    mistake(Code.MISSING_KEY, C, "- send: talk", "- send: talk\n        variants: {a: {share: 50%}, b: {share: 50%}, winner: {by: clicked}}", "{by", '"sample"'),
    mistake(Code.BAD_VALUE, C, "- send: talk", "- send: talk\n        variants: {a: {share: 50%}, b: {share: 50%}, winner: {by: clicked, after: 2 days, sample: 100%}}", "100%}", "everybody"),
    mistake(Code.WRONG_KIND, C, "wait: 3 days", "invite: guide", "guide\n      - relance", "no date"),
    mistake(Code.UNKNOWN_CONTENT, C, "wait: 3 days", "invite: talk\n        replay: giude", "giude", '"guide"'),
    mistake(Code.BAD_SPAN, C, "wait: 3 days", "invite: talk\n        reminders: [1 business day]", "1 business", "minutes"),
    mistake(Code.BAD_VALUE, C, "wait: 3 days", "invite: talk\n        reminders: [1 day, 2 days, 3 days, 4 days]", "[1 day", "at most 3"),
    mistake(Code.WRONG_KIND, CONTENT, "    kind: white_paper\n", "    kind: white_paper\n    cancelled: true\n", "true", "only webinars"),
    mistake(Code.UNKNOWN_STAGE, C, "prospect:", "goals: [{when: fit is known, go: bofuu}]\nprospect:", "bofuu", '"bofu"'),
    mistake(Code.MISSING_KEY, C, "prospect:", "goals: [{when: fit is known}]\nprospect:", "{when: fit", '"go" or "end"'),
    mistake(Code.MISSING_KEY, C, "prospect:", "goals: [{when: fit is known, go: bofu, end: x}]\nprospect:", "{when: fit", '"go" or "end"'),
    mistake(Code.UNKNOWN_FIELD, C, 'enter: submitted("guide")', "leave_if: [{when: fitt is known, reason: x}]", "fitt", '"fit"'),
    mistake(Code.MISSING_KEY, C, 'enter: submitted("guide")', "leave_if: [{when: fit is known}]", "{when: fit", '"reason"'),
    mistake(Code.BAD_SPAN, C, 'enter: submitted("guide")', "again: nevr", "nevr", '"after"'),
    mistake(Code.UNKNOWN_TEAM, C, "wait: 3 days", "notify: salse", "salse", '"sales"'),
    mistake(Code.UNKNOWN_KEY, C, "wait: 3 days", "task: {call: Bonjour, to: sales, within: 1 day, done: x}", "done: x", 'no "done"'),
    mistake(Code.MISSING_KEY, C, "wait: 3 days", "task: {to: sales}", "{to: sales}", "call, social"),
    mistake(Code.MISSING_KEY, C, "wait: 3 days", "task: {call: A, social: B, to: sales}", "B, to", "one thing"),
    mistake(Code.UNKNOWN_STAGE, C, "wait: 3 days", "move: bofuu", "bofuu", '"bofu"'),
    mistake(Code.UNKNOWN_FIELD, C, "wait: 3 days", "set: {serverz: 3}", "serverz", '"servers"'),
    mistake(Code.BAD_VALUE, C, "wait: 3 days", "set: {servers: many}", "many", "whole number"),
    mistake(Code.UNKNOWN_COUNTRY, C, "wait: 3 days", "set: {country: UK}", "UK", '"GB"'),
    mistake(Code.WRONG_SHAPE, C, "wait: 3 days", "set: servers", "servers\n", "set: {"),
    mistake(Code.BAD_VALUE, C, "wait: 3 days", "tag: Salon 2027", "Salon 2027", "a-z"),
    mistake(Code.BAD_VALUE, C, "wait: 3 days", "leave: ''", "''", "a reason"),
    mistake(Code.UNKNOWN_TEAM, C, "wait: 3 days", "hand_off: salse", "salse", '"sales"'),
    mistake(Code.UNKNOWN_STAGE, C, "wait: 3 days", "hand_off: {to: sales, recycle_to: tof}", "tof}", '"tofu"'),
    mistake(Code.BAD_SPAN, C, "wait: 3 days", "wait: until soon 9h", "until soon", "until Monday 09:00"),
    mistake(Code.BAD_SPAN, C, "wait: 3 days", "wait: until Mondy", "until Mondy", '"Mon"'),
    mistake(Code.BAD_SPAN, C, "wait: 3 days", "wait: until 2027-02-30", "until 2027", "not a date"),
    mistake(Code.BAD_SPAN, C, "wait: 3 days", "wait: until 9999-12-31", "until 9999", "not a date"),
    mistake(Code.BAD_SPAN, C, "wait: 3 days", "wait: until 2027-02-03 25:00", "until 2027", "time of the day"),
    mistake(Code.BAD_SPAN, C, "wait: 3 days", "wait: {until: {webinar: talk, at: start, minus: 2 business days}}", "2 business", "minutes"),
    mistake(Code.GOES_ROUND, C, "wait: 3 days", "move: tofu", "tofu\n      - relance", "tofu → tofu"),
    mistake(Code.GOES_ROUND, C, "      - send: talk", "      - send: talk\n      - when: fit is unknown\n        then: [{move: bofu}]", "bofu}", "bofu → bofu"),
    mistake(Code.NO_DATE, CONTENT, "    starts: 2027-01-21 14:00\n", "", "talk:", "starts"),
]  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES, ids=lambda m: f"{m.code}-{m.says or m.at}")
def test_a_mistake_is_told_with_its_code_and_at_its_place(case: Mistake) -> None:
    files = case.edit.of(FILES)
    found = [p for p in problems(case.edit) if p.code == case.code and case.says in f"{p.message} {p.hint}"]
    assert [(p.file, p.line, p.column) for p in found[:1]] == [
        (case.edit.file, *place(files, case.edit.file, case.at))
    ], problems(case.edit)
    assert found[0].is_error


WHOLE = {
    Code.NO_CAMPAIGN: ({k: v for k, v in FILES.items() if k != CAMPAIGN}, "campaigns"),
    Code.NOT_HERE: ({**FILES, "campaigns/older.yml": "x: 1"}, "campaigns/older.yml"),
    Code.REPEATED_NAME: ({**FILES, "campaigns/z.yaml": FILES[CAMPAIGN]}, "campaigns/z.yaml"),
    Code.WRONG_SHAPE: ({**FILES, "campaigns/z.yaml": "# nothing\n"}, "campaigns/z.yaml"),
    Code.NOT_UTF8: ({**FILES, "email_templates/a.mjml": "d\udce9but"}, "email_templates/a.mjml"),
}


@pytest.mark.parametrize("code", WHOLE)
def test_a_mistake_about_a_whole_file_is_told_at_that_file(code: Code) -> None:
    files, file = WHOLE[code]
    (found,) = problems(files=files)
    assert (found.code, found.file) == (code, file)


def test_a_form_that_may_live_elsewhere_is_only_warned_about() -> None:
    (found,) = problems(Edit(CAMPAIGN, 'submitted("guide")', 'submitted("giude")'))
    assert (found.code, found.severity, found.hint) == (Code.UNKNOWN_FORM, Severity.WARNING, 'did you mean "guide"?')
    assert problems(Edit(CAMPAIGN, 'submitted("guide")', 'submitted("their-own-form")')) == ()


def test_a_wait_before_nothing_is_only_warned_about() -> None:
    (found,) = problems(Edit(CAMPAIGN, "      - relance: guide\n", ""))
    assert (found.code, found.severity) == (Code.WAIT_FOR_NOTHING, Severity.WARNING)
    assert problems(Edit(CAMPAIGN, "      - relance: guide\n", "    exhausted: advance\n")) == ()


def test_a_step_that_nothing_leads_to_is_only_warned_about() -> None:
    (found,) = problems(Edit(CAMPAIGN, "- wait: 3 days", "- leave: assez lu"))
    assert (found.code, found.severity) == (Code.UNREACHABLE, Severity.WARNING)
    files = Edit(CAMPAIGN, "- wait: 3 days", "- leave: assez lu").of(FILES)
    assert (found.line, found.column) == place(files, CAMPAIGN, "guide\n    advance")


@pytest.mark.parametrize("last", ["      - move: bofu\n", "      - wait: 1 day\n      - move: tofu\n"])
def test_a_round_that_takes_time_and_a_way_ahead_are_right(last: str) -> None:
    assert problems(Edit(CAMPAIGN, "      - relance: guide\n", f"      - relance: guide\n{last}")) == ()


def test_every_code_is_proved_somewhere() -> None:
    elsewhere = {Code.LOST_VERSION, Code.MAIL, Code.UNKNOWN_FORM, Code.WAIT_FOR_NOTHING, Code.UNREACHABLE}
    examples = {Code(code) for code, explained in EXPLAINED.items() if explained.wrong and code in set(Code)}
    assert {m.code for m in MISTAKES} | set(WHOLE) | elsewhere | examples == set(Code)


def test_all_mistakes_of_all_files_are_told_at_once_in_order() -> None:
    found = problems(
        Edit(CAMPAIGN, "- send: guide", "- send: giude"),
        Edit(CAMPAIGN, "title: Bienvenue\n", ""),
        Edit(TEAMS, "language: fr", "language: xx"),
        Edit(SCORING, "points: 10", "points: ten"),
    )
    assert [p.file for p in found] == [SCORING, TEAMS, CAMPAIGN, CAMPAIGN]
    assert found == tuple(in_order(reversed(found)))


@pytest.mark.parametrize(
    ("file", "old"), [(CONTENT, "contents:"), (SCORING, "signals:"), (TEAMS, "teams:"), (FORMS, "forms:")]
)
def test_a_file_that_cannot_be_read_does_not_make_its_names_unknown(file: str, old: str) -> None:
    (found,) = problems(Edit(CONTENT, "stage: tofu", "stage: tofu\n    personas: [it]"), Edit(file, old, f"{old} ["))
    assert (found.code, found.file) == (Code.BAD_YAML, file)


def test_a_problem_is_shown_with_its_line_and_a_caret() -> None:
    text = "stages:\n      - send: livre-blanc-clowd\n"
    problem = Problem(
        "C012",
        "campaigns/a.yaml",
        2,
        15,
        17,
        'unknown content "livre-blanc-clowd"',
        'did you mean "livre-blanc-cloud"?',
    )
    assert render(problem, {"campaigns/a.yaml": text}) == (
        'campaigns/a.yaml:2:15  unknown content "livre-blanc-clowd" (C012)\n'
        "    2 |       - send: livre-blanc-clowd\n"
        '      |               ^^^^^^^^^^^^^^^^^ did you mean "livre-blanc-cloud"?'
    )


def test_a_very_long_line_is_shown_around_the_mistake() -> None:
    problem = Problem("C012", "f", 1, 501, 3, "unknown")
    shown = render(problem, {"f": "a" * 500 + "bad" + "c" * 500}).splitlines()
    assert max(map(len, shown)) < 200
    assert shown[1][shown[2].index("^") :].startswith("bad")


def test_a_problem_of_a_file_that_is_not_there_is_still_a_sentence() -> None:
    problem = Problem("C033", "campaigns", 1, 1, 1, "there is no campaign", "write one")
    assert render(problem, {}) == "campaigns:1:1  there is no campaign (C033)\n      write one"


def test_suggestions_forgive_capitals_and_slips_but_do_not_guess_wildly() -> None:
    known = ["Europe/Paris", "send", "relance"]
    assert did_you_mean("europe/paris", known) == 'did you mean "Europe/Paris"?'
    assert did_you_mean("zzz", known, otherwise="look") == "look"
