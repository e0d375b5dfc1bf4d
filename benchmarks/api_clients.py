"""Clients that fetch one file at once, for `benchmarks.api`; in a process of their own."""

import socket
import sys
import threading

__all__ = ["fetch_all"]


def fetch_all(port: int, token: str, path: str, clients: int, size: int) -> bool:
    """Fetch the file in so many threads; says whether each got all of it."""
    whole: list[bool] = []
    gate = threading.Barrier(clients + 1)

    def fetch() -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            asked = (
                f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
            )
            gate.wait()
            line.sendall(asked.encode())
            took, buffer = 0, bytearray(1 << 20)
            while count := line.recv_into(buffer):
                took += count
            whole.append(took > size)

    threads = [threading.Thread(target=fetch) for _ in range(clients)]
    for thread in threads:
        thread.start()
    gate.wait()
    print("begun", flush=True)
    for thread in threads:
        thread.join()
    return whole == [True] * clients


if __name__ == "__main__":
    port, token, path, clients, size = sys.argv[1:]
    sys.exit(0 if fetch_all(int(port), token, path, int(clients), int(size)) else 1)
