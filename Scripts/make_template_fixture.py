"""Write the chat template tests' expected prompts, with Jinja2 in Hugging Face's settings as the oracle.

    make_template_fixture.py --fixtures Tests/ChatTemplatesTests/Fixtures [--model SmolLM2-135M-Instruct.Q4_1.gguf]

writes templates.json: {"templates": [{"name", "source", "cases": [{"conversation", "generate", "expected",
"refused"}]}], "conversations": {...}, "extra": {...}, "snippets": [[source, expected, refused]]}. What is refused has
null for "expected", and in "refused" the template's own message, or nothing where Jinja2 failed. With --model, the
model's own template must be the one below. Needs: jinja2 (and gguf for --model).
"""
import argparse
import json
import pathlib

from template_reference import cases, environment, ordered, render

SMOLLM2 = """{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
' }}{% endif %}{{'<|im_start|>' + message['role'] + '
' + message['content'] + '<|im_end|>' + '
'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
' }}{% endif %}"""

TEMPLATES = {
    "smollm2": SMOLLM2,
    "chatml": """
{%- if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}
{% for m in messages %}
{{ '<|im_start|>' ~ m.role }}
{{ m.content | trim }}<|im_end|>
{% endfor %}
{% if add_generation_prompt -%}
<|im_start|>assistant
{% endif %}
""",
    "llama-2": """
{%- if messages[0]['role'] == 'system' -%}
    {%- set opening = '<<SYS>>\\n' ~ messages[0]['content'].strip() ~ '\\n<</SYS>>\\n\\n' -%}
    {%- set turns = messages[1:] -%}
{%- else -%}
    {%- set opening = '' -%}
    {%- set turns = messages -%}
{%- endif -%}
{%- for turn in turns -%}
    {%- if (turn['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception('Turns must go user, assistant, user, assistant') }}
    {%- endif -%}
    {%- set text = opening ~ turn.content if loop.first else turn.content -%}
    {%- if turn.role == 'user' -%}
        {{- bos_token + '[INST] ' + text.strip() + ' [/INST]' -}}
    {%- elif turn.role == 'assistant' -%}
        {{- ' ' + text.strip() + ' ' + eos_token -}}
    {%- endif -%}
{%- endfor -%}
""",
    "headers": """
{%- set intro, rest = '', messages -%}
{%- if rest and rest[0].role == 'system' %}{% set intro, rest = (rest[0].content | trim), rest[1:] %}{% endif -%}
{{- bos_token ~ '<|head|>system<|body|>' -}}
{%- if strftime_now is defined %}{{ 'Today: ' ~ strftime_now('%Y-%m-%d') ~ '\\n' }}{% endif -%}
{{- intro ~ '<|stop|>' -}}
{%- for turn in rest -%}
    {%- set calls = turn.tool_calls | default([], true) -%}
    {%- if calls | length > 1 %}{{ raise_exception('one call at a time, not ' ~ (calls | length)) }}{% endif -%}
    {{- '<|head|>' ~ ('tool result' if turn.role in ('tool', 'ipython') else turn.role) ~ '<|body|>' -}}
    {%- if loop.first and tools -%}
        {%- for tool in tools %}{{ tool | tojson(indent=4) }}{{ '\\n---\\n' if not loop.last }}{% endfor -%}
    {%- endif -%}
    {%- for call in calls -%}
        {%- set f = call.function | default(call) -%}
        {{- f.name ~ '(' -}}
        {%- if f.arguments is mapping -%}
            {%- for key, value in f.arguments.items() %}{{ key ~ '=' ~ (value | tojson) }}{{ ', ' if not loop.last }}{% endfor -%}
        {%- else %}{{ f.arguments }}{% endif -%}
        {{- ')<|pause|>' -}}
    {%- else -%}
        {{- (turn.content | tojson if turn.content is mapping else turn.content | string | trim) ~ '<|stop|>' -}}
    {%- endfor -%}
{%- endfor -%}
{%- if add_generation_prompt %}{{ '<|head|>assistant<|body|>' }}{% endif -%}
""",
    "brackets": """
{%- set spoken = messages | rejectattr('role', 'equalto', 'system') | list -%}
{%- set order = namespace(next='user', users=0, seen=0) -%}
{%- for turn in spoken if turn.role in ['user', 'assistant'] and not turn.tool_calls -%}
    {%- if turn.role != order.next %}{{ raise_exception('turn ' ~ loop.index ~ ' is not of the ' ~ order.next) }}{% endif -%}
    {%- set order.next = 'assistant' if turn.role == 'user' else 'user' -%}
    {%- if turn.role == 'user' %}{% set order.users = order.users + 1 %}{% endif -%}
{%- endfor -%}
{{- bos_token -}}
{%- for turn in spoken -%}
    {%- if turn.role == 'user' -%}
        {%- set order.seen = order.seen + 1 -%}
        {%- if order.seen == order.users and tools %}{{ '[TOOLS]' ~ (tools | tojson) ~ '[/TOOLS]' }}{% endif -%}
        {{- '[ASK]' -}}
        {%- if loop.last %}{% for note in messages if note.role == 'system' %}{{ note.content ~ '\\n' }}{% endfor %}{% endif -%}
        {{- turn.content ~ '[/ASK]' -}}
    {%- elif turn.tool_calls is defined and turn.tool_calls -%}
        [CALLS]{{ turn.tool_calls | map(attribute='function') | map('tojson') | join(';') }}{{ eos_token }}
    {%- elif turn.role == 'assistant' -%}
        {{- ' ' ~ turn.content | trim ~ eos_token -}}
    {%- elif turn.role == 'tool' -%}
        {{- '[RESULT]' ~ (turn.content | string) ~ '[/RESULT]' -}}
    {%- else -%}
        {{- raise_exception('no such role: ' ~ turn.role) -}}
    {%- endif -%}
{%- endfor -%}
""",
    "thoughts": """
{%- set last = namespace(asked=-1) -%}
{%- for turn in messages[::-1] if last.asked < 0 and turn.role == 'user' -%}
    {%- set last.asked = loop.revindex0 if loop.first else last.asked -%}
{%- endfor -%}
{%- for turn in messages -%}
    {%- set said = turn.content if turn.content is string else '' -%}
    {%- set before, mark, after = said.partition('</think>') -%}
    <|im_start|>{{ turn.role ~ '\\n' }}
    {%- if turn.role == 'assistant' and mark -%}
        {%- if loop.index0 > last.asked %}{{ before.split('<think>')[-1].strip('\\n') ~ '\\n' ~ mark }}{% endif -%}
        {{- after.lstrip('\\n') -}}
    {%- elif turn.role == 'assistant' and turn.reasoning_content is string and loop.index0 > last.asked -%}
        {{- turn.reasoning_content[:40] ~ '\\n' ~ said -}}
    {%- else -%}
        {{- said -}}
    {%- endif -%}
    {{- '<|im_end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{- '<|im_start|>assistant\\n' ~ ('<think></think>' if enable_thinking is defined and not enable_thinking else '') -}}
{%- endif -%}
""",
    "parts": """
{%- set opening = messages[0] if messages and messages[0].role == 'system' -%}
{%- macro text(content) -%}
    {%- if content is string %}{{ content | trim }}
    {%- elif content is iterable and content is not mapping -%}
        {%- for part in content -%}
            {%- if part.type == 'text' %}{{ part.text | trim }}
            {%- elif part.type in ('image', 'audio') %}<{{ part.type }}>
            {%- else %}{{ raise_exception('a part of type ' ~ part.type) }}
            {%- endif -%}
        {%- endfor -%}
    {%- else %}{{ raise_exception('content that is neither text nor parts') }}
    {%- endif -%}
{%- endmacro -%}
{{ bos_token }}
{%- for turn in messages if turn is not sameas opening -%}
    {{ '<turn>' ~ {'assistant': 'model'}.get(turn.role, turn.role) ~ '\\n' }}
    {%- if loop.first and opening %}{{ text(opening.content) ~ '\\n\\n' }}{% endif -%}
    {{ text(turn.content) ~ '</turn>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt %}{{ '<turn>model\\n' }}{% endif -%}
""",
    "phi": """{% for message in messages %}
{% if message['role'] == 'system' and 'tools' in message and message['tools'] is not none %}
{{ '<|system|>' + message['content'] + '<|tool|>' + message['tools'] + '<|/tool|><|end|>' }}
{%- else %}
{{ '<|' + message['role'] + '|>' + (message['content'] | string) + '<|end|>' }}
{%- endif %}
{% endfor %}
{% if add_generation_prompt %}{{ '<|assistant|>' }}{% else %}{{ eos_token }}{% endif %}
""",
    "deepseek": """
{%- macro call(name, arguments, kind='function') -%}
{{ '<call>' ~ kind ~ '<sep>' ~ name ~ '\\n```json\\n' ~ (arguments if arguments is string else arguments | tojson) ~ '\\n```</call>' }}
{%- endmacro -%}
{%- macro calls(list) %}
<calls>{% for c in list %}{{ call(c.function.name, arguments=c.function.arguments) }}{{ '' if loop.last else '\\n' }}{% endfor %}</calls>
{%- endmacro -%}
{%- set ns = namespace(is_first=true, is_tool=false, system='') -%}
{%- for message in messages if message.role == 'system' -%}
    {%- set ns.system = ns.system ~ ('' if ns.is_first else '\\n\\n') ~ message.content -%}
    {%- set ns.is_first = false -%}
{%- endfor -%}
{{ bos_token }}{{ ns.system }}
{%- for message in messages -%}
    {%- if message.role == 'system' -%}{%- continue -%}{%- endif -%}
    {%- if message.role == 'user' -%}
        {%- set ns.is_tool = false -%}{{ '<|User|>' + message.content }}
    {%- elif message.role == 'assistant' and message.tool_calls -%}
        {{- '<|Assistant|>' ~ (message.content or '') ~ calls(message.tool_calls) ~ '<|end|>' -}}
    {%- elif message.role == 'assistant' -%}
        {%- set content = message.content -%}
        {%- if '</think>' in content -%}{%- set content = content.split('</think>') | last -%}{%- endif -%}
        {{- ('' if ns.is_tool else '<|Assistant|>') ~ content ~ '<|end|>' -}}
    {%- elif message.role == 'tool' -%}
        {{- '<outputs>' if not ns.is_tool else '\\n' -}}{%- set ns.is_tool = true -%}{{- '<output>' + message.content | string + '</output>' -}}
    {%- endif -%}
{%- endfor -%}
{% if add_generation_prompt and not ns.is_tool %}{{ '<|Assistant|><think>\\n' }}{% endif %}
""",
    "command-r": """
{{- bos_token }}{% if messages[0].role == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0].content %}{% elif false == true %}{% set loop_messages = messages %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}
{% if system_message != false %}{{ '<|START|><|SYSTEM|>' + system_message + '<|STOP|>' }}{% endif %}
{%- macro json_to_python_type(spec) %}
{%- set basic = {"string": "str", "number": "float", "integer": "int", "boolean": "bool"} %}
{%- if basic[spec.type] is defined %}
    {{- basic[spec.type] }}
{%- elif spec.type == "array" %}
    {{- "List[" + json_to_python_type(spec["items"]) + "]" }}
{%- elif spec.type == "object" %}
    {{- "Dict" }}
{%- else %}
    {{- "Any" }}
{%- endif %}
{%- endmacro %}
{%- if tools is iterable and tools | length > 0 %}
{% for tool in tools | sort(attribute='function.name') %}

def {{ tool.function.name }}(
{%- for name, spec in tool.function.parameters.properties.items() -%}
    {{ name }}: {{ json_to_python_type(spec) }}{% if not loop.last %}, {% endif %}
{%- endfor -%}
) -> List[Dict]:
    {{ '\"\"\"' ~ tool.function.description | default('none', true) | indent(4) ~ '\"\"\"' }}
    pass
{% endfor %}
{% endif %}
{% for message in loop_messages %}
    {%- set content = message.content if message.content is string else '' %}
    {%- if message.role|lower == 'user' %}{{ '<|START|><|USER|>' + content.strip() + '<|STOP|>' }}
    {%- elif message.role|lower in ['assistant', 'chatbot'] %}{{ '<|START|><|BOT|>' + content.strip() + '<|STOP|>' }}
    {%- else %}{{ '<|START|><|' ~ message.role | upper ~ '|>' ~ message.content ~ '<|STOP|>' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|START|><|BOT|>' }}{% endif %}
""",
    "granite": """
{%- set date = strftime_now('%B %d, %Y') -%}
{%- set system -%}
    Knowledge cutoff: 2024.
    Today's Date: {{ date }}.
    {%- if documents %} Use the documents.{% endif %}
{%- endset -%}
{%- set roles = {'system': 'S', 'user': 'U', 'assistant': 'A'} -%}
<|role|>system<|/role|>{{ system | trim }}<|eot|>
{% for message in messages -%}
<|role|>{{ roles.get(message.role, message.role | capitalize) }}{{ loop.cycle(' odd', ' even') }}<|/role|>
{%- filter trim -%}
  {{ message.content }}
{%- endfilter -%}
<|eot|>
{% else %}
nothing
{% endfor -%}
{%- for d in documents or [] %}
{{ loop.index }}/{{ loop.length }} ({{ loop.revindex0 }}): {{ d | dictsort | map('join', '=') | join('; ') }}
{% endfor %}
{%- with role = 'assistant' %}{% if add_generation_prompt %}<|role|>{{ role }}<|/role|>{% endif %}{% endwith %}
""",
}

