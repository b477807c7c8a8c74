"""What the server counts about itself, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Meters:
    """One set of meters per server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.taken = Counter(
            "vitrina_messages_taken", "Messages taken in, by channel", ["channel"], registry=self.registry
        )
        self.repeated = Counter(
            "vitrina_messages_repeated", "Messages that had come before and changed nothing", registry=self.registry
        )
        self.refused = Counter(
            "vitrina_messages_refused", "Messages refused, by reason", ["reason"], registry=self.registry
        )
        self.write_faults = Counter(
            "vitrina_write_faults", "Transactions that failed and are tried again", registry=self.registry
        )
        self.connected = Gauge("vitrina_broker_connected", "1 while connected to the broker", registry=self.registry)
        self.lag_s = Gauge(
            "vitrina_ingest_lag_seconds", "From the newest message's time until it was stored", registry=self.registry
        )
        self.waiting = Gauge("vitrina_ingest_waiting", "Messages received and not yet stored", registry=self.registry)
        self.listeners = Gauge("vitrina_live_listeners", "Open live streams", registry=self.registry)
