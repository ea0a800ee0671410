"""Cisco Unified Communications Manager (CUCM) and Communications Manager Express (CME).

Manuals: CUCM Call Detail Records Administration Guide 12.5 and 15; Cisco IOS, "Call history in syslog".

CUCM port: none of its own; the publisher pushes files ``cdr_...`` and ``cmr_...`` by SFTP to a billing server. Line 1 names
the columns, line 2 their types, then a record per line, text in quotes and numbers without::

    "cdrRecordType","globalCallID_callManagerId","globalCallID_callId","origLegCallIdentifier","dateTimeOrigination",...
    INTEGER,INTEGER,INTEGER,INTEGER,INTEGER,...
    1,1,5021,21411554,1549363621,...

Releases append columns. Records are read by the names of the heading last seen, in the order of the 129 columns of release
10 and 11 where none was. Times are seconds since 1970 UTC, 0 for a moment that never came. From origination to connect,
or to disconnect, is the ring time (with the time it took to dial); duration is talk. Records of one global call id
are one call. A call record without duration is only written when the service parameter "CDR Log Calls With Zero
Duration Flag" is set. CMR, the quality records (type 2), are told as events.

CME: syslog, ``gw-accounting syslog`` (UDP 514, here as lines of text)::

    CME: Dec 16 10:16:25.486: %VOIPAAA-5-VOIP_CALL_HISTORY: CallLegType 2, ConnectionId CA52..., SetupTime 10:14:59.214
    CET Thu Dec 16 2010, PeerAddress 510, PeerSubAddress , DisconnectCause 10  , DisconnectText normal call clearing (16),
    ConnectTime 10:14:59.294 CET Thu Dec 16 2010, DisconnectTime 10:15:50.894 CET Thu Dec 16 2010, CallOrigin 1, ...

One line of text; a call has one for each of its two legs, joined by the connection id, so only what one lasted longer than
the other is added. Times are those of the gateway's clock, with a star or a full stop before them when it is not set.
Connect minus setup is the ring time, disconnect minus connect the talk; both at one moment mean not answered. FEAT_HISTORY
(forwarding and the like) is an event.

Not certain: the direction. On CUCM it is told by the devices' names: SEP, ATA, AN, VGC, CSF, BOT, TCT and TAB are
telephones, and so are the ports of the voicemail (VI1 and so on behind the name); others are gateways and trunks, which
name the line. On CME a peer address of at most six digits is a telephone of ours; call origin 1 means the peer was
called, 2 that it calls; an internal call is seen once both legs are in. Whether other releases of CUCM name the columns
of text and numbers alike; that no record of a real CUCM was seen, only its heading.
"""

from __future__ import annotations

import csv
import re
from datetime import UTC, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import msgspec

from parsers.formats import Format, Joining
from parsers.layout import Csv, Delimited, Field
from parsers.records import Leg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from parsers.formats import Line, Planned, SoFar
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_CUCM, _CME = "cisco/cucm", "cisco/cme"

