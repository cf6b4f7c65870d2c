"""What an SMTP answer says about an address: hard, soft, or nothing at all.

The enhanced status code (RFC 3463) decides. Only where it is generic are the server's words read,
because half the world's "5.0.0" means "no such person" and the other half "we dislike your network".
"""

from __future__ import annotations

import re

from nurture.providers.events import Hardness

READ_AT_MOST = 2_000

# Longest prefix wins.
_HARDNESS: dict[str, Hardness] = {
    "4": Hardness.SOFT,
    "5": Hardness.SOFT,  # permanent for this message; says nothing sure about the address
    "5.1": Hardness.HARD,
    "5.1.7": Hardness.POLICY,  # our sender address is malformed
    "5.1.8": Hardness.POLICY,  # our sender's domain is refused
    "5.1.9": Hardness.SOFT,  # relayed to a server that does not speak SMTP
    "5.2": Hardness.SOFT,
    "5.2.1": Hardness.HARD,  # mailbox disabled for good
    "5.2.2": Hardness.SOFT,  # mailbox full
    "5.2.3": Hardness.POLICY,  # our message is too long for this mailbox
    "5.3.4": Hardness.POLICY,  # our message is too big for this system
    "5.5": Hardness.POLICY,  # we spoke the protocol badly
    "5.6": Hardness.POLICY,  # our content cannot be carried
    "5.7": Hardness.POLICY,  # security and policy: never the contact's doing
}
# These say "no" without saying why: the words decide.
_GENERIC = frozenset({"5.0.0", "5.2.0", "5.3.0", "5.4.1", "5.5.0"})

# Bounded runs only: linear on any input. A date or an IP address is no status.
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?<![\d.])([45])[0-7]\d(?![\d.])")
_NOBODY = re.compile(
    r"(?:user|recipient|mailbox|address|account) (?:is )?(?:unknown|not found|invalid|disabled|rejected: user)"
    r"|(?:unknown|invalid|no such|no) (?:local )?(?:user|recipient|mailbox|address|person)"
    r"|does(?: not|n't) exist|not a valid mailbox|no mailbox here"
)
_POLICY_WORDS = re.compile(
    r"\bspam|block(?:ed|list)|black ?list|reputation|\bdmarc\b|\bspf\b|\bdkim\b|policy|spamhaus|\brbl\b|access denied"
)

# Said of our sender, also at RCPT (Postfix waits until then) and also with the words of a server of ours that was asked:
# "550 5.1.1 <us>: Sender address rejected: User unknown", "Verification failed for <us> … No such user here" (Exim),
# "Domain of sender address us does not exist" (Sendmail), "5.1.0 Sender denied" (Exchange), "in reply to MAIL FROM command".
_SENDER = (
    r"(?:(?<!to )(?<!to the )(?:envelope[- ])?sender(?:'s)?(?: e-?mail)?(?: (?:address|domain|mailbox|account|user))?"
    r"|return[- ](?:path|address)|reverse[- ]path|from address)"
)
_NAMED = r"(?:[ :]{1,3}(?:[^\s<>@]{1,64}@[^\s<>@]{1,255}|<[^<>]{0,320}>))?"
_AMISS = (
    r"(?:reject|refus|den(?:y|ied)|invalid|unknown|not (?:be )?(?:found|valid|a valid|exist|verified|accepted|allowed|permitted)"
    r"|does(?: not|n't) (?:exist|resolve)|must (?:exist|resolve|be)|undeliverable|unverif|unroute?able|block|disabled)"
)
_OUR_SENDER = re.compile(
    rf"\b(?:{_SENDER}|mail from){_NAMED}[ :,]{{0,3}}(?:(?:is|was|has been|could|cannot|can't|domain) )?{_AMISS}"
    rf"|\b(?:rejected|refused|invalid|unknown|bad|fake|forged|unverified|unroute?able|undeliverable|no such|blocked)"
    rf" (?:your |the )?{_SENDER}\b"
    r"|sender verif(?:y|ication)|verification failed for <|while verifying <|sender (?:verify )?call(?:out|back)"
    r"|bad(?:mailfrom|sender)"
    r"|(?:in reply to|after)(?: pipelined)? mail from\b"
)


def is_about_us(words: str) -> bool:
    """Whether a server says there that it does not want our sender, so that it says nothing of whom we wrote to."""
    return _OUR_SENDER.search(words[:READ_AT_MOST].casefold()) is not None


def status_of(text: str) -> str | None:
    """The first enhanced status code in a server's answer, as "5.1.1"; None when there is none."""
    found = _STATUS.search(text[:READ_AT_MOST])
    return found[1] if found else None


def hardness_of(status: str | None, diagnostic: str = "") -> Hardness:
    """How a failure with this enhanced status and these words is to be taken.

    What is said of our sender is policy, whatever the status. Where the status is missing or says nothing, the one in
    `diagnostic` is used, then its words. What nothing explains is soft: it suppresses only when it keeps happening.
    """
    words = diagnostic[:READ_AT_MOST].casefold()
    if _OUR_SENDER.search(words):
        return Hardness.POLICY
    known = next((code for code in (status, status_of(words)) if code and not _is_generic(code)), None)
    if known is not None:
        return _of_status(known)
    code = _CODE.search(words)
    hint = status or (code[0] if code else "5")
    return _of_words(words) if hint.startswith("5") else Hardness.SOFT


def _is_generic(status: str) -> bool:
    return status in _GENERIC


def _of_status(status: str) -> Hardness:
    detail = status
    while detail:
        if detail in _HARDNESS:
            return _HARDNESS[detail]
        detail = detail.rpartition(".")[0]
    return Hardness.SOFT


def _of_words(words: str) -> Hardness:
    # Policy first: "blocked, user unknown to our allow list" must not suppress anybody.
    if _POLICY_WORDS.search(words):
        return Hardness.POLICY
    return Hardness.HARD if _NOBODY.search(words) else Hardness.SOFT
