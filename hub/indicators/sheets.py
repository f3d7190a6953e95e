"""The figures as files: CSV for programs, XLSX for offices. Each line says how it was reckoned."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter

from hub.indicators.catalog import INDICATORS, OF_DEPARTMENTS, Unit
from hub.indicators.figures import Sheet, Wait
from hub.indicators.service import Department, Rank
from hub.kit.csvfile import Cell, csv_file

_SHARES = (
    ("void", "作废率"),
    ("suspended", "挂账率"),
    ("extended", "延期率"),
    ("said_later", "补报率"),
)
_PHASES: Mapping[str, str] = {
    "to_file": "上报至立案",
    "to_dispatch": "立案至派遣",
    "to_accept": "派遣至接单",
    "to_arrive": "接单至到场",
    "to_handle": "接单至处置",
    "to_close": "处置至结案",
    "in_all": "上报至结案",
    "to_sign": "吹哨至签收",
    "to_report": "吹哨至回报",
}


@dataclass(frozen=True, slots=True)
class Book:
    """What is exported: of which grid and days, with the grids below it and the departments.

    `names` are those of grids, `units` those of departments.
    """

    grid: str
    first: str
    last: str
    sheet: Sheet
    waits: Sequence[Wait]
    ranks: Sequence[Rank]
    names: Mapping[str, str]
    departments: Sequence[Department]
    units: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One table: its title, its head and its rows."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def leaves(book: Book) -> tuple[Leaf, ...]:
    """The tables of a book."""
    return (_figures(book), _waits(book), _league(book), departments(book))


def _figures(book: Book) -> Leaf:
    head = (
        "网格 grid",
        "起 from",
        "止 to",
        "指标",
        "indicator",
        "数值 value",
        "分子 hits",
        "分母 of",
    )
    more = ("公式", "formula", "考核对象 judges", *(zh for _, zh in _SHARES), "事件数 cases")
    beside = tuple(book.sheet.shares[name] for name, _ in _SHARES)
    rows = [
        (
            *(_name(book, book.grid), book.first, book.last),
            *(each.zh, each.en, figure.value, figure.hits, figure.of),
            *(each.formula_zh, each.formula_en, each.judges.value, *beside, book.sheet.cases),
        )
        for each, figure in zip(INDICATORS, book.sheet.figures, strict=True)
    ]
    return Leaf("指标 indicators", (*head, *more), tuple(rows))


def _waits(book: Book) -> Leaf:
    head = ("阶段 phase", "step", "事件数 cases", "P50 (s)", "P90 (s)")
    rows = [
        (_PHASES[each.phase], each.phase, each.cases, each.p50_s, each.p90_s) for each in book.waits
    ]
    return Leaf("用时 times", head, tuple(rows))


def _league(book: Book) -> Leaf:
    titles = [f"{each.zh} {each.en}" for each in INDICATORS]
    shares = [zh for _, zh in _SHARES]
    rows = [
        (
            *(number, _name(book, rank.grid), rank.grid, rank.sheet.cases),
            *(figure.value for figure in rank.sheet.figures),
            *(rank.sheet.shares[name] for name, _ in _SHARES),
        )
        for number, rank in enumerate(book.ranks, start=1)
    ]
    head = ("名次 rank", "网格 grid", "代码 code", "事件数 cases", *titles, *shares)
    return Leaf("排名 league", head, tuple(rows))


def departments(book: Book) -> Leaf:
    """The table of departments: each figure and each time of each, with its formula."""
    head = ("部门 department", "代码 code", "被吹哨 called", "撤回 withdrawn", "指标", "indicator")
    more = ("数值 value", "分子 hits", "分母 of", "公式", "formula", "P50 (s)", "P90 (s)")
    rows: list[tuple[Cell, ...]] = []
    for each in book.departments:
        who = (book.units.get(each.unit, each.unit), each.unit, each.called, each.withdrawn)
        rows += [
            (
                *who,
                of.zh,
                of.en,
                told.value,
                told.hits,
                told.of,
                of.formula_zh,
                of.formula_en,
                "",
                "",
            )
            for of, told in zip(OF_DEPARTMENTS, each.figures, strict=True)
        ]
        rows += [
            (
                *who,
                _PHASES[wait.phase],
                wait.phase,
                "",
                "",
                wait.cases,
                "",
                "",
                wait.p50_s,
                wait.p90_s,
            )
            for wait in each.waits
        ]
    return Leaf("部门 departments", (*head, *more), tuple(rows))


def _name(book: Book, code: str) -> str:
    return book.names.get(code, code) if code else "全域 whole site"


def as_csv(leaf: Leaf) -> bytes:
    """One table for programs and offices."""
    return csv_file([leaf.head, *leaf.rows])


def as_xlsx(book: Book) -> bytes:
    """All tables in one file; shares as per cent, names as text and never as formulas."""
    into = io.BytesIO()
    # What is there stays what it is: no formula, number or link is read into a name.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(into, options) as workbook:
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        percent = workbook.add_format({"num_format": "0.0%"})
        plain = workbook.add_format({"num_format": "0.##"})
        for leaf in leaves(book):
            page = workbook.add_worksheet(leaf.title)
            page.write_row(0, 0, leaf.head, bold)
            page.freeze_panes(1, 0)
            for at, row in enumerate(leaf.rows, start=1):
                ratios = _ratio_cells(leaf, row)
                for column, cell in enumerate(row):
                    form = percent if column in ratios else plain
                    page.write(at, column, cell, form)
            page.autofit()
    return into.getvalue()


def _ratio_cells(leaf: Leaf, row: Sequence[Cell]) -> frozenset[int]:
    """Which cells of a row are shares: those of indicators that are, and the shares beside them."""
    shares = {each.zh for each in (*INDICATORS, *OF_DEPARTMENTS) if each.unit is Unit.SHARE}
    shares |= {zh for _, zh in _SHARES}
    found = {at for at, title in enumerate(leaf.head) if title.split(" ")[0] in shares}
    if "指标" in leaf.head and row[leaf.head.index("指标")] in shares:
        found.add(leaf.head.index("数值 value"))
    return frozenset(found)
