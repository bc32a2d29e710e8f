/// One line of a catalogue: a kind, a name, fields as `key=value`, and the source as the rest of the line.
struct CatalogueLine: Sendable, Hashable {
    let kind: String
    let name: String
    /// The line number in the text, from 1.
    let number: Int
    /// What follows `source=`.
    let source: String
    private let fields: [Field]

    private struct Field: Sendable, Hashable {
        let key: String
        let value: String
    }

    static let kinds = ["curve", "link", "device", "model"]

    /// Reads all lines of a text; empty lines and lines that begin with `#` are skipped.
    /// - Throws: `malformed_text` with the line and what is wrong with it.
    static func lines(of text: String) throws(SimulationError) -> [CatalogueLine] {
        var lines: [CatalogueLine] = []
        for (index, bytes) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = Substring(bytes).split(whereSeparator: \.isWhitespace)
            guard let first = line.first, !first.hasPrefix("#") else { continue }
            let entry = try CatalogueLine(words: line, in: Substring(bytes), number: index + 1)
            if let earlier = lines.first(where: { $0.names(entry.kind, entry.name) }) {
                throw SimulationError(
                    .malformedText,
                    "line \(entry.number): \(entry.kind) '\(entry.name)' stands in line \(earlier.number) already")
            }
            lines.append(entry)
        }
        return lines
    }

    private init(words: [Substring], in line: Substring, number: Int) throws(SimulationError) {
        func malformed(_ what: String) -> SimulationError {
            SimulationError(.malformedText, "line \(number): \(what)")
        }
        guard Self.kinds.contains(String(words[0])) else {
            throw malformed("'\(words[0])' is no kind of entry; kinds: \(Self.kinds.joined(separator: ", "))")
        }
        guard words.count > 1, !words[1].contains("=") else { throw malformed("the \(words[0]) has no name") }
        var fields: [Field] = []
        var source: Substring?
        for word in words.dropFirst(2) {
            guard let sign = word.firstIndex(of: "="), sign > word.startIndex else {
                throw malformed("'\(word)' of \(words[0]) '\(words[1])' is not of the form key=value")
            }
            let key = String(word[..<sign])
            if key == "source" {
                source = line[word.index(after: sign)...]
                break
            }
            guard !fields.contains(where: { $0.key == key }) else {
                throw malformed("\(words[0]) '\(words[1])' has the field \(key) twice")
            }
            fields.append(Field(key: key, value: String(word[word.index(after: sign)...])))
        }
        let trimmed = source.map { String($0.split(whereSeparator: \.isWhitespace).joined(separator: " ")) } ?? ""
        guard !trimmed.isEmpty else { throw malformed("\(words[0]) '\(words[1])' has no source") }
        kind = String(words[0])
        name = String(words[1])
        self.number = number
        self.source = trimmed
        self.fields = fields
    }

    /// Whether this entry has the given kind and name; names are case-insensitive.
    func names(_ kind: String, _ name: String) -> Bool {
        self.kind == kind && self.name.lowercased() == name.lowercased()
    }

    /// Checks that the required fields are there, and no fields other than the optional ones.
    func require(_ keys: [String], optional: [String] = []) throws(SimulationError) {
        for key in keys where !fields.contains(where: { $0.key == key }) {
            throw malformed("there is no field \(key)")
        }
        for field in fields where !keys.contains(field.key) && !optional.contains(field.key) {
            throw malformed(
                "field \(field.key) is not known; fields: \((keys + optional + ["source"]).joined(separator: ", "))")
        }
    }

    func number(_ key: String, in range: ClosedRange<Double>) throws(SimulationError) -> Double {
        let text = value(key) ?? ""
        // Letters would let "nan", "inf" and hexadecimal through.
        let isPlain = text.utf8.allSatisfy { "0123456789.+-eE".utf8.contains($0) }
        guard isPlain, let number = Double(text), range.contains(number) else {
            throw malformed(
                "field \(key) is '\(text)'; a number in \(range.lowerBound)...\(range.upperBound) is needed")
        }
        return number
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(SimulationError) -> Int {
        let text = value(key) ?? ""
        guard let number = Int(text), range.contains(number) else {
            throw malformed(
                "field \(key) is '\(text)'; a whole number in \(range.lowerBound)...\(range.upperBound) is needed")
        }
        return number
    }

    /// `yes` or `no`.
    func flag(_ key: String, default fallback: Bool) throws(SimulationError) -> Bool {
        switch value(key) {
        case nil: return fallback
        case "yes": return true
        case "no": return false
        case let text?: throw malformed("field \(key) is '\(text)'; yes or no is needed")
        }
    }

    func value(_ key: String) -> String? { fields.first { $0.key == key }?.value }

    func malformed(_ what: String) -> SimulationError {
        SimulationError(.malformedText, "line \(number): \(kind) '\(name)': \(what)")
    }
}
