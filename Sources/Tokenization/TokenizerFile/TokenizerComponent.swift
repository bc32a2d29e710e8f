import Platform

/// A part of a tokenizer.json that says how the tokenizer works. What the file does not have reads as null.
struct TokenizerComponent {
    private let value: JSONValue

    /// The most values of one component.
    private static let limit = 20_000

    /// A component that the file does not have.
    static let absent = TokenizerComponent(.null)

    private init(_ value: JSONValue) { self.value = value }

    /// Reads the next value.
    init(_ reader: inout JSONReader) throws(JSONError) { value = try reader.tree(limit: Self.limit) }

    /// The member of that name; null for anything else.
    subscript(_ key: String) -> TokenizerComponent { TokenizerComponent(value[key] ?? .null) }

    var isNull: Bool { value == .null }
    var bool: Bool? { value.bool }
    var string: String? { value.string }
    var number: Double? { value.number }
    var integer: Int? { value.integer.flatMap { Int(exactly: $0) } }

    /// The elements; none for anything but an array.
    var elements: [TokenizerComponent] { (value.elements ?? []).map { TokenizerComponent($0) } }

    /// The member `type`, by which components name themselves; empty without one.
    var type: String { value["type"]?.string ?? "" }
}
