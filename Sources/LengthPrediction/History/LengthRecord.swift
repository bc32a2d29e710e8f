import OpenAIProtocol
import Platform

/// The record of one answer: its length, its model, and the digest of its prompt. Never the prompt itself.
package struct LengthRecord: Sendable, Hashable {
    /// How an answer ended.
    package enum Ending: String, Sendable, Hashable {
        /// By itself: with an end token or a stop string.
        case stop
        /// At its limit: its own length is only known to be at least that long.
        case length
    }
    /// FNV-1a of the prompt. The writer may choose which text counts as the prompt, but must always use the same text.
    package var promptDigest: UInt64
    /// Tokens of the prompt.
    package var promptTokens: Int
    /// The expected tokens of the answer when it began; nil without a prediction.
    package var predicted: Int?
    /// Tokens that the answer had in the end.
    package var produced: Int
    /// The most tokens that the answer could have; nil if only the context bounded it.
    package var limit: Int?
    package var endedBy: Ending
    /// The fingerprint of the model's file.
    package var model: UInt64

    package init(
        promptDigest: UInt64, promptTokens: Int, predicted: Int? = nil, produced: Int, limit: Int? = nil,
        endedBy: Ending, model: UInt64
    ) {
        self.promptDigest = promptDigest
        self.promptTokens = promptTokens
        self.predicted = predicted
        self.produced = produced
        self.limit = limit
        self.endedBy = endedBy
        self.model = model
    }

    /// The record as a line of a history, including the newline, to be appended in one write. Digest and fingerprint
    /// are hexadecimal numbers; properties that are nil are left out.
    package var line: [UInt8] {
        var members = [
            JSONMember("prompt", .string(String(promptDigest, radix: 16))),
            JSONMember("prompt_tokens", .int(Int64(promptTokens))),
        ]
        if let predicted { members.append(JSONMember("predicted", .int(Int64(predicted)))) }
        members.append(JSONMember("produced", .int(Int64(produced))))
        if let limit { members.append(JSONMember("limit", .int(Int64(limit)))) }
        members.append(JSONMember("ended_by", .string(endedBy.rawValue)))
        members.append(JSONMember("model", .string(String(model, radix: 16))))
        return JSONValue.object(members).encoded() + CollectionOfOne(0x0A)
    }
}

extension LengthRecord {
    /// The most tokens that a property of a record may have.
    static let mostTokens = 1 << 30

    /// Reads a line without its newline. Ignores unknown members.
    /// - Throws: `bad_history` that names the member at fault and its value.
    init(parsing line: [UInt8]) throws(PredictionError) {
        let fields: JSONValue
        do { fields = try JSONParser.parse(line) } catch { throw PredictionError(.badHistory, "\(error)") }
        guard fields.members != nil else { throw PredictionError(.badHistory, "not a JSON object") }
        promptDigest = try Self.hexadecimal(fields, "prompt")
        promptTokens = try Self.tokens(fields, "prompt_tokens", needed: true) ?? 0
        predicted = try Self.tokens(fields, "predicted", needed: false)
        produced = try Self.tokens(fields, "produced", needed: true) ?? 0
        limit = try Self.tokens(fields, "limit", needed: false)
        guard let word = fields["ended_by"], let ending = word.string.flatMap(Ending.init(rawValue:)) else {
            let given = fields["ended_by"].map(Self.shown) ?? "absent"
            throw PredictionError(.badHistory, "'ended_by' is \(given); \"stop\" and \"length\" are known")
        }
        endedBy = ending
        model = try Self.hexadecimal(fields, "model")
    }

    private static func tokens(
        _ fields: JSONValue, _ name: String, needed: Bool
    ) throws(PredictionError) -> Int? {
        let value = fields[name] ?? .null
        if value == .null, !needed { return nil }
        guard let number = value.integer.flatMap(Int.init(exactly:)), (0...mostTokens).contains(number) else {
            let given = fields[name].map(shown) ?? "absent"
            throw PredictionError(.badHistory, "'\(name)' is \(given); 0 to \(mostTokens) tokens are possible")
        }
        return number
    }

    private static func hexadecimal(_ fields: JSONValue, _ name: String) throws(PredictionError) -> UInt64 {
        guard let number = fields[name]?.string.flatMap({ UInt64($0, radix: 16) }) else {
            let given = fields[name].map(shown) ?? "absent"
            throw PredictionError(.badHistory, "'\(name)' is \(given); a hexadecimal number of 64 bits is needed")
        }
        return number
    }

    /// A value as shown in messages: the first 40 characters of its JSON.
    private static func shown(_ value: JSONValue) -> String {
        let text = String(decoding: value.encoded(), as: UTF8.self)
        return text.count <= 40 ? text : text.prefix(40) + "..."
    }
}