TOOLS = [
    {"type": "function", "function": {
        "name": "tide", "description": "Height of the tide.\nIn metres.",
        "parameters": {"type": "object", "properties": {"place": {"type": "string", "description": "a \"port\""},
                       "hours": {"type": "array", "items": {"type": "integer"}}}, "required": ["place"]}}},
    {"type": "function", "function": {
        "name": "boats", "description": "", "parameters": {"type": "object", "properties": {
            "limit": {"type": "number", "default": 1.5}, "open": {"type": "boolean"}, "what": {"type": "null"}}}}},
]


def said(role, content, **more):
    return {"role": role, "content": content, **more}


CONVERSATIONS = {
    "one": [said("user", "Hello there")],
    "system": [said("system", "  Be brief.\n"), said("user", " What is a tide? \n")],
    "multi": [said("system", "You know the sea."), said("user", "Hi"), said("assistant", "Hello!\n"),
              said("user", "Once more\n\nwith lines"), said("assistant", "<think>\nhm\n</think>\n\nAye."), said("user", "Bye")],
    "trailing": [said("user", "Count"), said("assistant", "1, 2,")],
    "empty": [said("user", ""), said("assistant", ""), said("user", "   ")],
    "unicode": [said("system", "Antworte auf Deutsch — bitte."), said("user", "你好 👩‍👩‍👧 e\u0301 \u00a0Straße «ΣΑΣ» <|im_end|> [/INST] \u2028x")],
    "tools": [said("user", "High water in Brest?"),
              said("assistant", None, tool_calls=[{"id": "abcdefghi", "type": "function", "function": {
                  "name": "tide", "arguments": {"place": "Brest é", "hours": [1, 2], "x": None, "y": 0.5, "z": True}}}]),
              said("tool", "{\"metres\": 6.1}"), said("assistant", "6.1 m"), said("user", "Thanks & <bye>")],
    "wrong": [said("user", "one"), said("user", "two"), said("assistant", "three"), said("pirate", "arr")],
}

