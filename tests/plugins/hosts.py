"""Hosts of their own on this machine: network namespaces on one bridge, each cut off at will."""

import os
import subprocess
import threading
import uuid
from pathlib import Path

import pytest

from tests.plugins.required import require

__all__ = ["Host", "Network", "network"]

SUBNET = "10.77.0"
END_SECONDS = 20


def _ip(*words):
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"


class Host:
    """A host: an address, and processes that see no network but through its one cable."""

    def __init__(self, network, name, number):
        self.network = network
        self.space = f"{network.name}-{name}"
        self.address = f"{SUBNET}.{number}"
        self.port = f"p{number}"
        self.processes = []

    def inside(self, call):
        """Call a function whose sockets, and whose children's, are of this host."""
        found = []

        def enter():
            try:
                with Path(f"/run/netns/{self.space}").open() as space:
                    os.setns(space.fileno(), os.CLONE_NEWNET)
                found.append((call(), None))
            except BaseException as problem:  # noqa: BLE001 - told to who asked, in their thread
                found.append((None, problem))

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        answer, problem = found[0]
        if problem is not None:
            raise problem
        return answer

    def start(self, *command, variables, log):
        """Start a process on this host; its lines go to a file."""
        with log.open("ab") as out:
            process = self.inside(
                lambda: subprocess.Popen(
                    command, env=variables, stdout=out, stderr=subprocess.STDOUT
                )
            )
        self.processes.append(process)
        return process

    def run(self, *command, variables):
        """Run a command to its end and give what it printed."""
        done = self.inside(
            lambda: subprocess.run(
                command, env=variables, check=False, capture_output=True, text=True
            )
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def cut_off(self):
        """Pull the cable: nothing comes or goes any more, and nobody is told."""
        _ip("-n", self.network.middle.space, "link", "set", self.port, "down")

    def plug_in(self):
        """Put the cable back."""
        _ip("-n", self.network.middle.space, "link", "set", self.port, "up")


class Network:
    """A bridge inside the first host, which all the others are plugged into."""

    def __init__(self):
        self.name = f"wb{uuid.uuid4().hex[:6]}"
        self.hosts = []
        self.middle = None

    def host(self, name):
        """Add a host; the first one holds the bridge."""
        host = Host(self, name, len(self.hosts) + 1)
        _ip("netns", "add", host.space)
        self.hosts.append(host)
        _ip("-n", host.space, "link", "set", "lo", "up")
        if self.middle is None:
            self.middle, cable = host, "br0"
            _ip("-n", host.space, "link", "add", cable, "type", "bridge")
        else:
            cable, middle = "eth0", self.middle.space
            ends = ("type", "veth", "peer", "name", cable, "netns", host.space)
            _ip("-n", middle, "link", "add", host.port, *ends)
            _ip("-n", middle, "link", "set", host.port, "master", "br0", "up")
        _ip("-n", host.space, "address", "add", f"{host.address}/24", "dev", cable)
        _ip("-n", host.space, "link", "set", cable, "up")
        return host

    def end(self):
        """End all processes, and take the hosts away with everything in them."""
        running = [one for host in self.hosts for one in host.processes]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for host in self.hosts:
            subprocess.run(["ip", "netns", "delete", host.space], check=True)
        self.hosts.clear()


@pytest.fixture
def network():
    """Give a network without hosts; those that are added are gone after the test."""
    require(program="ip")
    require(present=os.geteuid() == 0, why="network namespaces are for root")
    made = Network()
    try:
        yield made
    finally:
        made.end()
