import Foundation

/// The lines of an output file by their ids. Reading it fails unless each line is whole and each id stands once.
struct OutputFile {
    /// Each line without the time at which it was made: all else must be the same in every run.
    private(set) var stable: [String: String] = [:]
    private var texts: [String: Substring] = [:]
    /// The ids in the order of the lines.
    private(set) var ids: [String] = []

    init(_ path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else { throw TestFailure("there is no \(path)") }
        guard data.isEmpty || data.last == 0x0A else { throw TestFailure("the last line of \(path) is torn") }
        try self.init(text: String(decoding: data, as: UTF8.self))
    }

    /// The whole lines of an output that a run may still write to.
    static func wholeLines(of path: String) throws -> OutputFile {
        let all = bytes(of: path)
        let end = all.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return try OutputFile(text: String(decoding: all[..<end], as: UTF8.self))
    }

    private init(text: String) throws {
        for line in text.split(separator: "\n") {
            let id = try Self.id(of: line)
            guard texts.updateValue(line, forKey: id) == nil else { throw TestFailure("\(id) stands twice") }
            stable[id] = Self.withoutTime(line)
            ids.append(id)
        }
    }

    private static func id(of line: Substring) throws -> String {
        guard let start = line.range(of: #","custom_id":""#),
            let end = line[start.upperBound...].firstIndex(of: "\"")
        else { throw TestFailure("not a line of results: \(line.prefix(200))") }
        return String(line[start.upperBound..<end])
    }

    private static func withoutTime(_ line: Substring) -> String {
        guard let key = line.range(of: #""created":"#) else { return String(line) }
        let rest = line[key.upperBound...].drop { $0.isNumber }
        return String(line[..<key.lowerBound]) + rest
    }

    /// The ids whose lines are not the same in both files, or stand in one of them only.
    func differences(from other: OutputFile) -> [String] {
        Set(ids + other.ids).filter { stable[$0] != other.stable[$0] }.sorted()
    }

    /// The same, without the lines that only the other file has.
    func wrongLines(against other: OutputFile) -> [String] { ids.filter { stable[$0] != other.stable[$0] } }

    /// The line of a request.
    func answer(_ id: String) throws -> Answer {
        guard let text = texts[id] else { throw TestFailure("\(id) has no line") }
        return Answer(line: try JSONTree(parsing: text.utf8))
    }
}

/// One line of output.
struct Answer {
    let line: JSONTree

    /// One of the answers of a request.
    struct Choice: Hashable {
        let text: String
        let finishReason: String
        /// Empty unless the run was told to write them.
        let tokens: [Int]
        let logprobs: JSONTree?
    }

    /// The code of a failed request; nil for an answered one.
    var errorCode: String? { line["error"]?["code"]?.string }
    var errorMessage: String? { line["error"]?["message"]?.string }
    var errorField: String? { line["error"]?["param"]?.string }

    private var body: JSONTree? { line["response"]?["body"] }
    var promptTokens: Int? { body?["usage"]?["prompt_tokens"]?.integer }
    var completionTokens: Int? { body?["usage"]?["completion_tokens"]?.integer }

    var choices: [Choice] {
        (body?["choices"]?.elements ?? []).map { choice in
            Choice(
                text: choice["text"]?.string ?? choice["message"]?["content"]?.string ?? "(no text)",
                finishReason: choice["finish_reason"]?.string ?? "(none)",
                tokens: (choice["token_ids"]?.elements ?? []).compactMap(\.integer), logprobs: choice["logprobs"])
        }
    }

    /// The only choice.
    var choice: Choice {
        get throws {
            let choices = choices
            guard choices.count == 1 else {
                throw TestFailure("\(choices.count) choices; error: \(errorMessage ?? "none")")
            }
            return choices[0]
        }
    }
}
