import ChatTemplates
import Tokenization

/// Conversations, templates and what the reference makes of them; see Scripts/make_template_fixture.py.
struct TemplateFixture: Decodable {
    struct Template: Decodable {
        let name: String
        let source: String
        let cases: [Case]
    }

    struct Case: Decodable {
        let conversation: String
        let generate: Bool
        let expected: String?
        let refused: String?
    }

    /// A small template, and its text, or the message with which it is refused (empty where it just fails).
    struct Snippet: Decodable {
        let source: String
        let expected: String?
        let refused: String?

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            source = try row.decode(String.self)
            expected = try row.decodeIfPresent(String.self)
            refused = try row.decodeIfPresent(String.self)
        }
    }

    let conversations: [String: FixtureValue]
    let extra: [String: FixtureValue]
    let templates: [Template]
    let snippets: [Snippet]
    /// The texts of control tokens by vocabulary, where the fixture has them.
    let controls: [String: [String]]?

    func messages(_ name: String) -> [TemplateValue] {
        if case .array(let messages)? = conversations[name]?.value { return messages }
        return []
    }

    func extra(_ name: String) -> TemplateObject {
        if case .object(let object)? = extra[name]?.value { return object }
        return TemplateObject()
    }

    static let now = TemplateDate(year: 2024, month: 7, day: 26, hour: 9, minute: 5, second: 7)

    /// What a template makes of a conversation: the outcome, the prompt's segments, and the error if there is one.
    func outcome(
        of source: String, _ conversation: String, generate: Bool
    ) -> (TemplateOutcome, [TextSegment], String) {
        do {
            let segments = try ChatTemplate(source: source).render(
                messages: messages(conversation), addGenerationPrompt: generate, bosToken: "<s>", eosToken: "</s>",
                extra: extra(conversation), now: Self.now)
            return (.text(segments.map(\.text).joined()), segments, "")
        } catch {
            return (error.code == .refusal ? .refused(error.message) : .failed, [], error.description)
        }
    }
}

/// A prompt, the message with which a template refuses, or any other failure.
enum TemplateOutcome: Equatable {
    case text(String)
    case refused(String)
    case failed

    /// The outcome that the reference had.
    init(_ expected: String?, _ refused: String?) {
        if let expected {
            self = .text(expected)
        } else {
            self = refused.map { $0.isEmpty ? .failed : .refused($0) } ?? .failed
        }
    }
}

extension [TextSegment] {
    /// Whether no segment is empty, and neighbours differ in provenance.
    var alternate: Bool {
        allSatisfy { !$0.text.isEmpty } && zip(self, dropFirst()).allSatisfy { $0.isUserText != $1.isUserText }
    }
}

/// A template value in the fixture's JSON. All strings but roles are user text.
struct FixtureValue: Decodable {
    let value: TemplateValue

    private struct Member: Decodable {
        let member: TemplateObject.Member

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            let name = try row.decode(String.self)
            var value = try row.decode(FixtureValue.self).value
            if name == "role", case .string(let role) = value { value = .template(role.text) }
            member = TemplateObject.Member(name: TemplateString(user: name), value: value)
        }
    }

    private enum Keys: CodingKey { case members, number }

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Keys.self) {
            if let number = try object.decodeIfPresent(String.self, forKey: .number) {
                value = .number(Double(number) ?? .nan)
            } else {
                let members = try object.decode([Member].self, forKey: .members)
                value = .object(TemplateObject(members: members.map(\.member)))
            }
            return
        }
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            value = .null
        } else if let bool = try? single.decode(Bool.self) {
            value = .bool(bool)
        } else if let integer = try? single.decode(Int.self) {
            value = .integer(integer)
        } else if let string = try? single.decode(String.self) {
            value = .user(string)
        } else {
            value = .array(try single.decode([FixtureValue].self).map(\.value))
        }
    }
}
