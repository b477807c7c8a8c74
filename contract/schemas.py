"""JSON Schemas of every message and of `site.yaml`, and an AsyncAPI 3 document, made from the models.

`python -m contract.schemas DIR` writes them; a test compares what is committed with what the models say.
"""

import json
import sys
from pathlib import Path
from typing import Any, Literal, NamedTuple

from contract.alerts import AlertMessage
from contract.disclosed import DisclosedMessage
from contract.loyalty import SUBJECTS, Subject
from contract.loyalty_messages import ToldMessage, type_told
from contract.messages import CHANNELS, Message, Part, type_of
from contract.screens import PlayedMessage, ShowMessage
from contract.site import Site
from contract.topics import (
    RETAINED,
    ROOT,
    alerts_topic,
    loyalty_in_topic,
    loyalty_out_topic,
    played_topic,
    qos,
    show_topic,
)

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


class _OfSite(NamedTuple):
    """A topic that belongs to no box."""

    address: str
    envelope: type[Part]
    action: Literal["send", "receive"]
    """Seen from outside: players send what was shown, everyone else only reads."""
    retain: bool


_OF_SITE = {
    "alerts": _OfSite(alerts_topic("{site}"), AlertMessage, "receive", retain=False),
    "screens_show": _OfSite(show_topic("{site}", "{screen}"), ShowMessage, "receive", retain=True),
    "screens_played": _OfSite(played_topic("{site}", "{screen}"), PlayedMessage, "send", retain=False),
    "loyalty_out": _OfSite(loyalty_out_topic("{site}", "{subject}"), DisclosedMessage, "receive", retain=False),
}


def told_schema(subject: Subject) -> Json:
    """JSON Schema of what till or loyalty programme tell of `subject`: the envelope with its document."""
    envelope = ToldMessage.model_json_schema()
    data = SUBJECTS[subject].model_json_schema()
    definitions = data.pop("$defs", {})
    properties = envelope["properties"] | {"type": {"const": type_told(subject)}, "data": data}
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": type_told(subject)}
    return draft | {
        "description": envelope["description"],
        "type": "object",
        "properties": properties,
        "required": envelope["required"],
        "$defs": definitions,
    }


def asyncapi() -> Json:
    """AsyncAPI 3.0 document, seen from box, player and till: they send what goes up and receive what comes down."""
    of_site = {key: _channel_of_site(topic) for key, topic in _OF_SITE.items()}
    of_site |= {_told_key(subject): _told_channel(subject) for subject in SUBJECTS}
    operations = {key: _operation_of_site(key, topic) for key, topic in _OF_SITE.items()}
    operations |= {_told_key(subject): _told_operation(subject) for subject in SUBJECTS}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Vitrina boxes and screens",
            "version": "1",
            "description": "Aggregates of anonymous counting, and what the screens show, over MQTT.",
        },
        "defaultContentType": "application/json",
        "channels": {_key(channel): _channel(channel) for channel in CHANNELS} | of_site,
        "operations": {_key(channel): _operation(channel) for channel in CHANNELS} | operations,
    }


def _channel_of_site(topic: _OfSite) -> Json:
    told = {"site": "The store.", "screen": "The screen in it.", "subject": "What it is about."}
    return {
        "address": topic.address,
        "parameters": {name: {"description": text} for name, text in told.items() if f"{{{name}}}" in topic.address},
        "messages": {_type(topic.envelope): {"payload": {"$ref": f"./{_type(topic.envelope)}.schema.json"}}},
    }


def _operation_of_site(key: str, topic: _OfSite) -> Json:
    bindings = {"mqtt": {"qos": 1, "retain": topic.retain}}
    return {"action": topic.action, "channel": {"$ref": f"#/channels/{key}"}, "bindings": bindings}


def _told_key(subject: Subject) -> str:
    return f"loyalty_in_{subject}"


def _told_channel(subject: Subject) -> Json:
    return {
        "address": loyalty_in_topic("{site}", subject),
        "parameters": {"site": {"description": "The store."}},
        "messages": {type_told(subject): {"payload": {"$ref": f"./{type_told(subject)}.schema.json"}}},
    }


def _told_operation(subject: Subject) -> Json:
    channel = {"$ref": f"#/channels/{_told_key(subject)}"}
    return {"action": "send", "channel": channel, "bindings": {"mqtt": {"qos": 1, "retain": False}}}


def _type(envelope: type[Part]) -> str:
    return str(envelope.model_fields["type"].default)


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
    of_site = {f"{_type(topic.envelope)}.schema.json": _envelope_schema(topic.envelope) for topic in _OF_SITE.values()}
    told = {f"{type_told(subject)}.schema.json": told_schema(subject) for subject in SUBJECTS}
    return messages | of_site | told | {"site.schema.json": site_schema(), "asyncapi.json": asyncapi()}


def _envelope_schema(envelope: type[Part]) -> Json:
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return draft | envelope.model_json_schema(mode="serialization")


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