_HEADING_OF_11 = """
    cdrRecordType globalCallID_callManagerId globalCallID_callId origLegCallIdentifier dateTimeOrigination
    origNodeId origSpan origIpAddr callingPartyNumber' callingPartyUnicodeLoginUserID' origCause_location
    origCause_value origPrecedenceLevel origMediaTransportAddress_IP origMediaTransportAddress_Port
    origMediaCap_payloadCapability origMediaCap_maxFramesPerPacket origMediaCap_g723BitRate origVideoCap_Codec
    origVideoCap_Bandwidth origVideoCap_Resolution origVideoTransportAddress_IP origVideoTransportAddress_Port
    origRSVPAudioStat' origRSVPVideoStat' destLegIdentifier destNodeId destSpan destIpAddr
    originalCalledPartyNumber' finalCalledPartyNumber' finalCalledPartyUnicodeLoginUserID' destCause_location
    destCause_value destPrecedenceLevel destMediaTransportAddress_IP destMediaTransportAddress_Port
    destMediaCap_payloadCapability destMediaCap_maxFramesPerPacket destMediaCap_g723BitRate destVideoCap_Codec
    destVideoCap_Bandwidth destVideoCap_Resolution destVideoTransportAddress_IP destVideoTransportAddress_Port
    destRSVPAudioStat' destRSVPVideoStat' dateTimeConnect dateTimeDisconnect lastRedirectDn' pkid'
    originalCalledPartyNumberPartition' callingPartyNumberPartition' finalCalledPartyNumberPartition'
    lastRedirectDnPartition' duration origDeviceName' destDeviceName' origCallTerminationOnBehalfOf
    destCallTerminationOnBehalfOf origCalledPartyRedirectOnBehalfOf lastRedirectRedirectOnBehalfOf
    origCalledPartyRedirectReason lastRedirectRedirectReason destConversationId globalCallId_ClusterID'
    joinOnBehalfOf comment' authCodeDescription' authorizationLevel clientMatterCode' origDTMFMethod destDTMFMethod
    callSecuredStatus origConversationId origMediaCap_Bandwidth destMediaCap_Bandwidth authorizationCodeValue'
    outpulsedCallingPartyNumber' outpulsedCalledPartyNumber' origIpv4v6Addr' destIpv4v6Addr'
    origVideoCap_Codec_Channel2 origVideoCap_Bandwidth_Channel2 origVideoCap_Resolution_Channel2
    origVideoTransportAddress_IP_Channel2 origVideoTransportAddress_Port_Channel2 origVideoChannel_Role_Channel2
    destVideoCap_Codec_Channel2 destVideoCap_Bandwidth_Channel2 destVideoCap_Resolution_Channel2
    destVideoTransportAddress_IP_Channel2 destVideoTransportAddress_Port_Channel2 destVideoChannel_Role_Channel2
    IncomingProtocolID IncomingProtocolCallRef' OutgoingProtocolID OutgoingProtocolCallRef' currentRoutingReason
    origRoutingReason lastRedirectingRoutingReason huntPilotPartition' huntPilotDN' calledPartyPatternUsage
    IncomingICID' IncomingOrigIOI' IncomingTermIOI' OutgoingICID' OutgoingOrigIOI' OutgoingTermIOI'
    outpulsedOriginalCalledPartyNumber' outpulsedLastRedirectingNumber' wasCallQueued totalWaitTimeInQueue
    callingPartyNumber_uri' originalCalledPartyNumber_uri' finalCalledPartyNumber_uri' lastRedirectDn_uri'
    mobileCallingPartyNumber' finalMobileCalledPartyNumber' origMobileDeviceName' destMobileDeviceName'
    origMobileCallDuration destMobileCallDuration mobileCallType originalCalledPartyPattern'
    finalCalledPartyPattern' lastRedirectingPartyPattern' huntPilotPattern'
"""
"""The columns of releases 10 and 11, those of text with an apostrophe behind their names."""
_COLUMNS = _HEADING_OF_11.split()
_TEXT = frozenset(column[:-1] for column in _COLUMNS if column.endswith("'"))
_NAMES = tuple(column.rstrip("'") for column in _COLUMNS)
_CELLS = {
    "cdrRecordType": "1",
    "globalCallID_callManagerId": r"\d+",
    "globalCallID_callId": r"\d+",
    "dateTimeOrigination": r"\d{1,10}",
    "dateTimeConnect": r"\d{1,10}",
    "dateTimeDisconnect": r"\d{1,10}",
    "duration": r"\d{1,7}",
}
_FEWEST_COLUMNS = 94


def _layout(names: Sequence[str], at_least: int) -> Csv:
    fields = (Field(name, _CELLS.get(name, "")) for name in names)
    return Csv(*fields, at_least=at_least, bare=[name for name in names if name not in _TEXT])


CDR = _layout(_NAMES, _FEWEST_COLUMNS)
_READ = (
    "globalCallID_callManagerId", "globalCallID_callId", "globalCallId_ClusterID", "dateTimeOrigination",
    "dateTimeConnect", "dateTimeDisconnect", "duration", "callingPartyNumber", "originalCalledPartyNumber",
    "finalCalledPartyNumber", "origDeviceName", "destDeviceName", "origCause_value", "destCause_value",
    "origCallTerminationOnBehalfOf", "destCallTerminationOnBehalfOf", "joinOnBehalfOf", "clientMatterCode",
    "authCodeDescription", "authorizationCodeValue", "huntPilotDN", "lastRedirectDn", "comment",
)  # fmt: skip
_pick = itemgetter(*(_NAMES.index(name) for name in _READ))

