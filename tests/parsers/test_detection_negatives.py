"""Detection says nothing of texts that are no call records, however many dates, times and numbers they hold."""

from __future__ import annotations

import pytest

from parsers import detection

TEXTS = {
    "prose": (
        "The quick brown fox jumps over the lazy dog.\n"
        "On 12/05/2019 at 10:30 the meeting began, and 14 people came.\n"
        "Call 5550123 for details between 09:00 and 17:00.\n"
        "1. First point\n"
        "2. Second point, see page 201\n"
    ),
    "syslog": (
        "Nov 23 07:44:21 host sshd[1234]: Accepted publickey for root from 192.0.2.7 port 55012 ssh2\n"
        "Nov 23 07:44:22 host systemd[1]: Started Session 12 of user root.\n"
        "Nov 23 07:44:23 host kernel: [12345.678901] usb 1-1: new full-speed USB device number 5 using xhci_hcd\n"
        "Nov 23 07:45:01 host CRON[2222]: (root) CMD (test -x /usr/sbin/anacron)\n"
    ),
    "syslog by RFC 5424": (
        "<34>1 2026-11-23T07:44:21.003Z host su - ID47 - 'su root' failed for user on /dev/pts/8\n"
        '<165>1 2026-11-23T07:44:22.003Z host app 1234 ID48 [ex@32473 iut="3"] An event\n'
    ),
    "sales": (
        "date,customer,item,quantity,price\n"
        "2026-11-02,10023,Chair,4,59.90\n"
        "2026-11-03,10024,Table,1,249.00\n"
        '2026-11-03,10025,"Lamp, tall",2,39.90\n'
    ),
    "sales with semicolons": ("02/11/2026;10023;Chair;4;59,90;EUR\n03/11/2026;10024;Table;1;249,00;EUR\n"),
    "measurements": (
        "2026-11-02 09:01:10,17,3.4,21.0,OK\n2026-11-02 09:02:10,18,3.5,21.1,OK\n2026-11-02 09:03:10,19,3.6,21.1,OK\n"
    ),
    "something with the shape of many fields": ("2026/11/02 09:01:10,00:01:10,0,5,I,7,8,9,0,10,11,A,B,C,D,0,0\n"),
    "web server": (
        '192.0.2.7 - - [23/Nov/2026:07:44:21 +0000] "GET /index.html HTTP/1.1" 200 1234 "-" "Mozilla/5.0"\n'
        '192.0.2.7 - - [23/Nov/2026:07:44:21 +0000] "GET /index.html HTTP/1.1" 200 1234 "-" "Mozilla/5.0"\n'
        '192.0.2.7 - - [23/Nov/2026:07:44:21 +0000] "GET /index.html HTTP/1.1" 200 1234 "-" "Mozilla/5.0"\n'
    ),
    "JSON": (
        '{"time":"2026-11-23T07:44:21Z","level":"info","msg":"started"}\n'
        '{"time":"2026-11-23T07:44:22Z","level":"info","msg":"ok"}\n'
    ),
    "files on Linux": (
        "drwxr-xr-x  8 root root    4096 Nov 23 07:24 .\n-rw-r--r--  1 root root   10058 Nov 23 06:23 CONTRACT.md\n"
    ),
    "files on Windows": (
        "11/23/2026  07:24 AM    <DIR>          Documents\n11/23/2026  07:24 AM             1,234 notes.txt\n"
    ),
    "a modem": ("ATZ\r\nOK\r\nATDT5550123\r\nCONNECT 9600\r\n"),
    "positions": (
        "$GPGGA,074421.00,5231.1234,N,01324.5678,E,1,08,1.0,34.0,M,45.0,M,,*5A\r\n"
        "$GPRMC,074421.00,A,5231.1234,N,01324.5678,E,0.0,0.0,231126,,,A*6C\r\n"
    ),
    "bank statement": ("2026-11-02|Salary|2500.00|EUR|12345678\n2026-11-03|Rent|-800.00|EUR|87654321\n"),
    "working hours": ("23.11.26;08:00:00;17:00:00;Smith;8.5\n24.11.26;08:05:00;17:10:00;Smith;8.6\n"),
    "working hours with bars": ("23.11.26|08:00:00|17|201|08:30|00:30:00|Smith|office|late|\n"),
    "temperatures": ("01 23.4 24.5 11/23 07:44\n02 23.5 24.6 11/23 07:45\n"),
    "ping": (
        "64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.045 ms\n"
        "64 bytes from 192.0.2.1: icmp_seq=2 ttl=64 time=0.05 ms\n"
    ),
    "a program": ("import os\nfor name in os.listdir('.'):\n    print(name, 12, 30)\n"),
    "numbers": ("1 2 3 4 5 6 7 8 9 10\n11 12 13 14 15 16\n"),
    "doors": ("02/11/26 08:01:10 DOOR 4 CARD 1234567 GRANTED\n02/11/26 08:01:12 DOOR 4 CARD 1234568 DENIED\n"),
    "cards": ("11/02 08:01:10 0004 1234567 IN\n11/02 08:03:10 0004 1234568 OUT\n"),
    "a scale": ("ST,GS,+  12.345kg\r\nST,GS,+  12.346kg\r\n"),
    "processes": (
        "top - 07:44:21 up 10 days,  3:02,  1 user,  load average: 0.10, 0.20, 0.30\n"
        " 1234 root      20   0  123456  12345   1234 S   1.0   0.1   0:12.34 python\n"
    ),
    "a calendar": ("BEGIN:VEVENT\nDTSTART:20261123T074421Z\nSUMMARY:Call 201\nEND:VEVENT\n"),
    "accounts": ("root:x:0:0:root:/root:/bin/bash\nsmdr:x:1000:1000::/home/smdr:/bin/sh\n"),
    "quoted fields": ('"","201","5550123","default","""A"" <201>"\n"1","2026-11-23 07:44:21","x"\n'),
    "prose in Chinese": ("会议于十一月二十三日举行。\n参加人数 14 人、电话 5550123。\n"),
    "separators alone": (",,,,,,,,,,,,,,,,,\n;;;;;;;;;;;;;;\n|||||||||||||\n"),
    "a mail": (
        "Received: from mx.example.com (192.0.2.9) by host; Mon, 23 Nov 2026 07:44:21 +0000\n"
        "Subject: call me at 5550123\n"
        "Date: Mon, 23 Nov 2026 07:44:21 +0000\n"
    ),
    "trains": ("07:44 201 Platform 4  Example Town        on time\n07:52 117 Platform 2  Other Town          +5 min\n"),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_format_is_named_for_it(text: str) -> None:
    assert detection.rank(text.encode().splitlines(keepends=True)) == []


@pytest.mark.parametrize("end", ["", "\r\n", "\0"])
def test_nor_for_all_of_it_together(end: str) -> None:
    lines = [line for text in TEXTS.values() for line in text.splitlines()]
    for first in range(0, len(lines), detection.MOST_LINES):
        assert detection.rank([(line + end).encode() for line in lines[first : first + detection.MOST_LINES]]) == []
