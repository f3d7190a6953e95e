"""The demo's screen: it fits every terminal, and says what it must in few cells."""

from __future__ import annotations

import io
import socket
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from hub.app.demo.numbers import Backlog, backlogs
from hub.app.demo.ports import Ports, refuse_taken
from hub.app.demo.summary import summary
from hub.app.demo.table import View, fit_path, render
from hub.kit.errors import Misconfigured

GRIDS = {"1": "柳溪县（虚构）", "12": "柳溪镇", "123": "学府社区", "1234": "中学路网格"}


def camera(number: int, state: str = "online") -> dict[str, Any]:
    return {
        "id": f"cam-village-0{number}",
        "state": state,
        "fps": 24.96,
        "bitrate_bps": 512_000.0,
        "frames_analysed": 400,
        "gate_open": 300,
        "looked": 44,
        "frames_decoded": 2000,
        "reconnects": 1,
    }


def alert(number: int, path: tuple[str, ...] = tuple(GRIDS)) -> dict[str, Any]:
    return {
        "raised_at": f"2026-03-01T16:00:{number:02d}.000Z",
        "severity": "P1",
        "rule_kind": "sensor_threshold",
        "source": "smoke-school-01",
        "binding": {"grid_path": list(path)},
        "life": "cleared",
    }


def view(alerts: int = 30) -> View:
    return View(
        site="演示 / Demo of Liuxi county (invented)",
        zone=ZoneInfo("Asia/Shanghai"),
        elapsed_s=75.0,
        cameras=[camera(n) for n in range(8)],
        alerts=[alert(0, ()), *(alert(n) for n in range(1, alerts))],
        queues=[Backlog("county", unsent=1, unacked=2, acked=3, dead=1, age_s=4.25)],
        consumed={"county": 5},
        ledger={"findings": 10, "opened": 4, "merged": 6},
        grids=GRIDS,
        restarts={"worker-0": 2, "api": 0},
        address="http://127.0.0.1:8080",
        logins=[(login, "abcd-efgh-jkmn") for login in ("operator", "worker", "admin")],
    )


def printed(what: RenderableType, width: int, height: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, color_system=None)
    console.print(what)
    out = console.file
    assert isinstance(out, io.StringIO)
    return out.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (200, 50)])
def test_the_screen_fills_the_terminal_and_never_more(width: int, height: int) -> None:
    for alerts in (1, 5, 60):
        lines = printed(render(view(alerts), width, height), width, height)
        assert len(lines) == height
        assert max(cell_len(line) for line in lines) <= width


def test_at_80_columns_nothing_that_matters_is_cut() -> None:
    text = "\n".join(printed(render(view(), 80, 24), 80, 24))
    for wanted in ("sensor_threshold smoke-school-01", "中学路网格", "cleared", "unbound 未归格"):
        assert wanted in text
    assert "… › 学府社区 › 中学路网格" in text
    assert "柳溪镇" not in text


def test_with_room_the_whole_path_is_shown_and_times_are_the_sites() -> None:
    text = "\n".join(printed(render(view(), 120, 40), 120, 40))
    assert "柳溪县（虚构） › 柳溪镇 › 学府社区 › 中学路网格" in text
    assert "00:00:01 P1" in text.replace("  ", " ")
    assert "http://127.0.0.1:8080" in text


@pytest.mark.parametrize("width", [80, 120])
def test_who_may_log_in_and_where_stands_under_the_table(width: int) -> None:
    lines = printed(render(view(), width, 24), width, 24)
    assert any("http://127.0.0.1:8080" in line for line in lines)
    for login in ("operator", "worker", "admin"):
        assert f"{login} abcd-efgh-jkmn" in lines[-1]


def test_queue_and_restarts_are_told() -> None:
    text = "\n".join(printed(render(view(), 80, 24), 80, 24))
    assert "county  depth 3   acked 3   read by the centre 5   oldest waits 4.2 s   dead 1" in text
    assert "worker-0 (restarted 2 times)" in text


def test_a_path_loses_its_upper_grids_first_and_never_the_grid_itself() -> None:
    names = list(GRIDS.values())
    assert fit_path(names, 100) == " › ".join(names)
    assert fit_path(names, 24) == "… › 中学路网格"
    assert fit_path(names, 3) == "中学路网格"
    assert fit_path([], 10) == ""


def test_queues_are_read_from_the_numbers_for_prometheus() -> None:
    text = (
        '# TYPE hub_outbox_unsent gauge\nhub_outbox_unsent{centre="b"} 2\n'
        'hub_outbox_unsent{centre="a"} 0\n'
        '# TYPE hub_outbox_acked_total counter\nhub_outbox_acked_total{centre="a"} 7\n'
        '# TYPE hub_outbox_age_seconds gauge\nhub_outbox_age_seconds{centre="b"} 1.5\n'
    )
    assert backlogs(text) == [Backlog("a", acked=7), Backlog("b", unsent=2, age_s=1.5)]
    assert backlogs("") == []


def test_the_summary_names_rules_tasks_and_what_is_missing() -> None:
    report = {
        "seconds": 75.2,
        "cameras": [{}] * 8,
        "alerts": [
            {"rule": "crowd", "source_id": "cam-square-01", "unbound": False},
            {"rule": "crowd", "source_id": "cam-square-02", "unbound": True},
        ],
        "dispatch": [{"consumed_at": "x"}, {"consumed_at": None}],
        "ledger": {"findings": 9, "missing": 1, "unexpected": 0},
        "latency_ms": {"capture_to_queue": {"p50": 310.2, "p90": 700.0, "max": 900.0, "n": 2}},
        "cpu_s": {"worker": 40.0},
    }
    text = "\n".join(printed(summary(report), 100, 40))
    assert "cam-square-01, cam-square-02" in text
    assert "2 queued, 1 read by the centre's own program" in text
    assert "1 alerts with a grid, 1 unbound" in text
    assert "missing 1" in text
    assert "p50 310 ms, p90 700 ms, max 900 ms of 2" in text


def test_taken_ports_are_named_all_at_once_with_the_way_out() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        rtsp, api = one.getsockname()[1], two.getsockname()[1]
        with pytest.raises(Misconfigured, match=r"DEMO_RTSP_PORT.*--port"):
            refuse_taken(Ports(rtsp, _free(), None, api), "127.0.0.1")
    refuse_taken(Ports(rtsp, _free(), None, api), "127.0.0.1")


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
