"""The login of Panasonic KX-TDE, NCP, NS and NSX on TCP port 2300.

The PBX shows ``-`` (or ``Rejected``: one session at a time), echoes every character, asks ``Enter Password:`` after
``SMDR``, and sends its buffered records first. Manual: KX-NS1000 PC programming manual.

Not certain: what it says to a wrong password. It is taken as one when it asks again.
"""

from __future__ import annotations

from collector.conversations.login import Login, Step

FACTORY_PASSWORD = b"PCCSMDR"


def panasonic(password: bytes = FACTORY_PASSWORD) -> Login:
    """The login with ``password``."""
    return Login(
        [Step(b"-", b"SMDR\r"), Step(b"Enter Password:", password + b"\r")],
        {
            b"Rejected": "The PBX turned the connection away: another program is logged in to its record port; end that one.",
            b"No such command": "The PBX does not know the command SMDR here: check that this is its record port (2300).",
            b"Enter Password:": "The PBX asks for the password again: the password given is not the one set for SMDR.",
        },
    )
