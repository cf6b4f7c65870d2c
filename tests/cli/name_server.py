"""A name server on the loopback that knows some TXT records and nothing else."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.TXT import TXT

STRING = 255


@contextmanager
def name_server(records: Mapping[str, Sequence[bytes]]) -> Iterator[str]:
    """Its address, as IP:PORT, until the block ends. `records` are by name, with a full stop at its end."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        thread = threading.Thread(target=_serve, args=(bound, records), daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            bound.sendto(b"", ("127.0.0.1", port))  # an empty question ends it
            thread.join(10)


def _serve(bound: socket.socket, records: Mapping[str, Sequence[bytes]]) -> None:
    while True:
        asked, whom = bound.recvfrom(4096)
        if not asked:
            return
        bound.sendto(_answer(dns.message.from_wire(asked), records).to_wire(), whom)


def _answer(question: dns.message.Message, records: Mapping[str, Sequence[bytes]]) -> dns.message.Message:
    answer = dns.message.make_response(question)
    answer.flags |= dns.flags.AA
    name = question.question[0].name
    known = records.get(name.to_text(), ())
    if not known:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    for number, value in enumerate(known):
        strings = [value[at : at + STRING] for at in range(0, len(value), STRING)]
        # A record twice over is one to the DNS: each later one says something more.
        rdata = TXT(dns.rdataclass.IN, dns.rdatatype.TXT, [*strings, b";" * number] if number else strings)
        answer.answer.append(dns.rrset.from_rdata(name, 60, rdata))
    return answer
