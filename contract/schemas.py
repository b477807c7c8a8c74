"""JSON Schemas of every message and of `site.yaml`, and an AsyncAPI 3 document, made from the models.

`python -m contract.schemas DIR` writes them; a test compares what is committed with what the models say.
"""

import json
import sys
from pathlib import Path
from typing import Any

from contract.alerts import AlertMessage
from contract.messages import CHANNELS, Message, type_of
from contract.site import Site
from contract.topics import RETAINED, ROOT, qos

Json = dict[str, Any]


def message_schema(channel: str) -> Json:
    """JSON Schema of what travels on `channel`: the envelope with its data."""
    envelope = Message.model_json_schema(by_alias=True, mode="serialization")
    data = CHANNELS[channel].model_json_schema(by_alias=True, mode="serialization", ref_template="#/$defs/{model}")
    definitions = data.pop("$defs", {})
    properties = envelope["properties"] | {"type": {"const": type_of(CHANNELS[channel])}, "data": data}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": type_of(CHANNELS[channel]),
        "type": "object",
        "properties": properties,
        "required": envelope["required"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def site_schema() -> Json:
    """JSON Schema of `site.yaml`, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Site.model_json_schema(by_alias=True)


def asyncapi() -> Json:
    """AsyncAPI 3.0 document of the box's topics, seen from the box: it sends what goes up, receives what comes down."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Vitrina boxes",
            "version": "1",
            "description": "Aggregates of anonymous counting, over MQTT.",
        },
        "defaultContentType": "application/json",
        "channels": {_key(channel): _channel(channel) for channel in CHANNELS} | {"alerts": _alerts_channel()},
        "operations": {_key(channel): _operation(channel) for channel in CHANNELS} | {"alerts": _alerts_operation()},
    }


def _alerts_channel() -> Json:
    return {
        "address": f"{ROOT}/{{site}}/alerts",
        "parameters": {"site": {"description": "The store."}},
        "messages": {"vitrina.alert": {"payload": {"$ref": "./vitrina.alert.schema.json"}}},
    }


def _alerts_operation() -> Json:
    """The server sends; boxes and whoever else may read."""
    return {"action": "receive", "channel": {"$ref": "#/channels/alerts"}, "bindings": {"mqtt": {"qos": 1}}}


def _key(channel: str) -> str:
    return channel.replace("/", "_")


def _channel(channel: str) -> Json:
    schema = f"./{type_of(CHANNELS[channel])}.schema.json"
    return {
        "address": f"{ROOT}/{{site}}/{{box}}/{channel}",
        "parameters": {"site": {"description": "The store."}, "box": {"description": "The box in it."}},
        "messages": {type_of(CHANNELS[channel]): {"payload": {"$ref": schema}}},
    }


def _operation(channel: str) -> Json:
    return {
        "action": "send" if channel.startswith("up/") else "receive",
        "channel": {"$ref": f"#/channels/{_key(channel)}"},
        "bindings": {"mqtt": {"qos": qos(channel), "retain": channel in RETAINED}},
    }


def documents() -> dict[str, Json]:
    """Every document by its file name."""
    messages = {f"{type_of(model)}.schema.json": message_schema(channel) for channel, model in CHANNELS.items()}
    alert = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | AlertMessage.model_json_schema(
        mode="serialization"
    )
    return messages | {
        "vitrina.alert.schema.json": alert,
        "site.schema.json": site_schema(),
        "asyncapi.json": asyncapi(),
    }


def text(document: Json) -> str:
    """A document as it is committed."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> None:
    """Write every document into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents().items():
        (folder / name).write_text(text(document), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
