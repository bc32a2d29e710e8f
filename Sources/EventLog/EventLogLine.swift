import Scheduling

/// A line of an event log: words, and fields with names.
struct EventLogLine {
    /// The latest time that a line may have: a virtual clock counts no further.
    static let latestNanoseconds = 1 << 62

    /// The line number, counted from 1.
    let number: Int
    private let text: Substring
    private(set) var words: [Substring] = []
    private var fields: [(name: Substring, value: Substring)] = []

    init(_ text: Substring, number: Int) {
        self.number = number
        self.text = text
        for part in text.split(separator: " ") {
            if let equals = part.firstIndex(of: "=") {
                fields.append((part[..<equals], part[part.index(after: equals)...]))
            } else {
                words.append(part)
            }
        }
    }

    func error(_ what: String) -> EventLogError {
        EventLogError(.malformedText, "line \(number) of the event log: \(what): '\(text.prefix(200))'")
    }

    func value(_ name: String) throws(EventLogError) -> Substring {
        guard let value = optional(name) else { throw error("'\(name)' is missing") }
        return value
    }

    func optional(_ name: String) -> Substring? { fields.first { $0.name == name }?.value }

    /// The whole number of a field, which must be in the range.
    func integer(_ name: String, in range: ClosedRange<Int> = .min ... .max) throws(EventLogError) -> Int {
        try integer(try value(name), name, in: range)
    }

    /// The word at an index, as a whole number in the range.
    func integer(word place: Int, in range: ClosedRange<Int> = .min ... .max) throws(EventLogError) -> Int {
        guard words.indices.contains(place) else { throw error("a number is missing after '\(words.last ?? "")'") }
        return try integer(words[place], "it", in: range)
    }

    func flag(_ name: String) throws(EventLogError) -> Bool { try integer(name, in: 0...1) == 1 }

    func tokens(_ list: Substring, _ name: String) throws(EventLogError) -> [TokenID] {
        var tokens: [TokenID] = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false) where !list.isEmpty {
            guard let token = TokenID(part) else { throw error("'\(part)' in '\(name)' is no token") }
            tokens.append(token)
        }
        return tokens
    }

    /// The list of seconds of a field, each finite and at least 0.
    func seconds(_ name: String) throws(EventLogError) -> [Double] {
        var seconds: [Double] = []
        let list = try value(name)
        for part in list.split(separator: ",", omittingEmptySubsequences: false) where !list.isEmpty {
            guard let number = Double(part), number.isFinite, number >= 0 else {
                throw error("'\(part)' in '\(name)' is no number of seconds")
            }
            seconds.append(number)
        }
        return seconds
    }

    private func integer(
        _ text: Substring, _ name: String, in range: ClosedRange<Int>
    ) throws(EventLogError) -> Int {
        guard let number = Int(text) else { throw error("'\(name)' is '\(text)', which is no whole number") }
        guard range.contains(number) else {
            throw error("'\(name)' is \(number); it must be \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
