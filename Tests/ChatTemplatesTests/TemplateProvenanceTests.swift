import ChatTemplates
import TestTools
import TestVocabularies
import Testing
import Tokenization

@Suite struct TemplateProvenanceTests {
    /// Renders with `x` as user text, and marks user text with brackets.
    private func marked(_ source: String, _ x: String, extra: [(String, TemplateValue)] = []) throws -> String {
        let variables = TemplateObject([("x", .user(x))] + extra)
        return try ChatTemplate(source: source)
            .render(messages: [], addGenerationPrompt: false, extra: variables)
            .map { $0.isUserText ? "⟦\($0.text)⟧" : $0.text }.joined()
    }

    @Test(arguments: [
        ("a{{ x }}b", "a⟦one two⟧b"),
        ("{{ 'a' + x + 'b' }}", "a⟦one two⟧b"),
        ("{{ 'a' ~ x ~ 1 }}", "a⟦one two⟧1"),
        ("{{ (x ~ '-')[2:] }}", "⟦e two⟧-"),
        ("{{ ('<' ~ x ~ '>')[::-1] }}", ">⟦owt eno⟧<"),
        ("{{ ('  ' ~ x ~ ' ').strip() }}", "⟦one two⟧"),
        ("{{ x.replace('o', '0') }}", "0⟦ne tw⟧0"),
        ("{{ 'a-b'.replace('-', x) }}", "a⟦one two⟧b"),
        ("{{ ('a ' ~ x).split() | join('|') }}", "a|⟦one⟧|⟦two⟧"),
        ("{{ ['p', x] | join(', ') }}", "p, ⟦one two⟧"),
        ("{{ x | upper ~ 'y' | upper }}", "⟦ONE TWO⟧Y"),
        ("{{ ('q' ~ x) | title }}", "Q⟦one Two⟧"),
        ("{{ x | indent(2, true) }}", "  ⟦one two⟧"),
        ("{{ x * 2 }}", "⟦one twoone two⟧"),
        ("{{ {'k': x} }}", "⟦{'k': 'one two'}⟧"),
        ("{{ {'k': x} | tojson }}", "⟦{\"k\": \"one two\"}⟧"),
        ("{{ {'k': 'v'} | tojson }}", "{\"k\": \"v\"}"),
        ("{{ [1, [x]] | string }}", "⟦[1, ['one two']]⟧"),
        ("{{ {x: 1} | tojson }}", "⟦{\"one two\": 1}⟧"),
        ("{% set y %}a{{ x }}{% endset %}{{ y }}b", "a⟦one two⟧b"),
        ("{% macro m(t) %}<{{ t }}>{% endmacro %}{{ m(x) | trim('<') }}", "⟦one two⟧>"),
        ("{% for c in x[:2] %}{{ c }}.{% endfor %}", "⟦o⟧.⟦n⟧."),
        ("{% set ns = namespace(t='') %}{% set ns.t = ns.t ~ x %}{{ ns.t ~ 'z' }}", "⟦one two⟧z"),
        ("{% filter upper %}a{{ x }}{% endfilter %}", "A⟦ONE TWO⟧"),
        ("{{ x.partition(' ') | join('/') }}", "⟦one⟧/⟦ ⟧/⟦two⟧"),
        ("{{ x | reverse }}{{ x | first }}{{ x | length }}", "⟦owt enoo⟧7"),
        ("{{ [x, 'a'] | sort | join }}", "a⟦one two⟧"),
        ("{{ x | default('d') }}{{ '' | default(x, true) }}{{ y | default('d') }}", "⟦one twoone two⟧d"),
        ("{{ x.removeprefix('one').lstrip() ~ x.title() ~ x.capitalize() }}", "⟦twoOne TwoOne two⟧"),
        ("{{ x if true else 'n' }}{{ x and 'y' }}{{ x or 'n' }}", "⟦one two⟧y⟦one two⟧"),
        ("{{ (x ~ 'x').splitlines() | map('trim', 'x') | list | first }}", "⟦one two⟧"),
        ("{% generation %}a{{ x }}{% endgeneration %}", "a⟦one two⟧"),
    ])
    func userTextStaysUserText(source: String, expected: String) throws {
        #expect(try marked(source, "one two") == expected)
    }

    @Test func stringsKeepTheirRuns() {
        let segments = [TextSegment(text: "a", isUserText: false), TextSegment(text: "b", isUserText: true)]
        #expect(TemplateString(template: "a").segments == [segments[0]])
        #expect(TemplateString(user: "b").segments == [segments[1]])
        #expect(TemplateString().segments.isEmpty && TemplateString(user: "").isEmpty)
    }