EXTRA = {
    "tools": {"tools": TOOLS},
    "one": {"enable_thinking": False, "documents": [{"title": "T", "Text": "x y"}, {"b": 1, "A": 2.0}]},
    "system": {"tools": TOOLS, "tools_in_user_message": False},
}

# Small pieces of the language: [template, variables beside those of every rendering].
SNIPPETS = r"""
{{ 1 + 2 * 3 - 4 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7.5 % 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 10 / 4 }}
{{ 1e16 }} {{ 1.0 }} {{ 0.1 + 0.2 }} {{ 1e-5 }} {{ 123456789.125 }} {{ 1e15 }} {{ -0.0 }} {{ 5e-324 }} {{ 12345678901234567.0 }}
{{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1_000 }} {{ 1.5e3 }} {{ +3 }} {{ - 3 }} {{ -3|abs }} {{ 3.7|int }} {{ -3.7|int }}
{{ 'a' 'b' "c" }} {{ 'it\'s' }} {{ "tab\tnl\\n" }} {{ '\x41\u00e9\101\q' }}
{{ [1, 'a', none, true, 2.5, [1], (1,), {'k': "v's"}] }} {{ () }} {{ (1, 2) }} {{ {} }} {{ [] }}
{{ ['a"b', "it's", 'both\'"', '\n\t\x00\u200b', 'é'] }}
{{ 'abcdef'[1] }} {{ 'abcdef'[-1] }} {{ 'abcdef'[1:3] }} {{ 'abcdef'[::-1] }} {{ 'abcdef'[-3:] }} {{ 'abcdef'[4:1:-2] }} {{ 'abc'[10:] }} {{ 'abc'[-10:2] }}
{{ [1,2,3,4][1:] }} {{ [1,2,3,4][::2] }} {{ [1,2,3][::-1] }} {{ (1,2,3)[:2] }} {{ [1,2,3][5] }}|{{ 'abc'[5] }}|{{ {}['x'] }}|{{ {}.x }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' < 'b' }} {{ [1,2] < [1,3] }} {{ 1 == 1.0 }} {{ true == 1 }} {{ 'a' == 1 }} {{ none == none }}
{{ 'a' in 'abc' }} {{ 'x' not in 'abc' }} {{ 1 in [1] }} {{ 'k' in {'k': 1} }} {{ not 1 in [1] }} {{ 2 in (1, 2) }}
{{ 1 and 0 }} {{ 0 or 'x' }} {{ not '' }} {{ '' or none }} {{ 'a' if true }} {{ 'a' if false }} {{ 'a' if false else 'b' if false else 'c' }}
{{ 'a' ~ 1 ~ none ~ true ~ 1.5 ~ undefined_name }} {{ 'ab' * 3 }} {{ [1] * 2 + [3] }} {{ 2 * 'x' }}
{{ true + 1 }} {{ true|int }} {{ 'x' is defined }} {{ y is defined }} {{ y is undefined }} {{ y is not defined }}
{{ none is none }} {{ 1 is number }} {{ true is number }} {{ 1.5 is float }} {{ 1 is integer }} {{ true is integer }} {{ true is boolean }} {{ 'a' is string }}
{{ [] is sequence }} {{ {} is mapping }} {{ 'a' is iterable }} {{ 1 is iterable }} {{ 'a' is sequence }} {{ {}.items() is sequence }} {{ y is iterable }}
{{ true is true }} {{ 1 is true }} {{ false is false }} {{ 3 is odd }} {{ 4 is even }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(2) }} {{ 'a' is eq 'a' }} {{ 1 is ne 2 }}
{{ 3 is gt 2 }} {{ 3 is lessthan 2 }} {{ 1 is in [1, 2] }} {{ 'A' is upper }} {{ 'a1' is lower }} {{ range is callable }} {{ 'x' is callable }} {{ 5 is sameas 5 }}
{{ 'Hello World'|upper }} {{ 'Hello'|lower }} {{ 'hello wORLD foo-bar (baz)'|title }} {{ 'hELLO'|capitalize }} {{ "it's".title() }} {{ 'ǆ ß ŉ'.title() }} {{ 'straße ΣΑΣ'.upper() }} {{ 'ΟΔΟΣ ΟΣ.'.lower() }} {{ 'ŉa'|capitalize }}
[{{ '  x '|trim }}] [{{ 'xxaxx'|trim('x') }}] [{{ ' a '.strip() }}] [{{ 'aab'.lstrip('a') }}] [{{ 'abb'.rstrip('b') }}] [{{ '\x1c a\u3000'|trim }}]
{{ [1,2,3]|join }} {{ [1,2,3]|join(', ') }} {{ 'abc'|join('-') }} {{ [{'a':1},{'a':2}]|join('+', attribute='a') }} {{ ','.join(['x','y']) }}
{{ y|default('d') }} {{ ''|default('d') }} {{ ''|default('d', true) }} {{ none|default('d') }} {{ 0|d('z', boolean=true) }} {{ y|d }}
{{ [1,2,3]|first }} {{ [1,2,3]|last }} {{ 'abc'|first }} {{ []|first }} {{ []|last }} {{ [3,1,2]|sort }} {{ ['b','A','c']|sort }} {{ ['b','A','c']|sort(case_sensitive=true) }} {{ [1,3,2]|sort(reverse=true) }}
{{ [{'n':'b','i':1},{'n':'a','i':2},{'n':'B','i':0}]|sort(attribute='n')|map(attribute='i')|list }} {{ [{'n':'b','i':1},{'n':'a','i':2},{'n':'B','i':0}]|sort(attribute='n,i')|map(attribute='i')|join }}
{{ 'abc'|length }} {{ [1,2]|count }} {{ {'a':1}|length }} {{ y|length }} {{ 'é👍'|length }} {{ 'abc'|list }} {{ {'a':1,'b':2}|list }} {{ {'a':1}|items|list }} {{ {'b':1,'A':2}|dictsort }} {{ {'b':1,'A':2}|dictsort(by='value', reverse=true) }}
{{ 'a-b-c'|replace('-', '+') }} {{ 'aaa'|replace('a', 'b', 2) }} {{ 'abc'.replace('', '-') }} {{ 'abc'.replace('b', '') }} {{ 'aaa'.replace('aa', 'b') }} {{ 'abc'.replace('', '-', 2) }}
{{ '42'|int }} {{ ' 42 '|int }} {{ 'x'|int }} {{ 'x'|int(7) }} {{ '3.9'|int }} {{ '0x1f'|int(0, 16) }} {{ 'ff'|int(base=16) }} {{ '1_000'|int }} {{ '2.5'|float }} {{ 'q'|float }} {{ 'q'|float(1.5) }} {{ none|int(3) }} {{ '1e3'|float }}
{{ 2.5|round }} {{ 3.5|round }} {{ 2.675|round(2) }} {{ 2.1|round(0, 'ceil') }} {{ 2.19|round(1, 'floor') }} {{ 42|round }} {{ 2.345|round(precision=1) }}
{{ [1,2,3,4]|select('odd')|list }} {{ [1,2,3,4]|reject('odd')|list }} {{ [0,1,'',2]|select|list }} {{ [{'a':1},{'a':0},{}]|selectattr('a')|list }} {{ [{'a':1},{'a':2}]|rejectattr('a', 'equalto', 1)|list }} {{ [{'a':{'b':1}},{'a':{'b':2}}]|selectattr('a.b', 'gt', 1)|list }} {{ [{}, {'a': none}]|selectattr('a', 'defined')|list }}
{{ ['a','b']|map('upper')|list }} {{ ['a ',' b']|map('trim')|join('|') }} {{ [{'a':1},{}]|map(attribute='a', default='?')|list }} {{ ['x']|map('replace', 'x', 'y')|list }} {{ [[1,2],[3]]|map('length')|list }} {{ [[1,2],[3,4]]|map(attribute=0)|list }}
{{ [1,1,2]|unique|list }} {{ ['a','A','b']|unique|list }} {{ ['a','A']|unique(true)|list }} {{ [1,2]|sum }} {{ [{'a':1},{'a':2}]|sum(attribute='a') }} {{ [3,1]|min }} {{ ['b','A']|max }} {{ []|max }} {{ [1,2,3]|reverse|list }} {{ 'abc'|reverse }}
{{ 'a\nb\n\nc'|indent }} | {{ 'a\nb'|indent(2, true) }} | {{ 'a\n\nb'|indent('> ', blank=true) }} | {{ 'a\n'|indent }}| {{ ''|indent(2, first=true) }}|
{{ {'a': [1, 2.0, none, true], 'b': {'c': "é\"\\\n\u0001</"}}|tojson }} {{ [1, {'a': []}]|tojson(indent=2) }} {{ {'b':1,'a':2}|tojson(sort_keys=true) }} {{ 'é👍\x7f'|tojson(ensure_ascii=true) }} {{ [1,2]|tojson(separators=(',', ':')) }} {{ {}|tojson(indent=2) }} {{ (1,2)|tojson }}
{{ 'a,b,,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ' a b  c '.split(none, 1) }} {{ ' a b  c '.rsplit(none, 1) }} {{ ''.split(',') }} {{ ''.split() }} {{ 'a\nb\r\nc\n'.splitlines() }} {{ 'a\nb'.splitlines(true) }}
{{ 'abc'.startswith('a') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'abcabc'.find('c') }} {{ 'abcabc'.rfind('c') }} {{ 'aaaa'.count('aa') }} {{ 'x'.find('q') }} {{ 'abc'.removeprefix('ab') }} {{ 'abc'.removesuffix('bc') }} {{ 'a=b=c'.partition('=') }} {{ 'a=b=c'.rpartition('=') }} {{ 'abc'.partition('x') }}
{{ '12'.isdigit() }} {{ 'ab'.isalpha() }} {{ 'a1'.isalnum() }} {{ ' '.isspace() }} {{ ''.isdigit() }} {{ '²'.isdigit() }} {{ '½'.isdigit() }} {{ 'A'.isupper() }} {{ 'a'.islower() }}
{{ {'a': 1}.get('a') }} {{ {'a': 1}.get('b') }} {{ {'a': 1}.get('b', 'x') }} {{ {'a': 1}.keys()|list }} {{ {'a': 1}.values()|list }} {% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %} {{ [1,2,1].count(1) }} {{ [5,6].index(6) }}
{% set x = 1 %}{% for i in [1,2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }} {% set ns = namespace(v=0, w='q') %}{% for i in range(4) %}{% set ns.v = ns.v + i %}{% endfor %}{{ ns.v }}{{ ns.w }}{{ ns.missing }}
{% for i in range(3) %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.depth }};{% endfor %}
{% for i in [1,2,3,4] if i is even %}{{ i }}{{ loop.length }}{{ loop.last }}{% endfor %} {% for i in [] %}x{% else %}none{% endfor %} {% for i in [1] if i > 1 %}x{% else %}none{% endfor %} {% for i in y %}x{% else %}u{% endfor %}
{% set ns = namespace(limit=2) %}{% for i in [1,2,3,4] if i <= ns.limit %}{{ i }}{% set ns.limit = 4 %}{% endfor %}
{% for a, b in [(1, 2), [3, 4]] %}{{ a }}{{ b }}{% endfor %} {% for (a, (b, c)) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %} {% for i in [1,1,2] %}{{ loop.changed(i) }}{% endfor %} {% for c in 'ab' %}[{{ c }}]{% endfor %} {% for k in {'a': 1} %}{{ k }}{% endfor %}
{% for i in range(10) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %} {% for i in [1,2] %}{% for j in [1,2,3] %}{% if j == 2 %}{% break %}{% endif %}{{ i }}{{ j }} {{ loop.depth }}{% endfor %}{% endfor %}
{% macro m(a, b='x', c=a) %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(1, c=3) }}{{ m() }} {% macro fact(n) %}{{ 1 if n <= 1 else n * (fact(n - 1)|int) }}{% endmacro %}{{ fact(5) }} {% set g = 'later' %}{% macro h() %}{{ g }}{% endmacro %}{% set g = 'latest' %}{{ h() }}
{% set a, b = 1, 2 %}{{ a }}{{ b }} {% set t %}block {{ a }}{% endset %}[{{ t }}] {% set u | upper | replace('B', 'c') %}abc{% endset %}{{ u }} {% filter upper %}abc{{ a }}{% endfilter %} {% with p = 5, q = a %}{{ p }}{{ q }}{% endwith %}{{ p }}
{% if false %}a{% elif 0 %}b{% elif 'x' %}c{% else %}d{% endif %} {% if not y %}undefined{% endif %} {% set z = 1 if true else 2 %}{{ z }} {% raw %}{{ not }} {% this %}{% endraw %} {# comment {{ x }} #}end
{{ range(5)|list }} {{ range(2, 8, 3)|list }} {{ range(3, 0, -1)|list }} {{ range(3)[1] }} {{ range(3)|length }} {{ dict(a=1, b='c') }} {{ dict({'x': 1}, y=2) }} {{ [1, 2,] }} {{ {'a': 1,} }} {{ [[1, 2], [3]][0][1] }} {{ {'a': {'b': [10, 20]}}.a.b.1 }}
{{ strftime_now('%Y-%m-%d %H:%M:%S %j %A %a %B %b %p %I %y %%') }} {{ {'items': 1, 'x': 2}['items'] }} {{ 'x' | string | length }} {{ 'a b_c d-e'|wordcount }} {{ (1, 2) + (3,) }} {{ 'abc' is string and 1 is number }}
{{ messages[0]['nope'] is defined }} {{ messages[0].nope is none }} {{ (messages | last).role }} {{ messages | map(attribute='role') | list }} {{ messages|selectattr('role', 'in', ['user', 'x'])|list|length }} {{ {'a': 1} == {'a': 1.0} }} {{ [1, 2] == (1, 2) }}
{{ undefined_name.attribute }}
{{ undefined_name + 1 }}
{{ undefined_name() }}
{{ 'a' + 1 }}
{{ 1 / 0 }}
{{ 1 % 0 }}
{{ none|length }}
{{ none.x.y }}
{% for x in none %}{% endfor %}
{% for x in 5 %}{% endfor %}
{{ 1 in 5 }}
{{ 1 in 'abc' }}
{{ 'a' < 1 }}
{{ [1, 'a']|sort }}
{{ [1].append(2) }}
{{ {}.update({'a': 1}) }}
{{ ''.__class__ }}{{ ''.__class__.__mro__ }}
{{ x|nonesuch }}
{{ x is nonesuch }}
{{ 'a'.upper(1) }}
{{ raise_exception('no: ' ~ 1) }}
{% set a, b = [1] %}
{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}
{{ range(1000000)|list }}
{{ messages|selectattr('role')|length }}
{{ 'a' if }}
{{ (1 }}
{% if %}{% endif %}
{% for x in [1] %}
{{ }}
{% endif %}
{{ 'a }}
{{ a b }}
{{ 1 is }}
{{ 'abc'|map('upper')|join }} {{ [1, 2]|map('string')|join('+') }} {{ 5|string ~ 'x' }} {{ -1|abs }} {{ -(1)|abs }} {{ 2 - -1 }} {{ not true == false }} {{ 1 if 0 else 2 ~ 'x' }} {{ 1 ~ 1 * 2 }} {{ 2 * 3 ~ 4 }}
{{ 1 + 1 ~ 2 }}
{{ [1,2,3][-1] }} {{ [1,2,3][:-1] }} {{ [1,2,3][1:2] }} {{ 'x'[0] }} {{ 'hello'[1:-1] }} {{ 'abc'[:] }} {{ [1,2,3][-2:] }} {{ 'abc'[none:2] }}
{{ {"a": 1}["a"] }} {{ {"k": [1, {"z": "deep"}]}.k[1].z }} {{ ("a", "b")[1] }} {{ ("x") }} {{ ("x",) }} {{ [] or 'empty' }} {{ {} or 'none' }} {{ 0.0 or 'zero' }}
{{ {1: 'a', 2.5: 'b', none: 'c', true: 'd', (1, 2): 'e'} }} {{ {1: 'a'}[1] }} {{ {1: 'a'}[1.0] }} {{ {1: 'a'}[true] }} {{ {1: 'a'}['1'] }} {{ {512: 128, 1024: 256}|dictsort }} {{ {1: 2, none: 3, true: 4, 1.5: 5}|tojson }} {{ 1 in {1: 2} }} {{ {0: 'z'}.get(false) }} {{ {1: 'a', 1: 'b'}|length }}
{{ {(1, 2): 3}|tojson }}
{{ y in {'a': 1} }} {{ {'a': 1}.get(y, 'd') }} {{ range in {'a': 1} }} {{ {'a': 1}[y] }} {{ {'a': 1}[[1]] }} {{ {'a': 1}[range] }}
{{ {[1]: 2} }}
{{ {'a': 1}.get([1]) }}
{{ [1] in {'a': 1} }}
{{ 'a{}b{}'.format(1, 'x') }} {{ '{0}{1}{0}'.format('a', 'b') }} {{ '{a}-{b}'.format(a=1, b=none) }} {{ '{{}}{}'.format('x') }} {{ '{0[1]}{1.role}{1[role]}'.format([1, 2], messages[0]) }} {{ '{!r}|{!s}'.format('é\n', 'x') }} {{ '{}'.format([1, 'a', {'k': none}]) }}
[{{ '{:>6}|{:<6}|{:^6}|{:*^7}|{:.2}|{:>6.2}'.format('ab', 'ab', 'ab', 'ab', 'abcd', 'abcd') }}] [{{ '{:5}|{:05}|{:+}|{: }|{:,}|{:_}|{:x}|{:#x}|{:X}|{:b}|{:#o}|{:c}|{:<5}|{:^5}'.format(42, 42, 42, 42, 1234567, 1234567, 255, 255, 255, 5, 8, 97, 42, 42) }}] [{{ '{:.2f}|{:8.3f}|{:e}|{:.1%}|{:g}|{:G}|{:,.2f}|{:+.1f}|{:08.2f}|{:.0f}'.format(3.14159, 2.5, 12345.678, 0.256, 0.00001, 1e20, 1234567.891, 2.25, -3.14159, 2.5) }}] {{ '{:{}}|'.format('x', 4) }} {{ '{:d}{}{:>6}'.format(true, true, false) }} {{ '{:f}'.format(3) }} {{ '{}'.format(undefined_name) }}
{{ '{'.format(1) }}
{{ '}'.format(1) }}
{{ '{} {0}'.format(1) }}
{{ '{2}'.format(1) }}
{{ '{x}'.format(1) }}
{{ '{:d}'.format('a') }}
{{ '{:x}'.format(1.5) }}
{{ '{:5}'.format(none) }}
{{ '{:.2d}'.format(1) }}
{{ '{0.__class__}'.format('a') }}
{{ '%s and %s' % ('a', 1) }} {{ 'v: %s' % 'x' }} {{ '%d%%' % 5 }} {{ '%5d|%-5d|%05d|%+d|% d|%x|%X|%o|%#x|%c|%i|%.3d' % (42, 42, 42, 42, 42, 255, 255, 8, 255, 'z', 3.9, 7) }} {{ '%.2f|%8.3f|%e|%g|%-8.1f|%08.2f|%+.1f' % (3.14159, 2.5, 12345.678, 0.00001, 2.25, -3.14159, 1) }} {{ '%(a)s-%(b)05.1f' % {'a': 'x', 'b': 2} }} {{ '%r' % 'é\n' }} {{ '%5s|%-5s|%.1s|%05s' % ('ab', 'ab', 'ab', 'ab') }} {{ '%s' % none }} {{ '%s' % [1, 'a'] }} {{ 'none' % [] }} {{ '%s' % undefined_name }} {{ '100%%' % () }} {{ '%s %s'|format('a', 2) }} {{ '%(k)s'|format(k='v') }} {{ 'x %d'|format(true) }} {{ 7 % 4 ~ 'x' }}
{{ '%s %s' % 'a' }}
{{ 'a' % 1 }}
{{ '%s' % (1, 2) }}
{{ '%d' % 'a' }}
{{ '%z' % 1 }}
{{ '%' % 1 }}
{{ '%x' % 1.5 }}
{{ '%(a)s' % {} }}
{% macro box(title) %}[{{ title }}: {{ caller() }}]{% endmacro %}{% call box('t') %}inner {{ 1 + 1 }}{% endcall %} {% macro each(items) %}{% for i in items %}{{ caller(i, loop.index) }};{% endfor %}{% endmacro %}{% call(x, n=9) each(['a', 'b']) %}{{ x }}{{ n }}{% endcall %} {% set v = 'outer' %}{% call box(v) %}{{ v }}{% set v = 'inner' %}{{ v }}{% endcall %}{{ v }}
{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}
{% macro outer() %}<{{ caller() }}>{% endmacro %}{% macro wrap() %}{% call outer() %}{{ caller() }}{% endcall %}{% endmacro %}{% call wrap() %}deep{% endcall %}
{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}
{% call 5 %}{% endcall %}
{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}
{% macro v(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ v(1, 2, 3, k='x') }} {{ v() }} {% macro f(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ f(*[1, 5]) }} {{ f(**{'a': 1, 'b': 3}) }} {{ f(*[1], **{'b': 4}) }} {{ f(7, *[8]) }} {{ dict(y=2, **{'x': 1}) }}
{{ dict(**{'x': 1}, y=2) }}
{{ dict(**5) }}
{% macro f(a) %}{% endmacro %}{{ f(1, **{'a': 2}) }}
{% for x in [{'n': 1, 'c': [{'n': 2, 'c': [{'n': 3}]}]}, {'n': 4}] recursive %}{{ loop.depth }}{{ loop.depth0 }}:{{ x.n }}{% if x.c %}({{ loop(x.c) }}){% endif %}{{ ',' if not loop.last }}{% else %}none{% endfor %} {% for x in [1, [2, [3]]] recursive %}{% if x is number %}{{ x }}{% else %}<{{ loop(x) }}>{% endif %}{% endfor %}
{% for x in [1] %}{{ loop([2]) }}{% endfor %}
{% for x in [[1]] recursive %}{{ loop() }}{% endfor %}
{{ '<b>'|safe + '<i>' }} {{ '<i>' + '<b>'|safe }} {{ '<b>'|safe ~ '<i>' }} {{ "<a href='x'>&\"</a>"|e }} {{ '<'|e|e }} {{ '<'|e|forceescape }} {{ ('<'|safe)|upper + '<' }} {{ '%s<'|safe % '<' }} {{ ('{}<'|safe).format('<') }} {{ (','|safe).join(['<', '>']) }} {{ ['<', '>']|join(','|safe) }} {{ ('a-'|safe).replace('-', '<') }} {{ ('<a'|safe)[1:] + '<' }} {{ ('<'|safe)|string + '<' }} {{ ('<'|safe) * 2 + '<' }} {{ '<' is escaped }} {{ '<'|safe is escaped }} {{ ('<'|safe)|title + '<' }} {{ ('<'|safe)|trim + '<' }} {{ ('<a<'|safe).strip('<') + '<' }} {{ ('<'|safe)|replace('a', 'b') + '<' }} {{ ('a<'|safe)|list|last + '<' }} {{ ('a b'|safe).split()[0] + '<' }} {{ {'a': '<'}|tojson|safe + '"' }} {{ ('<'|safe) == '<' }} {{ ('<'|safe)|first + '<' }} {{ ('a'|safe)|indent + '<' }} {{ '<'|safe|reverse + '<' }}
{{ '<'|safe + 1 }}
{{ [{'k': 'b', 'v': 1}, {'k': 'a', 'v': 2}, {'k': 'B', 'v': 3}]|groupby('k') }} {% for g in [{'k': 'b', 'v': 1}, {'k': 'a', 'v': 2}]|groupby('k') %}{{ g.grouper }}{{ g.list|length }}{{ g[0] }}{% for x in g.list %}{{ x.v }}{% endfor %}{% endfor %} {% for k, items in [{'k': 1}, {}]|groupby('k', default=0) %}{{ k }}{{ items }}{% endfor %}
{{ [1, 2, 3, 4, 5]|batch(2)|list }} {{ [1, 2, 3]|batch(2, 'x')|list }} {{ range(7)|slice(3)|list }} {{ range(6)|slice(4, '-')|list }} {{ 'hello world foo'|truncate(11) }} {{ 'hello world foo bar'|truncate(11) }} {{ 'hello world foo bar'|truncate(11, true) }} {{ 'hello world foo bar'|truncate(9, end='!', leeway=0) }} [{{ 'ab'|center(7) }}] [{{ 'abc'|center(6) }}] {{ 'a b/é?&='|urlencode }} {{ {'a b': 'c/d', 'n': 1}|urlencode }}
[{{ 'ab'.center(5, '*') }}{{ 'abc'.center(6) }}{{ 'a'.ljust(3, '.') }}{{ 'a'.rjust(3) }}{{ '-5'.zfill(4) }}{{ 'abc'.zfill(2) }}] {{ 'aBc ß'.swapcase() }} {{ 'abcabc'.find('c', 3) }} {{ 'abcabc'.rfind('a', 0, 3) }} {{ 'abcabc'.count('a', 1) }} {{ 'abc'.startswith('b', 1) }} {{ 'abc'.endswith('b', 0, 2) }} {{ 'abc'.find('', 3) }} {{ 'abc'.find('', 4) }} {{ 'abc'.index('b') }} {{ 'a1²½'.isnumeric() }} {{ '1²'.isdecimal() }} {{ '12'.isdecimal() }} {{ 'é'.isascii() }} {{ ''.isascii() }}
{{ 'abc'.index('x') }}
{{ none|selectattr('x')|list }} {{ none|map('upper')|list }} {{ 0|reject|list }} {{ ''|select|list }} {{ (1, 2) * 2 }} {{ 'trim' is filter }} {{ 'x' is filter }} {{ 'defined' is test }} {{ 'x' is test }}
{{ 5|map('upper')|list }}
{% if false %}{{ x|nonesuch }}{% endif %}{{ (x|nonesuch) if false else 'ok' }}{% if true %}{{ (1 is nonesuch) if false }}{% endif %}ok
{% if false %}{% for i in [] %}{{ x|nonesuch }}{% endfor %}{% endif %}
{% for i in [] %}{{ x|nonesuch }}{% endfor %}
{% macro unused() %}{{ x is nonesuch }}{% endmacro %}ok
{% set x = 1 if false else (2|nonesuch) %}
{% if x|nonesuch %}{% endif %}ok
{% if false %}{% elif false and 1|nonesuch %}{% endif %}ok
{{ 1 is nonesuch if false }}
{% generation %}a{% set inner = 1 %}{{ inner }}{% endgeneration %}{{ inner is defined }} {% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.role }}{% endif %}{% endfor %}
"""