_BYTE_ORDER = "\xef\xbb\xbf"
_HEADING = re.compile(rf'(?:{_BYTE_ORDER})?"?cdrRecordType"?,', re.IGNORECASE)
_SPELLED = {name.lower(): name for name in _NAMES}
_TYPES = r"[A-Z]+(?:\(\d+\))?"
_TELEPHONE = re.compile(
    r"(?:SEP|ATA)[\dA-F]{12}|(?:AN|VGC)[\dA-F]{10}.*|(?:CSF|BOT|TCT|TAB)[\w-]+|.*-VI\d+",
    re.IGNORECASE,
)
_CONFERENCE, _TRANSFER = "4", "10"
_BUSY = frozenset({"17"})
_UNANSWERED = frozenset({"0", "", "16", "18", "19", "21", "31", "102"})


def _named(heading: str) -> Csv | None:
    """The layout of the records behind a heading that names their columns; None if it is no such heading."""
    if not _HEADING.match(heading):
        return None
    try:
        words = next(csv.reader((heading.removeprefix(_BYTE_ORDER),), strict=True))
    except csv.Error:
        return None
    names = [_SPELLED.get(word.lower(), word) for word in words]
    return _layout(names, len(names)) if _CELLS.keys() <= set(names) and len(set(names)) == len(names) else None


def _read_cucm(line: Line, _stamps: Stamps) -> Record:
    node, call, cluster, origination, connect, disconnect, duration, caller, first_called, called, *more = _pick(
        line.cells
    )
    origin, destination, cause, other_cause, *behalf, matter, auth_name, auth_code, hunt, redirect, comment = more
    began, connected, ended = int(origination) or None, int(connect), int(disconnect)
    outcome = _outcome(connected, cause, other_cause)
    rung_until = connected or ended
    ring_s = rung_until - began if began and rung_until >= began and outcome in {"answered", "unanswered"} else None
    direction = _direction(origin, destination)
    incoming, internal = direction in {"incoming", "tandem"}, direction == "internal"
    extra: dict[str, Any] = {
        "from": origin,
        "to": destination,
        "cause": cause if cause not in {"", "0"} else other_cause,
    }
    if hunt:
        extra["hunt_pilot"] = hunt
    if redirect and redirect != called:
        extra["redirected_by"] = redirect
    if auth_name:
        extra["auth_name"] = auth_name
    if comment:
        extra["comment"] = comment
    if not began:
        extra["doubt"] = "no time of origination"
    trunk = origin if incoming else destination if direction == "outgoing" else ""
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _CUCM,
        began,
        1,
        direction,
        outcome,
        (called if direction == "incoming" else "" if direction == "tandem" else caller) or None,
        called or None if internal else None,
        trunk or None,
        None if internal else (caller if incoming else called) or None,
        first_called or None if incoming else None,
        ring_s,
        int(duration),
        None,  # hold_s
        _TRANSFER in behalf,
        _CONFERENCE in behalf,
        matter or None,
        auth_code or None,
        f"{node}-{call}-{cluster}" if cluster else f"{node}-{call}",
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


@lru_cache(4096)
def _direction(origin: str, destination: str) -> Direction:
    if not (origin and destination):
        return "unknown"
    from_telephone, to_telephone = _TELEPHONE.fullmatch(origin), _TELEPHONE.fullmatch(destination)
    if from_telephone:
        return "internal" if to_telephone else "outgoing"
    return "incoming" if to_telephone else "tandem"


def _outcome(connected: int, cause: str, other_cause: str) -> Outcome:
    if connected:
        return "answered"
    if cause in _BUSY or other_cause in _BUSY:
        return "busy"
    return "unanswered" if cause in _UNANSWERED and other_cause in _UNANSWERED else "failed"