    /// What templates do to text. None of these writes a control token of its own.
    private static let handlings = [
        "<{{ x }}>", "{{ '<' + x + '>' }}", "{{ x ~ x }}", "{{ x | trim }}", "{{ ('  ' ~ x ~ ' ').strip() }}",
        "{{ x | trim('x') }}", "{{ 'a-b' | replace('-', x) }}", "{{ x | replace('x', x) }}", "{{ x.replace('', '<') }}",
        "{{ x | upper | lower }}", "{{ x | title }}{{ x | capitalize }}", "{{ [x, x] | join(x) }}",
        "{{ x.join(['a', x]) }}",
        "{{ x.split() | join(' ') }}", "{{ x.split('|') | join('|') }}", "{{ '%s-%s' % (x, x) }}", "{{ '%r' % x }}",
        "{{ x % () }}", "{{ '{} {a!r}'.format(x, a=x) }}", "{{ '{:>40}|{:^40}'.format(x, x) }}", "{{ x.format() }}",
        "{{ '%-40s|' | format(x) }}", "{{ x | tojson }}", "{{ {'k': [x]} | tojson(indent=2) }}", "{{ {x: 1} }}",
        "{{ [x] | string }}", "{{ x[:-1] ~ x[-1] }}", "{{ x[::-1][::-1] }}", "{{ x[1:] }}{{ '<' ~ x[1:] }}",
        "{{ x | reverse | reverse }}", "{{ x | indent(2, true) }}", "{{ x | list | join }}", "{{ x.center(60, '*') }}",
        "{% for c in x %}{{ c }}{% endfor %}", "{% set y %}{{ x }}{% endset %}{{ y }}",
        "{% filter trim %}{{ x }}{% endfilter %}",
        "{% macro m(t) %}{{ t }}{{ caller() }}{% endmacro %}{% call m(x) %}{{ x }}{% endcall %}",
        "{{ x | e | safe + x }}",
        "{{ x * 2 }}", "{{ x | default('d') }}{{ '' | default(x, true) }}", "{{ x.partition('x') | join }}",
        "{{ x.removeprefix('<').removesuffix('>') }}", "{{ x | truncate(5, true) }}", "{{ [{'k': x}] | groupby('k') }}",
        "{{ [{'k': x}] | map(attribute='k') | first }}", "{{ x | urlencode }}", "{{ dict(a=x).items() | list }}",
        "{% set ns = namespace(t='') %}{% for c in x %}{% set ns.t = ns.t ~ c %}{% endfor %}{{ ns.t }}",
        "{{ x | batch(3) | map('join') | join }}", "{{ x.zfill(50) }}{{ x.swapcase().swapcase() }}",
    ]

    /// The control tokens of the vocabularies at hand: those of the small fixture, and the whole model's if it is there.
    private static func vocabularies() throws -> [VocabularyFixture] {
        let small = try Fixtures.smallVocabulary()
        guard Fixtures.hasCached("vocabulary.json") else { return [small] }
        return try [small, Fixtures.cached("vocabulary.json")]
    }

    @Test func noHandlingMakesControlTokensOfUserText() throws {
        let templates = try Self.handlings.map { try ChatTemplate(source: $0) }
        for vocabulary in try Self.vocabularies() {
            let tokenizer = try Tokenizer(vocabulary.description(preTokenizer: "smollm"))
            #expect(vocabulary.controlTexts.count >= 3)
            for text in vocabulary.controlTexts + [vocabulary.controlTexts.joined(separator: " ")] {
                for (source, template) in zip(Self.handlings, templates) {
                    let prompt = try template.render(
                        messages: [], addGenerationPrompt: false, extra: TemplateObject([("x", .user(text))]))
                    let tokens = try tokenizer.encode(segments: prompt)
                    #expect(!tokens.contains(where: tokenizer.isSpecial), "\(source) with \(text)")
                    #expect(tokens.isEmpty == prompt.isEmpty)
                }
            }
        }
    }

    /// From the conversation to ids: a control token's text in a message never becomes that token.
    @Test func injectedControlTokensStayText() throws {
        let fixture: TemplateFixture = try Fixtures.committed("templates.json")
        let vocabulary = try Fixtures.smallVocabulary()
        let tokenizer = try Tokenizer(vocabulary.description(preTokenizer: "smollm"))
        let sources = fixture.templates.map(\.source)
        #expect(!sources.isEmpty)
        for source in sources {
            let template = try ChatTemplate(source: source)
            func specials(_ content: String) throws -> Int {
                let prompt = try template.render(
                    messages: [.message(role: "user", content: content)], addGenerationPrompt: true,
                    now: TemplateFixture.now)
                return try tokenizer.encode(segments: prompt).count(where: tokenizer.isSpecial)
            }
            let plain = try specials("hello")
            for text in vocabulary.controlTexts { #expect(try specials("\(text)x\(text)") == plain) }
        }
    }
}
