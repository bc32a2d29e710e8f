"""Jinja2 with the settings in which Hugging Face runs chat templates: the oracle of the template scripts."""
import datetime
import functools
import json

from jinja2 import nodes
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime.datetime(2024, 7, 26, 9, 5, 7)


class Refusal(TemplateError):
    """What `raise_exception` raises."""


class Generation(Extension):
    """`{% generation %}...{% endgeneration %}`, which marks the assistant's part and writes its body."""
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_text"), [], [], body).set_lineno(line)

    def _text(self, caller):
        return caller()


def environment():
    def raise_exception(message):
        raise Refusal(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


@functools.cache
def compiled(env, source):
    return env.from_string(source)


def render(env, source, messages, generate, extra):
    """The prompt and None, or None and the template's message where it refuses; the message is empty where it fails."""
    try:
        template = compiled(env, source)
        variables = {"tools": None, "documents": None, **extra}
        return template.render(messages=messages, add_generation_prompt=generate, bos_token="<s>", eos_token="</s>",
                               **variables), None
    except Refusal as refusal:
        return None, str(refusal.message or "")
    except Exception:
        return None, ""


def ordered(value):
    """The value with objects as {"members": [[name, value], ...]}, since readers of JSON need not keep their order,
    and with fractions as {"number": text}, since they need not tell 2.0 from 2."""
    if isinstance(value, dict):
        return {"members": [[k, ordered(v)] for k, v in value.items()]}
    if isinstance(value, list):
        return [ordered(v) for v in value]
    return {"number": repr(value)} if isinstance(value, float) else value


def cases(env, source, conversations, extra):
    """What the template makes of each conversation, with and without the beginning of an answer."""
    made = []
    for name, messages in conversations.items():
        for generate in (True, False):
            prompt, refusal = render(env, source, messages, generate, extra.get(name, {}))
            made.append({"conversation": name, "generate": generate, "expected": prompt, "refused": refusal})
    return made