def _cucm_cells(leg: Planned) -> dict[str, str]:
    incoming, internal = leg.direction == "incoming", leg.direction == "internal"
    station, line = f"SEP{int(leg.extension):012X}", leg.trunk or ""
    peer = f"SEP{int(leg.peer_extension or 0):012X}"
    began = int(leg.start.replace(tzinfo=UTC).timestamp())
    called = leg.extension if incoming else leg.peer_extension or leg.number or ""
    causes = {"busy": "17", "failed": "1"}
    return dict.fromkeys(_NAMES, "") | {
        "cdrRecordType": "1",
        "globalCallID_callManagerId": "1",
        "globalCallID_callId": str(leg.serial),
        "globalCallId_ClusterID": "StandAloneCluster",
        "dateTimeOrigination": str(began),
        "dateTimeConnect": str(began + leg.ring_s) if leg.talk_s else "0",
        "dateTimeDisconnect": str(began + leg.ring_s + leg.talk_s),
        "duration": str(leg.talk_s),
        "callingPartyNumber": (leg.number or "") if incoming else leg.extension,
        "originalCalledPartyNumber": called,
        "finalCalledPartyNumber": called,
        "origDeviceName": line if incoming else station,
        "destDeviceName": station if incoming else peer if internal else line,
        "destCause_value": causes.get(leg.outcome, "16"),
        "clientMatterCode": leg.account_code or "",
    }