BLOCKS = [
    "a\n  {% if true %}\n    b\n  {% endif %}\nc\n", "a {% if true %} b {% endif %} c", "a\n{%- if true -%}\n b \n{%- endif -%}\n c",
    "  {%+ if true %}x{%+ endif %}\ny", "{% if true +%}\nx{% endif %}", "x\n\n{% set a = 1 %}\n\n{{ a }}\n\n", "  {{ 1 }}\n  {{- 2 }}\n {{ 3 -}}  \n 4",
    "{# c #}\nx\n  {# d #}  \ny {#- e -#} z", "{% raw %}\n {{ x }} \n{% endraw %}\ny", " {%- raw -%} {% if %} {%- endraw -%} z", "a\r\nb\rc{% if true %}\r\nd{% endif %}",
    "\n\n", "\n", "", "x\n", "{{ '}}' }}{{ \"{{\" }}{{ {'a': {'b': 1}} }}", "{%- for i in [1, 2] %}\n  - {{ i }}\n{%- endfor %}\n", "a\t {% set x = 1 %}b",
    "\u00a0{% set x = 1 %}b", "{% for i in [1,2] -%}\n\n {{ i }}\n{% endfor %}end", "{{- 1 -}}\n{{+ 2 }}", "{ { }} %} #} {% if true %}{ %}{% endif %}", "{%if true%}{%endif%}{{1}}{{-1}}",
    "line {% if true %}\n{% endif %} tail\n   {% if true %} x\n   {% endif %}\n", "{% set s %}\n a \n{% endset %}[{{ s }}]", "{#-#}x{# #}\n{#- -#}\ny",
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fixtures", type=pathlib.Path, required=True)
    parser.add_argument("--model")
    options = parser.parse_args()
    if options.model:
        import gguf
        own = gguf.GGUFReader(options.model).get_field("tokenizer.chat_template").contents()
        assert own == SMOLLM2, "the model's template is another one"
    env = environment()
    templates = []
    for name, source in TEMPLATES.items():
        templates.append({"name": name, "source": source, "cases": cases(env, source, CONVERSATIONS, EXTRA)})
    snippets = []
    for source in SNIPPETS.strip().split("\n") + BLOCKS:
        snippets.append([source, *render(env, source, CONVERSATIONS["multi"], True, {})])
    value = {"conversations": {k: ordered(v) for k, v in CONVERSATIONS.items()},
             "extra": {k: ordered(v) for k, v in EXTRA.items()}, "templates": templates, "snippets": snippets}
    path = options.fixtures / "templates.json"
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    outcomes = [c["expected"] is not None for t in templates for c in t["cases"]]
    print(path, path.stat().st_size, "bytes;", sum(outcomes), "prompts,", len(outcomes) - sum(outcomes), "refusals;",
          sum(s[1] is not None for s in snippets), "of", len(snippets), "snippets render")


if __name__ == "__main__":
    main()
