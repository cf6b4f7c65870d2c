"""What an SMTP server says is understood in whatever pieces it comes, and bounded."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.providers.smtp_replies import LONGEST_LINE, MOST_LINES, NoSmtp, Reply, ReplyReader

SAID = "220-hand.example\r\n220 ESMTP\r\n250\r\n354 Go\r\n550-5.1.1 Nobody\r\n550 5.1.1 hère\r\n250 bare line end\n".encode()
REPLIES = [
    Reply(220, ("hand.example", "ESMTP")),
    Reply(250, ("",)),
    Reply(354, ("Go",)),
    Reply(550, ("5.1.1 Nobody", "5.1.1 hère")),
    Reply(250, ("bare line end",)),
]


@given(st.lists(st.integers(0, len(SAID))))
def test_replies_are_the_same_in_whatever_pieces_they_come(cuts: list[int]) -> None:
    reader, bounds = ReplyReader(), [0, *sorted(cuts), len(SAID)]
    pieces = [SAID[start:end] for start, end in pairwise(bounds)]
    assert [reply for piece in pieces for reply in reader.read(piece)] == REPLIES


def test_a_reply_of_many_lines_is_one_sentence() -> None:
    (reply,) = ReplyReader().read(b"550-No\r\n550 thanks\r\n")
    assert str(reply) == "550 No thanks"


@pytest.mark.parametrize("line", [b"hello\r\n", b"25 OK\r\n", b"250:OK\r\n", b"\r\n", b"\xff\xfe\xfd\r\n"])
def test_what_is_no_reply_is_told_after_those_before_it(line: bytes) -> None:
    replies = ReplyReader().read(b"250 OK\r\n" + line)
    assert next(replies) == Reply(250, ("OK",))
    with pytest.raises(NoSmtp, match="which is no SMTP"):
        next(replies)


@pytest.mark.parametrize("endless", [b"250 " + b"x" * (LONGEST_LINE + 1), b"250-more\r\n" * (MOST_LINES + 1)])
def test_an_answer_without_an_end_is_not_kept(endless: bytes) -> None:
    with pytest.raises(NoSmtp, match="has no end"):
        list(ReplyReader().read(endless))