_TIME = r"[*.]?\d\d:\d\d:\d\d(?:\.\d+)? [A-Za-z\d+-]+ [A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d{4}"
_SENDER = r"(?:[^,%:\d+-]++|\d\d:\d\d:\d\d|[+-]\d\d:\d\d(?= )|[\d+-]|:(?!\d))*+"
"""Who sent the line and when, as syslog has it: a time in it is a whole one, and so is an offset of its zone."""
_HISTORY = "%VOIPAAA-5-VOIP_CALL_HISTORY: CallLegType "
CALL_HISTORY = Delimited(
    ",",
    Field("leg_type", rf"{_SENDER}{_HISTORY}\d{{1,3}}"),
    Field("connection", r" ConnectionId [\dA-Fa-f ]+"),
    Field("setup", rf" SetupTime {_TIME}"),
    Field("peer", r" PeerAddress [^,]*"),
    Field("peer_sub", r" PeerSubAddress [^,]*"),
    Field("cause", r" DisconnectCause [^,]*"),
    Field("cause_text", r" DisconnectText [^,]*"),
    Field("connect", rf" ConnectTime {_TIME}"),
    Field("disconnect", rf" DisconnectTime {_TIME}"),
    Field("origin", r" CallOrigin \d+"),
    at_least=10,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ORIGINATED = "1"
_LONGEST_EXTENSION = 6


def _read_cme(line: Line, stamps: Stamps) -> Record:
    leg_type, connection, setup, peer, _, cause, cause_text, connect, disconnect, origin = line.cells
    began, doubt = _moment(setup, stamps, line.received)
    connected, _ = _moment(connect, stamps, line.received)
    ended, _ = _moment(disconnect, stamps, line.received)
    code = cause.removeprefix(" DisconnectCause ").strip().lower()
    outcome: Outcome = "answered" if connect[13:] != disconnect[16:] else _CME_OUTCOMES.get(code, "failed")
    ring_s = _between(began, connected) if outcome in {"answered", "unanswered"} else None
    address = peer.removeprefix(" PeerAddress ").strip()
    station = address if len(address) <= _LONGEST_EXTENSION else ""
    called = origin.removeprefix(" CallOrigin ") == _ORIGINATED
    direction: Direction = "unknown" if station or (called and not address) else "outgoing" if called else "incoming"
    extra: dict[str, Any] = {"leg_type": int(leg_type.rpartition(" ")[2]), "called": called}
    extra["cause"] = cause_text.removeprefix(" DisconnectText ").strip()
    if doubt or not setup[11].isdecimal():
        extra["doubt"] = doubt or "the gateway's clock is not set"
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _CME,
        began,
        1,
        direction,
        outcome,
        station or None,
        None,  # peer_extension
        None,  # trunk
        None if station else address or None,
        None,  # did
        ring_s,
        _between(connected, ended) if outcome == "answered" else 0,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        None,  # account_code
        None,  # auth_code
        connection.removeprefix(" ConnectionId ").strip(),
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


_CME_OUTCOMES: dict[str, Outcome] = {
    "10": "unanswered",
    "11": "busy",
    "12": "unanswered",
    "13": "unanswered",
    "0": "unanswered",
}


def _moment(cell: str, stamps: Stamps, received: float) -> tuple[int | None, str | None]:
    """What ``Name HH:MM:SS.mmm ZONE Www Mmm d yyyy`` tells; a star or point in front: the clock is not set."""
    _, time, _, _, month, day, year = cell.split()
    return stamps.date_and_second(_date(month, day, year), time.lstrip("*.")[:8], received)


@lru_cache(4096)
def _date(month: str, day: str, year: str) -> str:
    """Year first."""
    return f"{year[2:]}/{_MONTHS.index(month) + 1 if month in _MONTHS else 0:02}/{int(day):02}"


def _between(first: int | None, last: int | None) -> int | None:
    return None if first is None or last is None or last < first else last - first


def _same_connection(leg: Leg) -> str | None:
    """An identifier of zeros is none."""
    return leg.pbx_call_id if leg.pbx_call_id and leg.pbx_call_id.strip("0 ") else None


def _adds_cme(call: SoFar, leg: Leg) -> Leg:
    """The other leg tells the same times; of two telephones, the one that was called is the other one."""
    changes: dict[str, Any] = {
        "ring_s": _longer(leg.ring_s, call.ring_s),
        "talk_s": _longer(leg.talk_s, call.talk_s),
    }
    if leg.extension and call.extension and leg.extension != call.extension:
        changes |= {"direction": "internal", "peer_extension": leg.extension, "extension": None}
    elif leg.direction == "unknown":
        changes["direction"] = call.direction
    elif not leg.extension:
        changes["extension"] = call.extension
    return msgspec.structs.replace(leg, **changes)


def _longer(leg_s: int | None, call_s: int | None) -> int | None:
    return None if leg_s is None else max(0, leg_s - (call_s or 0))


def _cme_cells(leg: Planned) -> Sequence[tuple[int, dict[str, str]]]:
    """A leg's two: of the telephone, and of the other side."""
    incoming = leg.direction == "incoming"
    answer = leg.start + timedelta(seconds=leg.ring_s)
    causes = {
        "busy": ("11", "user busy (17)"),
        "failed": ("1", "unassigned number (1)"),
        "unanswered": ("13", "no answer (19)"),
    }
    code, text = causes.get(leg.outcome, ("10", "normal call clearing (16)"))

    def history(leg_type: int, address: str, *, called: bool) -> tuple[int, dict[str, str]]:
        return 0, {
            "leg_type": f" CME: {_printed(leg.end)[:-9]} {_HISTORY}{leg_type}",
            "connection": f" ConnectionId CA5210B082B11E0A142A279B{leg.serial:08X}",
            "setup": f" SetupTime {_printed(leg.start)}",
            "peer": f" PeerAddress {address}",
            "peer_sub": " PeerSubAddress ",
            "cause": f" DisconnectCause {code}  ",
            "cause_text": f" DisconnectText {text}",
            "connect": f" ConnectTime {_printed(answer if leg.talk_s else leg.end)}",
            "disconnect": f" DisconnectTime {_printed(leg.end)}",
            "origin": f" CallOrigin {1 if called else 2}",
        }

    other = leg.peer_extension or leg.number or ""
    return [history(1, leg.extension, called=incoming), history(2, other, called=not incoming)]


def _printed(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}.000 UTC {moment:%a} {_MONTHS[moment.month - 1]} {moment.day} {moment.year}"


FORMATS = (
    Format(
        name=_CUCM,
        title="Cisco Unified Communications Manager, CDR files",
        status="from manual",
        layouts=(CDR,),
        read=_read_cucm,
        noise=(
            (rf"{_TYPES}(?:,{_TYPES}){{9,}}$", "heading"),
            (rf'(?:{_BYTE_ORDER})?"?cdrRecordType"?,', "heading"),
            (r'"?2"?,"?\d+"?,"?\d+"?,"?\d+"?,', "event"),
        ),
        stamp="start",
        transport="file",
        cells=_cucm_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        line_end=b"\n",
        named=_named,
        joining=Joining(key=lambda leg: leg.pbx_call_id, continues=lambda _last, _leg: True),
        samples=(
            (
                b'1,1,5021,21411554,1549363601,1,0,-1062731519,"2000","",0,0,0,0,0,0,0,0,0,0,0,0,0,"","",21411555,0,0,0,"9'
                b'5550123","95550123","",0,16,0,0,0,0,0,0,0,0,0,0,0,"","",1549363609,1549363671,"","1e44e506-9a5d-4f0a-af2'
                b'c-000000000001","","","","",62,"SEP0000000007D0","Gateway-1",0,0,0,0,0,0,0,"StandAloneCluster",0,"a ""no'
                b'te"", quoted","",0,"4711",0,0,0,0,0,0,"","","","","",0,0,0,0,0,0,0,0,0,0,0,0,0,"",0,"",0,,,"","",,"","",'
                b'"","","","","","",,,"","","","","","","","",,,,"","","",""'
            ),
            (
                b'1,1,5022,0,1549363700,0,0,0,"02155501116","",0,17,0,0,0,0,0,0,0,0,0,0,0,"","",0,0,0,0,"2001","2000","",0'
                b',0,0,0,0,0,0,0,0,0,0,0,0,"","",0,1549363705,"2001","","","","","",0,"Gateway-1","SEP0000000007D0",0,0,0,'
                b'0,0,0,0,"StandAloneCluster",0,"","",0,"",0,0,0,0,0,0,"","","","","",0,0,0,0,0,0,0,0,0,0,0,0,0,"",0,"",0,'
                b',,"","",,"","","","","","","","",,,"","","","","","","","",,,,"","","",""'
            ),
        ),
    ),
    Format(
        name=_CME,
        title="Cisco CME and IOS voice gateways, syslog",
        status="verified",
        layouts=(CALL_HISTORY,),
        read=_read_cme,
        noise=((r".*%VOIPAAA-5-VOIP_FEAT_HISTORY: ", "event"),),
        stamp="start",
        transport="syslog",
        order="ymd",
        cells=_cme_cells,
        ring_time=True,
        answered=True,
        joining=Joining(key=_same_connection, continues=lambda _last, _leg: True, adds=_adds_cme),
        samples=(
            (
                b" CME: Dec 16 10:16:25.486: %VOIPAAA-5-VOIP_CALL_HISTORY: CallLegType 2, ConnectionId CA5210B082B11E0A142A279BD84401, "
                b"SetupTime 10:14:59.214 CET Thu Dec 16 2010, PeerAddress 510, PeerSubAddress , DisconnectCause 10  , "
                b"DisconnectText normal call clearing (16), ConnectTime 10:14:59.294 CET Thu Dec 16 2010, "
                b"DisconnectTime 10:15:50.894 CET Thu Dec 16 2010, CallOrigin 1, ChargedUnits 0, InfoType 2, TransmitPackets 2562, "
                b"TransmitBytes 409920, ReceivePackets 2576, ReceiveBytes 411524"
            ),
            (
                b"CME: Dec 16 10:17:25.486: %VOIPAAA-5-VOIP_CALL_HISTORY: CallLegType 1, ConnectionId CA52 10B0 82B1 1E02, "
                b"SetupTime 10:16:59.214 UTC Thu Dec 16 2010, PeerAddress 00205550134, PeerSubAddress , DisconnectCause 11  , "
                b"DisconnectText user busy (17), ConnectTime 10:17:25.486 UTC Thu Dec 16 2010, "
                b"DisconnectTime 10:17:25.486 UTC Thu Dec 16 2010, CallOrigin 2, ChargedUnits 0"
            ),
        ),
    ),
)
