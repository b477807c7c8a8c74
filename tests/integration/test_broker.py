import threading

import paho.mqtt.client as mqtt
import pytest

from vitrina.broker import Broker, BrokerError


def connect(broker, client_id, **credentials):
    """Connect with paho; the client, or None where the broker does not let it in."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)
    if credentials:
        client.username_pw_set(**credentials)
    answered = threading.Event()
    client.on_connect = lambda *_: answered.set()
    client.on_disconnect = lambda *_: answered.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    assert answered.wait(5)
    return client


def test_a_restart_keeps_the_port(broker):
    port = broker.port
    broker.stop()
    assert not broker.running
    broker.start()
    client = connect(broker, "a")
    assert client.is_connected() and broker.port == port
    client.disconnect()
    client.loop_stop()


@pytest.mark.parametrize(("password", "let_in"), [("right", True), ("wrong", False)])
def test_only_users_with_their_password_come_in(password, let_in):
    with Broker(users={"box-1": "right"}) as broker:
        client = connect(broker, "a", username="box-1", password=password)
        assert client.is_connected() == let_in
        client.disconnect()
        client.loop_stop()


def test_a_taken_port_is_named(broker):
    with pytest.raises(BrokerError, match=f"{broker.port}.*choose another port"):
        Broker(port=broker.port).start()


def test_a_password_that_would_break_the_configuration_is_refused():
    with pytest.raises(BrokerError, match="quote"):
        Broker(users={"a": "x'\ny"}).start()
