"""What the server counts about itself, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


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
        self.told = Counter(
            "vitrina_loyalty_entries",
            "What till and loyalty programme told by message, by subject and what became of it",
            ["subject", "outcome"],
            registry=self.registry,
        )
        self.connected = Gauge("vitrina_broker_connected", "1 while connected to the broker", registry=self.registry)
        self.lag_s = Gauge(
            "vitrina_ingest_lag_seconds", "From the newest message's time until it was stored", registry=self.registry
        )
        self.waiting = Gauge("vitrina_ingest_waiting", "Messages received and not yet stored", registry=self.registry)
        self.listeners = Gauge("vitrina_live_listeners", "Open live streams", registry=self.registry)
        self.decision_s = Histogram(
            "vitrina_decision_seconds",
            "One decision for one screen, until its players are told",
            buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5),
            registry=self.registry,
        )
        self.round_s = Gauge("vitrina_decision_round_seconds", "Deciding once for every screen", registry=self.registry)
        self.undecided = Counter(
            "vitrina_decisions_failed", "Decisions that ended in an error; what was on stays", registry=self.registry
        )
        self.unlogged = Counter(
            "vitrina_decisions_unlogged", "Decisions given up because the database stayed away", registry=self.registry
        )

    def count_told(self, subject: str, taken: int, known: int, refused: int) -> None:
        """Count what became of a message's entries."""
        for outcome, n in (("taken", taken), ("known", known), ("refused", refused)):
            self.told.labels(subject, outcome).inc(n)
