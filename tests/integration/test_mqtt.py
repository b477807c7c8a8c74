import logging
import socket
import subprocess
import threading

import pytest

from edge.config import Broker as Settings
from edge.config import Tls
from edge.errors import ConfigError
from edge.io.mqtt import Line, Publication, Received, Taken, Up
from edge.io.tls import tls_context
from vitrina.broker import Broker, Certificate

WILL = Publication("gone", b"offline", 1, retain=True)


@pytest.fixture
def connect():
    lines = []

    def connect(broker, **settings):
        news = []
        line = Line(
            Settings(host=broker.host, port=broker.port, **settings),
            client_id="vitrina-shop-box-1",
            subscribe={"down/#": 1},
            will=lambda: WILL,
            tell=news.append,
        )
        lines.append(line)
        line.start()
        return line, news

    yield connect
    for line in lines:
        line.stop()


def warnings(caplog):
    return [
        record.message
        for record in caplog.records
        if record.name == "edge.io.mqtt" and record.levelno >= logging.WARNING
    ]


def test_what_is_published_is_answered_and_letters_arrive(broker, connect, listen, until):
    line, news = connect(broker)
    until(lambda: line.connected, "the connection")
    listener = listen(broker, "up/#")
    mid = line.publish(Publication("up/x", b"hello"))
    until(lambda: Taken(mid, None) in news, "the answer")
    until(lambda: listener.messages, "the message")
    listener.publish("down/x", b"letter")
    until(lambda: Received("down/x", b"letter") in news, "the letter")
    assert news[0] == Up(number=1, remembered=False)


def test_a_refused_password_is_said_once_and_tried_again(connect, until, caplog):
    with Broker(users={"box": "right"}) as broker:
        line, news = connect(broker, username="box", password="wrong")
        until(lambda: line.attempts == 3, "the third attempt")
        assert len(warnings(caplog)) == 1
        assert "check username, password" in warnings(caplog)[0]
        assert "wrong" not in caplog.text
        assert not line.connected
        assert "hung up" in line.fault
        assert news == []


def test_a_broker_that_says_why_it_refuses_is_quoted(connect, until, caplog):
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()

        def refuse():
            link, _ = server.accept()
            with link:
                link.recv(1024)
                link.sendall(bytes([0x20, 3, 0, 0x86, 0]))  # CONNACK, reason 0x86: bad user name or password

        threading.Thread(target=refuse, daemon=True).start()
        connect(Broker(host=host, port=port))
        until(lambda: warnings(caplog), "the warning")
        assert "Bad user name or password" in warnings(caplog)[0]


def test_a_broker_that_comes_later_is_found(connect, until, caplog):
    broker = Broker()
    line, _ = connect(broker)
    until(lambda: warnings(caplog), "the warning")
    assert "cannot be reached" in warnings(caplog)[0]
    with broker:
        until(lambda: line.connected, "the connection", timeout_s=15)


def test_a_broker_that_remembers_and_one_that_does_not(broker, connect, until):
    line, news = connect(broker)
    until(lambda: news, "the connection")
    line.stop()
    again, news = connect(broker)
    until(lambda: news, "the connection")
    assert news[0] == Up(number=1, remembered=True)
    broker.stop()
    broker.start()
    until(lambda: len(news) > 1, "the second connection", timeout_s=15)
    assert news[1] == Up(number=2, remembered=False)
    assert again.connected


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return Certificate(folder / "cert.pem", folder / "key.pem")


def test_tls_to_a_broker_whose_authority_is_known(certificate, connect, until):
    with Broker(certificate=certificate) as broker:
        line, news = connect(broker, tls=Tls(ca=certificate.cert))
        until(lambda: line.connected, "the connection")
        mid = line.publish(Publication("up/x", b"secret"))
        until(lambda: Taken(mid, None) in news, "the answer")


def test_tls_to_a_broker_whose_authority_is_not_known_is_refused(certificate, connect, until, caplog):
    with Broker(certificate=certificate) as broker:
        line, _ = connect(broker, tls=Tls())
        until(lambda: warnings(caplog), "the warning")
        assert not line.connected


def test_a_file_that_is_no_certificate_is_named(tmp_path):
    (tmp_path / "ca.pem").write_text("nonsense")
    for ca in (tmp_path / "ca.pem", tmp_path / "absent.pem"):
        with pytest.raises(ConfigError, match=r"broker\.tls: .*PEM"):
            tls_context(Tls(ca=ca))
