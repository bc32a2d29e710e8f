import TestTools

/// Builds a file of requests.
struct RequestFile {
    private(set) var lines: [[UInt8]] = []
    /// The ids of the lines that were added with one, in order.
    private(set) var ids: [String] = []

    /// A request in the short form, with its id.
    mutating func add(_ id: String, _ fields: JSONTree) throws {
        guard case .object(var members) = fields else { throw TestFailure("fields of a request are an object") }
        members["custom_id"] = .string(id)
        ids.append(id)
        lines.append(try JSONTree.object(members).line)
    }

    /// A line as it stands.
    mutating func add(raw line: some Sequence<UInt8>) { lines.append(Array(line)) }

    var bytes: [UInt8] { lines.flatMap { $0 + [0x0A] } }

    /// One file for each line.
    var singles: [RequestFile] {
        zip(lines, ids).map { line, id in
            var single = RequestFile()
            single.lines = [line]
            single.ids = [id]
            return single
        }
    }
}

/// Words for prompts.
enum Words {
    private static let all = [
        "tide", "river", "boat", "wind", "anchor", "the", "of", "and", "salt", "moon", "harbour", "light", "rope",
        "sand", "gull", "a", "quay", "lock", "on", "under",
    ]

    static func text(_ count: Int, using generator: inout SplitMix) -> String {
        (0..<count).map { _ in all.randomElement(using: &generator)! }.joined(separator: " ")
    }

    /// Ordinary tokens of the models with random weights.
    static func tokens(_ count: Int, using generator: inout SplitMix) -> JSONTree {
        .array((0..<count).map { _ in .number(Double(Int.random(in: 3..<512, using: &generator))) })
    }
}

/// A test that cannot go on, and why.
struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
