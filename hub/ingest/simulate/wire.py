"""Ways a client gets its packets: inside the RTSP connection, or by UDP."""

from __future__ import annotations

import asyncio
import socket

from hub.ingest.simulate.rtp import interleaved

_PAIRS_TRIED = 50
_SEND_BUFFER_BYTES = 1024 * 1024


class TcpWire:
    """RTP and RTCP on two channels of the RTSP connection."""

    def __init__(self, writer: asyncio.StreamWriter, channel: int) -> None:
        self._transport = writer.transport
        self._channel = channel

    def send(self, packets: list[bytes]) -> None:
        """All packets in one write; nothing is waited for."""
        if not self._transport.is_closing():
            self._transport.write(b"".join(interleaved(self._channel, p) for p in packets))

    def report(self, packet: bytes) -> None:
        """On the second channel."""
        if not self._transport.is_closing():
            self._transport.write(interleaved(self._channel + 1, packet))

    def waiting_bytes(self) -> int:
        """Bytes in the transport's buffer."""
        return self._transport.get_write_buffer_size()

    def abort(self) -> None:
        """Reset the connection."""
        self._transport.abort()


class UdpPair:
    """The server's two UDP ports (RTP even, RTCP the next), shared by all clients.

    What clients send there (receiver reports, packets to open a firewall) is left unread.
    """

    def __init__(self) -> None:
        self.port = 0
        self.lost = 0
        self._sockets: tuple[socket.socket, ...] = ()

    def open(self, host: str) -> None:
        """Bind a free pair. Raises OSError if none was found."""
        self._sockets = _bound_pair(host)
        self._sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        self.port = self._sockets[0].getsockname()[1]

    def send(self, which: int, packet: bytes, to: tuple[str, int]) -> None:
        """Send from the RTP (0) or RTCP (1) port; what the system does not take is lost."""
        try:
            self._sockets[which].sendto(packet, to)
        except OSError:
            self.lost += 1

    def close(self) -> None:
        """Free the ports."""
        for made in self._sockets:
            made.close()


def _bound_pair(host: str) -> tuple[socket.socket, socket.socket]:
    for _ in range(_PAIRS_TRIED):
        rtp = _bound(host, 0)
        port = rtp.getsockname()[1]
        try:
            if port % 2 == 0:
                return rtp, _bound(host, port + 1)
        except OSError:
            rtp.close()
            continue
        rtp.close()
    raise OSError("no free pair of UDP ports")


def _bound(host: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    try:
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made


class UdpWire:
    """RTP to a client's port and RTCP to the next; the control connection is kept to end it."""

    def __init__(self, pair: UdpPair, host: str, port: int, control: asyncio.StreamWriter) -> None:
        self._pair, self._host, self._port, self._control = pair, host, port, control

    def send(self, packets: list[bytes]) -> None:
        """One datagram a packet."""
        for packet in packets:
            self._pair.send(0, packet, (self._host, self._port))

    def report(self, packet: bytes) -> None:
        """To the RTCP port."""
        self._pair.send(1, packet, (self._host, self._port + 1))

    def waiting_bytes(self) -> int:
        """Nothing waits: a datagram is taken by the system or lost."""
        return 0

    def abort(self) -> None:
        """Reset the control connection."""
        self._control.transport.abort()
