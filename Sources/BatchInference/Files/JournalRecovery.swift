import OpenAIProtocol
import Platform

/// Reads an output file back, to find the requests that have been answered and the end of the whole lines.
struct JournalRecovery {
    /// Whether a request is done, by its index in the input.
    private(set) var isDone: [Bool]
    private(set) var succeeded = 0
    private(set) var failed = 0
    /// The number of bytes of whole lines; the bytes after them belong to a torn line.
    private(set) var goodBytes = 0

    private let input: InputFile
    private let model: UInt64
    private let path: String

    /// A recovery without any finished request.
    init(nothingOf input: InputFile, model: UInt64, path: String) {
        isDone = Array(repeating: false, count: input.count)
        self.input = input
        self.model = model
        self.path = path
    }

    /// Checks every line of the file against the input and the model. Does not change the file.
    ///
    /// - Throws: `foreignOutput`, naming the line, if the file is not the beginning of this run's results.
    init(_ file: SystemFile, input: InputFile, model: UInt64) throws {
        self.init(nothingOf: input, model: model, path: file.path)
        var reader = LineReader(file)
        var next = try reader.next()
        while let line = next {
            next = try reader.next()
            if line.isTerminated, RequestLine.trimmed(line.bytes).isEmpty {
                goodBytes = line.offset + line.length + 1
                continue
            }
            var parsed: JSONValue?
            if line.isTerminated {
                do {
                    parsed = try JSONParser.parse(line.bytes, keeping: ["id", "custom_id", "error"])
                } catch {
                    if next != nil { throw foreign(line, "\(error)") }
                }
            }
            guard let parsed else {
                try checkTorn(line)
                return
            }
            try take(parsed, of: line)
            goodBytes = line.offset + line.length + 1
        }
    }

    private mutating func take(_ value: JSONValue, of line: LineReader.Line) throws(BatchError) {
        guard let id = value["id"]?.string.flatMap({ OutputID($0) }), let customID = value["custom_id"]?.string,
            let error = value["error"]
        else { throw foreign(line, "it is not a line of results") }
        guard id.model == model else { throw foreign(line, "it was made by another model") }
        guard let index = input.index(of: customID) else {
            throw foreign(line, "custom_id \(JSONWriter.quoted(customID)) is not in \(input.path)")
        }
        guard id.request == input.digest(at: index) else {
            throw foreign(line, "\(JSONWriter.quoted(customID)) was made by another input or with other options")
        }
        guard !isDone[index] else {
            throw foreign(line, "custom_id \(JSONWriter.quoted(customID)) stands in the file twice")
        }
        isDone[index] = true
        if error == .null { succeeded += 1 } else { failed += 1 }
    }

    /// Checks that a torn line can be the beginning of a line of this run. Only then may it be cut off: another kind of
    /// file, given by mistake, stays whole. After a power cut, blocks that were never written read as zeros.
    private func checkTorn(_ line: LineReader.Line) throws(BatchError) {
        let anyModel = Array((#"{"id":""# + OutputID.prefix).utf8)
        let thisModel = anyModel + Array((OutputID.hex(model) + "_").utf8)
        if line.bytes.first == 0 || agree(line.bytes, thisModel) { return }
        throw foreign(
            line, agree(line.bytes, anyModel) ? "it was made by another model" : "it is not a line of results")
    }

    /// Whether both are equal up to the end of the shorter one, where zeros in `bytes` count as equal.
    private func agree(_ bytes: [UInt8], _ prefix: [UInt8]) -> Bool {
        zip(bytes, prefix).allSatisfy { $0 == $1 || $0 == 0 }
    }

    private func foreign(_ line: LineReader.Line, _ reason: String) -> BatchError {
        BatchError(.foreignOutput, "\(path), line \(line.number): \(reason)")
    }
}
