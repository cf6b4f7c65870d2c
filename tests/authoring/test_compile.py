"""From a file to a program: keys that survive edits, jumps that lead where the author meant, a version of its meaning."""

from itertools import pairwise

from nurture.core.acts import END
from nurture.core.program import Branch, Program, Relance, Send, Variant, Wait, WaitFor, WaitUntil
from tests.authoring.builders import CAMPAIGN, FILES, Edit, program, shipped

SEQUENCE = FILES[CAMPAIGN][FILES[CAMPAIGN].index("      - send: guide") : FILES[CAMPAIGN].index("    advance:")]


def with_steps(steps: str) -> Program:
    return program(Edit(CAMPAIGN, SEQUENCE, steps))


def keys(steps: str) -> list[str]:
    return [step.key for step in with_steps(steps).stages[0].steps]


def test_a_key_says_the_stage_the_verb_and_the_content() -> None:
    assert keys(SEQUENCE) == ["tofu/send:guide#1", "tofu/wait@send:guide#1", "tofu/relance:guide#1"]


def test_an_unrelated_step_changes_no_key() -> None:
    added = "      - send: talk\n      - wait: 1 day\n" + SEQUENCE + "      - wait: 9 days\n      - relance: talk\n"
    assert set(keys(SEQUENCE)) < set(keys(added))


def test_an_id_takes_the_place_of_the_key_and_anchors_what_follows() -> None:
    assert keys(SEQUENCE.replace("- send: guide", "- send: guide\n        id: first")) == [
        "first",
        "tofu/wait@first",
        "tofu/relance:guide#1",
    ]


NESTED = """\
      - wait: 1 day
      - when: fit >= "B"
        then:
          - wait: 1 day
          - send: guide
          - wait: 2 days
        else:
          - wait: up to 3 days
            for: clicked()
            else:
              - wait: 1 day
              - send: talk
      - wait: {until: {webinar: talk, at: start}}
      - wait: 1 day
      - wait: 2 days
      - send: guide
"""


def test_keys_within_branches_are_unique_and_anchored_to_their_way() -> None:
    assert keys(NESTED) == [
        "tofu/wait@start",
        "tofu/when@start",
        "tofu/wait@when@start:then",
        "tofu/send:guide#1",
        "tofu/wait@send:guide#1",
        "tofu/wait-for@when@start:else",
        "tofu/wait@wait-for@when@start:else:else",
        "tofu/send:talk#1",
        "tofu/wait-until@when@start",
        "tofu/wait@when@start",
        "tofu/wait@when@start~2",
        "tofu/send:guide#2",
    ]


def test_jumps_lead_through_branches_and_back() -> None:
    steps = with_steps(NESTED).stages[0].steps
    fork, listen = steps[1], steps[5]
    assert isinstance(fork, Branch)
    assert isinstance(listen, WaitFor)
    assert (fork.then, fork.otherwise) == (2, 5)
    assert (listen.next, listen.otherwise) == (8, 6)
    follow = {n: s.next for n, s in enumerate(steps) if isinstance(s, (Send, Relance, Wait, WaitUntil))}
    assert follow == {0: 1, 2: 3, 3: 4, 4: 8, 6: 7, 7: 8, 8: 9, 9: 10, 10: 11, 11: END}


def test_a_way_without_steps_leads_on() -> None:
    only_then = '      - when: fit >= "B"\n        then: [{send: guide}]\n      - send: talk\n'
    fork = with_steps(only_then).stages[0].steps[0]
    assert isinstance(fork, Branch)
    assert (fork.then, fork.otherwise) == (1, 2)


def test_every_key_of_the_shipped_campaigns_is_unique_and_every_jump_leads_forward() -> None:
    from nurture.authoring.bundle import compile_bundle

    world = compile_bundle(shipped(), salt=b"salt").world
    assert world is not None
    for each in world.current_programs():
        every = [step.key for stage in each.stages for step in stage.steps]
        assert len(set(every)) == len(every)
        for stage in each.stages:
            for at, step in enumerate(stage.steps):
                jumps = [getattr(step, name) for name in ("next", "then", "otherwise") if hasattr(step, name)]
                assert all(jump == END or at < jump < len(stage.steps) for jump in jumps)


def test_variants_share_all_contacts() -> None:
    steps = (
        with_steps("      - send: guide\n        variants: {a: {share: 33.5%}, b: {share: 66.5%, subject: Autre}}\n")
        .stages[0]
        .steps
    )
    assert steps[0].variants == (Variant("a", 3350), Variant("b", 6650, "Autre"))  # type: ignore[union-attr]


SAME_MEANING = (
    Edit(CAMPAIGN, "campaign: welcome", "# a comment\n\ncampaign: 'welcome'"),
    Edit(CAMPAIGN, "sender: {name: Exemple, address: bonjour@exemple.example}", "sender:\n  address: bonjour@exemple.example\n  name: Exemple"),
    Edit(CAMPAIGN, 'downloaded("guide") or engagement >= 20', "(downloaded('guide')) or engagement >= 20.0"),
    Edit("campaigns/content.yaml", "title: Guide", "title: Le guide"),
    Edit("campaigns/scoring.yaml", "points: 10", "points: 12"),
)  # fmt: skip

OTHER_MEANINGS = (
    Edit(CAMPAIGN, "wait: 3 days", "wait: 4 days"),
    Edit(CAMPAIGN, "wait: 3 days", "wait: 3 business days"),
    Edit(CAMPAIGN, "engagement >= 20", "engagement > 20"),
    Edit(CAMPAIGN, "title: Bienvenue", "title: Bonjour"),
    Edit(CAMPAIGN, "      - send: talk", "      - send: talk\n        template: other"),
    Edit("campaigns/cadence.yaml", "1 per day", "2 per day"),
)


def test_comments_layout_contents_and_scoring_leave_the_version_alone() -> None:
    assert {program(edit).version for edit in SAME_MEANING} == {program().version}


def test_every_other_meaning_is_another_version() -> None:
    versions = [program().version, *(program(edit).version for edit in OTHER_MEANINGS)]
    assert len(set(versions)) == len(versions)
    assert all(len(version) == 12 and int(version, 16) >= 0 for version in versions)


def test_steps_know_their_lines() -> None:
    lines = [step.line for step in program().stages[0].steps]
    assert all(a < b for a, b in pairwise(lines))
    assert FILES[CAMPAIGN].splitlines()[lines[0] - 1].strip() == "- send: guide"
