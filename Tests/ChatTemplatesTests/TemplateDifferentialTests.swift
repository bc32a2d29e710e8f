import ChatTemplates
import Foundation
import TestTools
import Testing

/// The templates of real models, on conversations of every habit, against the reference's prompts. They are other
/// projects' files, so `make template-check` fetches them.
@Suite struct TemplateDifferentialTests {
    private static let file = "template-check.json"

    @Test(.enabled(if: Fixtures.hasCached(file), "needs TIDEWAY_TEST_CACHE with \(file): make template-check"))
    func realTemplatesMatchReference() throws {
        let fixture: TemplateFixture = try Fixtures.cached(Self.file)
        #expect(fixture.templates.count >= 60 && fixture.conversations.count >= 8)
        for template in fixture.templates {
            #expect(template.cases.count >= 16)
            let wrong = template.cases.compactMap { mismatch($0, of: template, in: fixture) }
            #expect(wrong.isEmpty, "\(template.name): \(wrong.count) differ, such as\n\(wrong.first ?? "")")
        }
    }

    /// Whatever control token's text a message holds, the templates write none of them more often for it.
    @Test(.enabled(if: Fixtures.hasCached(file), "needs TIDEWAY_TEST_CACHE with \(file): make template-check"))
    func controlTokensInMessagesStayUserText() throws {
        let fixture: TemplateFixture = try Fixtures.cached(Self.file)
        let controls = try #require(fixture.controls)
        #expect(controls.count >= 10 && controls.values.allSatisfy { !$0.isEmpty })
        var compared = 0
        for template in fixture.templates {
            guard let chat = try? ChatTemplate(source: template.source) else { continue }
            for (vocabulary, texts) in controls.sorted(by: { $0.key < $1.key }) {
                guard let plain = templateText(of: chat, "hello") else { continue }
                let injected = templateText(of: chat, texts.joined(separator: "x")) ?? ""
                compared += injected.isEmpty ? 0 : 1
                for text in texts {
                    let isInjected = injected.ranges(of: text).count > plain.ranges(of: text).count
                    #expect(!isInjected, "\(template.name), \(vocabulary), \(text)")
                }
            }
        }
        #expect(compared > 500)
    }

    /// What the template itself writes around messages; nil if it refuses.
    private func templateText(of template: ChatTemplate, _ content: String) -> String? {
        try? template.render(
            messages: ["user", "assistant", "user"].map { .message(role: $0, content: content) },
            addGenerationPrompt: true, bosToken: "<s>", eosToken: "</s>", now: TemplateFixture.now
        ).filter { !$0.isUserText }.map(\.text).joined(separator: "\u{0}")
    }

    private func mismatch(
        _ item: TemplateFixture.Case, of template: TemplateFixture.Template, in fixture: TemplateFixture
    ) -> String? {
        let (outcome, segments, error) = fixture.outcome(
            of: template.source, item.conversation, generate: item.generate)
        let wanted = TemplateOutcome(item.expected, item.refused)
        guard outcome != wanted || !segments.alternate else { return nil }
        return "\(item.conversation), generate: \(item.generate), \(error)\nis\n\(outcome)\nnot\n\(wanted)"
    }
}
