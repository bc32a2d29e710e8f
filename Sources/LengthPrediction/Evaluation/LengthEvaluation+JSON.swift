import OpenAIProtocol
import Platform

extension LengthEvaluation {
    /// An object with `answers`, `cuts` and `rows`; a row has the names of `Row`'s properties in snake case.
    package var json: JSONValue {
        .object([
            JSONMember("answers", .int(Int64(answers))),
            JSONMember("cuts", .array(cuts.map { .int(Int64($0)) })),
            JSONMember("rows", .array(rows.map(\.json))),
        ])
    }

    /// Reads an evaluation in the form of `json`; nil for anything else.
    init?(_ json: JSONValue) {
        guard let answers = json["answers"]?.integer, let cuts = json["cuts"]?.elements,
            let rows = json["rows"]?.elements
        else { return nil }
        self.answers = Int(answers)
        self.cuts = cuts.compactMap { $0.integer.map(Int.init) }
        self.rows = rows.compactMap(Row.init)
        guard self.cuts.count == cuts.count, self.rows.count == rows.count else { return nil }
    }
}

extension LengthEvaluation.Row {
    private static let numbers: [(name: String, value: KeyPath<Self, Double> & Sendable)] = [
        ("accuracy", \.accuracy), ("class_error", \.classError), ("token_error", \.tokenError),
        ("sum_error_64", \.sumError64), ("sum_error_256", \.sumError256), ("bias", \.bias),
    ]

    fileprivate var json: JSONValue {
        let numbers = Self.numbers.map { JSONMember($0.name, .double(self[keyPath: $0.value])) }
        return .object([JSONMember("name", .string(name))] + numbers)
    }

    fileprivate init?(_ json: JSONValue) {
        let values = Self.numbers.compactMap { json[$0.name]?.number }
        guard let name = json["name"]?.string, values.count == Self.numbers.count else { return nil }
        self.init(
            name: name, accuracy: values[0], classError: values[1], tokenError: values[2], sumError64: values[3],
            sumError256: values[4], bias: values[5])
    }
}
