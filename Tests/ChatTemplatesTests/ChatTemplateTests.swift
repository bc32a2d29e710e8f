import ChatTemplates
import Testing
import Tokenization

@Suite struct ChatTemplateTests {
    private func text(_ source: String, limits: TemplateLimits = TemplateLimits(), now: TemplateDate? = nil) throws
        -> String
    {
        try ChatTemplate(source: source, limits: limits)
            .render(messages: [.message(role: "user", content: "hi")], addGenerationPrompt: true, now: now)
            .map(\.text).joined()
    }

    private func code(_ source: String, limits: TemplateLimits = TemplateLimits()) -> ChatTemplateError.Code? {
        do {
            _ = try text(source, limits: limits)
            return nil
        } catch let error {
            return (error as? ChatTemplateError)?.code
        }
    }

    @Test func refusalCarriesTheTemplatesMessage() throws {
        let template = try ChatTemplate(
            source: "{% if messages|length < 2 %}{{ raise_exception('too few') }}{% endif %}")
        let refusal = ChatTemplateError(.refusal, "too few")
        #expect(throws: refusal) { try template.render(messages: [], addGenerationPrompt: false) }
    }

    @Test func errorsNameTheLine() {
        #expect(throws: ChatTemplateError(.syntax, "line 3: expected a value, found '}}'")) {
            try text("a\n\n{{ 1 + }}")
        }
        #expect(throws: ChatTemplateError(.failure, "line 2: 'nope' is undefined")) {
            try text("a\n{{ nope.x }}")
        }
    }

    @Test(arguments: [
        "{% include 'x' %}", "{% import 'x' as y %}", "{% extends 'x' %}", "{% block b %}{% endblock %}",
        "{% call m %}{% endcall %}", "{% call m() %}", "{{ f(**a, b) }}", "{{ f(*a, *b) }}", "{{ f(*a, b) }}",
        "{{ 'a' | striptags }}", "{{ 1 is nonesuch }}",
        "{% break %}", "{% endfor %}", "{% if 1 %}", "{{ 'a' }", "{{ [1 }}", "{# a", "{% raw %}a", "{% set none = 1 %}",
        "{{ 99999999999999999999 }}", "{{ a.1.b. }}", "{{ x[1:2:3:4] }}", "{{ x[] }}",
        "{% macro m(a=1, b) %}{% endmacro %}",
        "{{ '\\ud800' }}", "{{ 'a\\", "{{ $ }}",
    ])
    func refusesWhatItDoesNotKnow(source: String) {
        #expect(code(source) == .syntax)
    }

    @Test(arguments: [
        "{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}", "{{ 2 ** 64 }}",
        "{{ (-9223372036854775807 - 1) // -1 }}", "{{ 9223372036854775807 * 2 }}",
        "{{ (-9223372036854775807 - 1) | abs }}",
        "{{ 1 // 0 }}", "{{ 1.0 % 0 }}", "{{ 0 ** -1 }}", "{{ 'a' % 1 }}", "{{ {[]: 2} }}", "{{ namespace() }}",
        "{{ strftime_now('%Y') }}", "{{ 1.5 | round(400) }}", "{{ messages.__class__.x }}",
        "{{ '%d' % 1e300 }}", "{{ '%c' % -1 }}", "{{ '{:c}'.format(55296) }}",
    ])
    func failsWithoutTrapping(source: String) {
        #expect(code(source) == .failure)
    }

    @Test func stepsAreBounded() {
        #expect(code("{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}") == .limit)
        let two = "{% for i in range(20) %}{{ i }}{% endfor %}"
        #expect(code(two, limits: TemplateLimits(steps: 30)) == .limit)
        #expect(code(two, limits: TemplateLimits(steps: 300)) == nil)
    }

    @Test func sizesAreBounded() {
        let grow = "{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}"
        #expect(code(grow) == .limit)
        #expect(code("{{ 'a' * 9223372036854775807 }}") == .limit)
        #expect(code("{{ ['a'] * 9223372036854775807 }}") == .limit)
        #expect(code("{{ ('a' * 1000000).replace('a', 'b' * 1000000) }}") == .limit)
        #expect(code("{{ range(9223372036854775807) }}") == .limit)
        for field in [
            "'{:99999999999999999999}'.format(1)", "'%99999999999s' % 1", "'%.99999999d' % 1", "'{:.999f}'.format(1.5)",
        ] {
            #expect(code("{{ \(field) }}") == .limit, "\(field)")
        }
        for call in ["'a'.center(9223372036854775807)", "'a' | center(99999999999)", "'1'.zfill(9999999999)"] {
            #expect(code("{{ \(call) }}") == .limit, "\(call)")
        }
        #expect(code("{{ 'é' * 6 }}", limits: TemplateLimits(outputBytes: 12)) == nil)
        #expect(code("{{ 'é' * 6 }}x", limits: TemplateLimits(outputBytes: 12)) == .limit)
        #expect(code("{% set t %}{{ 'é' * 7 }}{% endset %}", limits: TemplateLimits(outputBytes: 12)) == .limit)
    }

    /// What is referred to twice is printed, compared and searched twice: a few lines can mean more than there is memory.
    @Test func sharedValuesAreBounded() {
        let start = "{% set ns = namespace(x=['a'], y=['a']) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}"
        for rest in ["", "{{ ns.x }}", "{% set ns.y = [ns.y, ns.y] %}{{ ns.x == ns.y }}", "{{ ns.x | tojson }}"] {
            #expect(code(start + rest + "{% endfor %}") == .limit, "\(rest)")
        }
        #expect(code("{% set s = 'a' * 1000000 %}{{ ([s] * 100000) | string | length }}") == .limit)
        #expect(code("{% set s = 'a' * 1000000 %}{{ dict(**{'a': s, 'b': [s] * 1000}) | tojson }}") == .limit)
        let wide = "{% set s = ['a' * 1000] * 10000 %}{% for i in range(9999) %}"
        #expect(code(wide + "{% if s == s[::-1] %}{% endif %}{% endfor %}") == .limit)
        #expect(code(wide + "{% if 'b' in s %}{% endif %}{% endfor %}") == .limit)
        #expect(code(wide + "{% if s | string %}{% endif %}{% endfor %}") == .limit)
    }

    @Test func depthIsBounded() {
        func repeated(_ open: String, _ middle: String, _ close: String, _ count: Int = 100_000) -> String {
            String(repeating: open, count: count) + middle + String(repeating: close, count: count)
        }
        for (open, close) in [
            ("(", ")"), ("[", "]"), ("not ", ""), ("- ", ""), ("dict(a=", ")"), ("x[", "]"), ("{'a':", "}"),
        ] {
            #expect(code("{{ " + repeated(open, "1", close) + " }}") == .limit, "\(open)")
        }
        for link in [".a", "+1", "|string", "[0]", "()", " or 1", " and 1", " if 0 else 1", "**1"] {
            #expect(code("{{ x" + repeated(link, "", "") + " }}") == .limit, "\(link)")
        }
        #expect(code(repeated("{% if 1 %}", "x", "{% endif %}")) == .limit)
        #expect(code("{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(0) }}") == .limit)
        #expect(code("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}") == .limit)
        #expect(
            code("{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}") == .limit)
        let start = "{% set ns = namespace(x=1) %}{% for i in range(50000) %}"
        #expect(code(start + "{% set ns.x = [ns.x] %}{% endfor %}") == .limit)
        #expect(code(start + "{% set ns.x = ns.x | default | map('string') %}{% endfor %}") != nil)
        #expect(code(start + "{% set ns.x = namespace(x=ns.x) %}{% endfor %}") == nil)
        #expect(code(start + "{% for j in [ns.x] %}{% set ns.x = loop %}{% endfor %}{% endfor %}") == .limit)
        var nested = TemplateValue.null
        for _ in 0..<200 { nested = .array([nested]) }
        let given = nested
        #expect(throws: ChatTemplateError.self) {
            try ChatTemplate(source: "x").render(messages: [given], addGenerationPrompt: false)
        }
    }

    @Test func datesAreTheCallers() throws {
        let source = "{{ strftime_now('%A %-d %e %B %Y, %j, %a %b %I%p %y %F %T %D %R %w') }}"
        let date = TemplateDate(year: 2024, month: 2, day: 29, hour: 0, minute: 4, second: 5)
        #expect(
            try text(source, now: date)
                == "Thursday 29 29 February 2024, 060, Thu Feb 12AM 24 2024-02-29 00:04:05 02/29/24 00:04 4")
        let eve = TemplateDate(year: 1999, month: 12, day: 31, hour: 23)
        #expect(try text("{{ strftime_now('%A %j %I%p') }}", now: eve) == "Friday 365 11PM")
        #expect(throws: ChatTemplateError.self) { try text("{{ strftime_now('%Q') }}", now: date) }
        #expect(throws: ChatTemplateError.self) {
            try text("{{ strftime_now('%A') }}", now: TemplateDate(year: 2024, month: 13, day: 1))
        }
    }

    @Test func variablesAreThoseOfTheReference() throws {
        #expect(
            try text("{{ tools is none }}{{ documents is none }}{{ add_generation_prompt }}{{ bos_token }}")
                == "TrueTrueTrue")
        let segments = try ChatTemplate(source: "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ k }}")
            .render(
                messages: [.message(role: "user", content: "hi")], addGenerationPrompt: false, bosToken: "<s>",
                eosToken: "</s>",
                extra: TemplateObject([("k", .integer(1)), ("k", .number(2))]))
        #expect(
            segments == [
                TextSegment(text: "<s>", isUserText: false), TextSegment(text: "hi", isUserText: true),
                TextSegment(text: "</s>2.0", isUserText: false),
            ])
    }
}
