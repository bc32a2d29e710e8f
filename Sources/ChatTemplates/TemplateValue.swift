/// A value given to a chat template: JSON's kinds, with strings that record their provenance.
public enum TemplateValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(TemplateString)
    case array([TemplateValue])
    case object(TemplateObject)

    /// A string that came from a request, in which special tokens never count.
    public static func user(_ text: String) -> TemplateValue { .string(TemplateString(user: text)) }

    /// A string that the caller trusts, such as a role that was checked against a list.
    public static func template(_ text: String) -> TemplateValue { .string(TemplateString(template: text)) }

    /// A chat message: a checked role, and content from a request.
    public static func message(role: String, content: String) -> TemplateValue {
        .object(TemplateObject([("role", .template(role)), ("content", .user(content))]))
    }
}

/// An object whose members keep their order.
public struct TemplateObject: Sendable, Hashable {
    /// The members' names, which may be user text too, and their values.
    public private(set) var members: [Member] = []

    public struct Member: Sendable, Hashable {
        public var name: TemplateString
        public var value: TemplateValue

        public init(name: TemplateString, value: TemplateValue) {
            self.name = name
            self.value = value
        }
    }

    public init() {}

    /// An object of members whose names are not user text.
    public init(_ members: [(String, TemplateValue)]) {
        for (name, value) in members { append(TemplateString(template: name), value) }
    }

    /// An object of members. Of two members with the same name the later one counts, as in JSON readers.
    public init(members: [Member]) { self.members = members }

    /// Adds a member.
    public mutating func append(_ name: TemplateString, _ value: TemplateValue) {
        members.append(Member(name: name, value: value))
    }
}
