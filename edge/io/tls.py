"""Encryption to the broker."""

import ssl

from edge.config import Tls
from edge.errors import ConfigError


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Encryption that checks the broker's certificate and name.

    Raises:
        ConfigError: a file is missing or not what it should be.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca)
        if tls.cert is not None:
            context.load_cert_chain(tls.cert, tls.key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"broker.tls: {error}; ca, cert and key must be readable PEM files") from None
    return context
