"""A client with two networks, of which it uses one: Wi-Fi, then mobile. Needs root.

Each is an emulated path of its own between the same two network namespaces. Changing is what a
device does that leaves home: the old address and its routes go, the new one comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from benchmarks.adaptation.emulated_link import DEVICE, EmulatedLink, device_lines, emulated_link
from benchmarks.adaptation.emulator_process import running
from benchmarks.adaptation.link_setup import WAYS, Change, LinkSetup
from benchmarks.adaptation.sides import Side
from benchmarks.harness import programs

Network = Literal["wifi", "mobile"]

WIFI_MS: Final = 10.0
MOBILE_MS: Final = 30.0
"""One way: home access and a loaded 4G cell."""

MOBILE_DEVICE: Final = "mobile"
MOBILE_ADDRESS: Final = "198.18.1.1"
MOBILE_PEER: Final = "198.18.1.2"


@dataclass(slots=True)
class TwoNetworks:
    """Both, and which of them the client has."""

    link: EmulatedLink
    present: Network = "wifi"

    @property
    def client(self) -> Side:
        """The side that moves."""
        return self.link.client

    @property
    def server(self) -> Side:
        """The side that stays, and has one address for both."""
        return self.link.server

    def change_to(self, network: Network) -> None:
        """Lose the network that is there, its address included, and have the other one."""
        if network == self.present:
            return
        self.lose()
        self.present = network
        self.regain()

    def lose(self) -> None:
        """Have no network at all: the device knows it."""
        self.client.configure(
            f"address flush dev {self._device}", f"link set dev {self._device} down"
        )

    def regain(self) -> None:
        """Have the one that was lost again."""
        self.client.configure(*self._lines(), f"route replace default dev {self._device}")

    def black_out(self, *, dead: bool) -> None:
        """Lose every packet both ways, or no more: the device does not know it. Of Wi-Fi only."""
        self.link.change(*(Change(0, way, "blackout", dead) for way in WAYS))

    @property
    def _device(self) -> str:
        return DEVICE if self.present == "wifi" else MOBILE_DEVICE

    def _lines(self) -> list[str]:
        if self.present == "wifi":
            return device_lines(DEVICE, self.client.address, self.server.address)
        return device_lines(MOBILE_DEVICE, MOBILE_ADDRESS, MOBILE_PEER)


@contextmanager
def two_networks() -> Iterator[TwoNetworks]:
    """Make them; everything of them is gone with the block.

    Raises:
        BenchmarkFailed: The machine does not let it, or an emulator failed.

    """
    wifi = LinkSetup(down={"delay_ms": WIFI_MS}, up={"delay_ms": WIFI_MS})
    mobile = LinkSetup(down={"delay_ms": MOBILE_MS}, up={"delay_ms": MOBILE_MS})
    with emulated_link(wifi) as link, running(programs.path_of("emulator")) as process:
        document = mobile.document()
        for side in (link.client, link.server):
            device = {"namespace": str(side.namespace), "device": MOBILE_DEVICE}
            document[side.name] = device
        process.ask(document)
        link.server.configure(*device_lines(MOBILE_DEVICE, MOBILE_PEER, MOBILE_ADDRESS))
        yield TwoNetworks(link)
