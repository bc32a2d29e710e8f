import ChatTemplates
import TestTools
import Testing

/// Prompts against the reference implementation's, from a fixture.
@Suite struct TemplateReferenceTests {
    private let fixture: TemplateFixture

    init() throws { fixture = try Fixtures.committed("templates.json") }

    @Test func familiesMatchReference() throws {
        #expect(fixture.templates.count >= 11)
        for template in fixture.templates {
            #expect(template.cases.count >= 8)
            for item in template.cases {
                let (outcome, segments, error) = fixture.outcome(
                    of: template.source, item.conversation, generate: item.generate)
                #expect(
                    outcome == TemplateOutcome(item.expected, item.refused),
                    "\(template.name), \(item.conversation), generate: \(item.generate) \(error)")
                #expect(segments.alternate)
            }
        }
    }

    @Test func snippetsMatchReference() throws {
        #expect(fixture.snippets.count > 100)
        for snippet in fixture.snippets {
            let (outcome, _, error) = fixture.outcome(of: snippet.source, "multi", generate: true)
            #expect(outcome == TemplateOutcome(snippet.expected, snippet.refused), "\(snippet.source) \(error)")
        }
    }
}
