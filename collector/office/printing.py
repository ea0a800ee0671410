"""Receipts and settled deposits on paper: as text, or as a page of HTML to print."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from collector.accounting.amounts import written
from collector.problems import width

if TYPE_CHECKING:
    from collector.office.deposits import Deposit, Receipt, Settlement

Language = Literal["zh", "en"]
Lines = Sequence[tuple[str, str]]

_LABELS: dict[Language, dict[str, str]] = {
    "zh": {
        "receipt": "电话费回单",
        "settlement": "押金结算单",
        "id": "编号",
        "payer": "付款人",
        "extension": "分机",
        "number": "对方号码",
        "start": "通话时间",
        "talk": "通话时长",
        "amount": "金额",
        "deposit": "押金",
        "spent": "话费合计",
        "refunded": "退还",
        "owed": "补收",
        "by": "经办人",
    },
    "en": {
        "receipt": "Receipt of a call",
        "settlement": "Settlement of a deposit",
        "id": "No.",
        "payer": "Paid by",
        "extension": "Extension",
        "number": "Number",
        "start": "Began",
        "talk": "Talk time",
        "amount": "Amount",
        "deposit": "Deposit",
        "spent": "Calls",
        "refunded": "Given back",
        "owed": "Paid in addition",
        "by": "Handled by",
    },
}
_STYLE = "body{font:14px sans-serif;margin:2em}th{text-align:left;padding-right:2em}td,th{padding-bottom:.4em}"


def receipt_lines(receipt: Receipt, language: Language) -> tuple[str, Lines]:
    """The title and the lines of a receipt."""
    say = _LABELS[language]
    lines = [
        (say["id"], f"{receipt.id:06d}"),
        (say["payer"], receipt.payer),
        (say["extension"], receipt.extension),
        (say["number"], receipt.number),
        (say["start"], receipt.start[:19].replace("T", " ")),
        (say["talk"], _clock(receipt.talk_s)),
        (say["amount"], f"{written(receipt.amount)} {receipt.currency}"),
        (say["by"], receipt.by),
    ]
    return say["receipt"], lines


def settlement_lines(
    deposit: Deposit, receipts: Sequence[Receipt], settled: Settlement, language: Language
) -> tuple[str, Lines]:
    """The title and the lines of a deposit that is settled: each call, and what is given back."""
    say = _LABELS[language]
    lines = [
        (say["id"], f"{deposit.id:06d}"),
        (say["payer"], " ".join(filter(None, (deposit.payer, deposit.organisation)))),
        (say["deposit"], f"{written(deposit.amount)} {deposit.currency}"),
    ]
    for receipt in receipts:
        what = f"{receipt.start[:16].replace('T', ' ')}  {receipt.number}  {_clock(receipt.talk_s)}"
        lines.append((f"{say['id']} {receipt.id:06d}", f"{what}  {written(receipt.amount)}"))
    lines.append((say["spent"], f"{written(settled.spent)} {settled.currency}"))
    label = say["refunded"] if settled.refunded >= 0 else say["owed"]
    lines.append((label, f"{written(abs(settled.refunded))} {settled.currency}"))
    lines.append((say["by"], settled.by))
    return say["settlement"], lines


def as_text(title: str, lines: Lines) -> str:
    """Lines for a terminal or a line printer."""
    room = max(_cells(label) for label, _ in lines)
    return "\n".join([title, ""] + [f"{label}{' ' * (room - _cells(label))}  {text}" for label, text in lines])


def as_html(title: str, lines: Lines, language: Language) -> str:
    """A page that needs nothing else."""
    rows = "".join(f"<tr><th>{html.escape(label)}</th><td>{html.escape(text)}</td></tr>\n" for label, text in lines)
    lang = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{html.escape(title)}</h1>\n<table>\n{rows}</table></body></html>"
    )


def _clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _cells(text: str) -> int:
    return sum(map(width, text))
