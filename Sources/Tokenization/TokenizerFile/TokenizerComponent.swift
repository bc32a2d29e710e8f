import Platform

/// A part of a tokenizer.json that says how the tokenizer works. A missing part reads as null.
struct TokenizerComponent {
    private let value: JSONValue

    /// The most values of one component.
    private static let limit = 20_000

    /// A component that the file does not have.
    static let absent = TokenizerComponent(.null)

    private init(_ value: JSONValue) { self.value = value }

    /// Reads the next value.
    init(_ reader: inout JSONReader) throws(JSONError) { value = try reader.tree(limit: Self.limit) }

    /// The member `key`; null if there is none.
    subscript(_ key: String) -> TokenizerComponent { TokenizerComponent(value[key] ?? .null) }

    var isNull: Bool { value == .null }
    var bool: Bool? { value.bool }
    var string: String? { value.string }
    var number: Double? { value.number }
    var integer: Int? { value.integer.flatMap { Int(exactly: $0) } }

    /// The elements; empty if the component is not an array.
    var elements: [TokenizerComponent] { (value.elements ?? []).map { TokenizerComponent($0) } }

    /// The member `type`, which names the component's kind; empty if there is none.
    var type: String { value["type"]?.string ?? "" }
}
