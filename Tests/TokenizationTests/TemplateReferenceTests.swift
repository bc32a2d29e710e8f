import Testing
import Tokenization

/// Prompts against the reference implementation's, from a fixture.
@Suite struct TemplateReferenceTests {
    private let fixture: TemplateFixture

    init() throws { fixture = try Fixtures.committed("templates.json") }

    private enum Outcome: Equatable {
        case text(String)
        case refused(String)
        case failed
    }

    private func outcome(
        _ source: String, _ messages: [TemplateValue], generate: Bool, extra: TemplateObject
    ) -> (Outcome, [TextSegment], String) {
        do {
            let template = try ChatTemplate(source: source)
            let segments = try template.render(
                messages: messages, addGenerationPrompt: generate, bosToken: "<s>", eosToken: "</s>", extra: extra,
                now: TemplateFixture.now)
            return (.text(segments.map(\.text).joined()), segments, "")
        } catch let error {
            return (error.code == .templateRefusal ? .refused(error.message) : .failed, [], error.description)
        }
    }

    private func wanted(_ expected: String?, _ refused: String?) -> Outcome {
        if let expected { return .text(expected) }
        guard let refused, !refused.isEmpty else { return .failed }
        return .refused(refused)
    }

    @Test func familiesMatchReference() throws {
        #expect(fixture.templates.count >= 11)
        for template in fixture.templates {
            #expect(template.cases.count >= 8)
            for item in template.cases {
                let (outcome, segments, error) = outcome(
                    template.source, fixture.messages(item.conversation), generate: item.generate,
                    extra: fixture.extra(item.conversation))
                #expect(
                    outcome == wanted(item.expected, item.refused),
                    "\(template.name), \(item.conversation), generate: \(item.generate) \(error)")
                #expect(segments.allSatisfy { !$0.text.isEmpty })
                #expect(zip(segments, segments.dropFirst()).allSatisfy { $0.isUserText != $1.isUserText })
            }
        }
    }

    @Test func snippetsMatchReference() throws {
        #expect(fixture.snippets.count > 100)
        for snippet in fixture.snippets {
            let (outcome, _, error) = outcome(
                snippet.source, fixture.messages("multi"), generate: true, extra: TemplateObject())
            #expect(outcome == wanted(snippet.expected, snippet.refused), "\(snippet.source) \(error)")
        }
    }
}
