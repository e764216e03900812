"""L08: the server under the gate writes no token of a link, however oddly a link is asked for."""

import re
import socket
from pathlib import Path

from builders_canaries import Canaries
from builders_notify import a_mail_server
from builders_processes import Running, a_service_of_processes

ODD = {
    "as it should be": "GET /signoff/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    "without a version": "GET /signoff/{token}\r\n\r\n",
    "with a version that is none": "GET /signoff/{token} HTTQ/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "with two blanks": "GET  /signoff/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "by a method that is none": "G{token}T /signoff/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "as a header's name": "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n/signoff/{token}: x\r\n\r\n",
    "in a header that is none": "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nReferer /signoff/{token}\r\n\r\n",
    "in a header that is broken": "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nReferer: /signoff/{token}\x01\r\n\r\n",
    "as the host": "GET / HTTP/1.1\r\nHost: {token}\r\nConnection: close\r\n\r\n",
    "as a length": "POST /signoff/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {token}\r\n\r\n",
    "in an encoding": "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: {token}\r\n\r\n",
    "in a whole address": "GET http://[/signoff/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "in a line too long": "GET /signoff/{token}" + "x" * 9000 + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}


def asked(running: Running, request: str) -> str:
    """What the server answers to these bytes."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as one:
        one.settimeout(5)
        one.sendall(request.encode("latin-1"))
        one.shutdown(socket.SHUT_WR)
        found = b""
        try:
            while part := one.recv(65536):
                found += part
        except TimeoutError:
            pass
    return found.decode("latin-1")


def test_no_token_is_in_what_the_servers_processes_write(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/gate.db"
    with a_mail_server() as mails, a_service_of_processes(tmp_path, database, smtp_url=mails.url) as running:
        running.serve("--migrate")
        running.forge.a_pull()
        mail = mails.wait_for(1)[0]
        text = mail.get_body(("plain",)).get_content()
        token = re.findall(r"/signoff/(\S+)", text)[0]
        canaries = Canaries([token])
        for how, request in ODD.items():
            answer = asked(running, request.format(token=token))
            canaries.look(f"the log once a link was asked for {how}", (tmp_path / "serve.log").read_text())
            if how == "as it should be":
                canaries.look("the answer", answer)
        assert running.is_ready()
        running.kill("serve")
        canaries.look_at_files(tmp_path.iterdir())
        assert canaries.leaks == []
        log = (tmp_path / "serve.log").read_text()
        assert "Invalid request from ip=127.0.0.1: Invalid HTTP request line" in log
        assert log.count("[warning  ] server") >= len(ODD) // 2
