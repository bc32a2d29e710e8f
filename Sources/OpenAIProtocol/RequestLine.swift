import Platform

/// Reads one line of an input file.
///
/// A line is OpenAI's batch format, `{"custom_id", "method": "POST", "url", "body": {...}}`, or a body alone, with an
/// optional `custom_id` or `id` next to its fields: a body with `messages` is a chat, a body with `prompt` a
/// completion. An error names each unknown field, since a silently dropped setting is worse than an error; fields that
/// cannot change an answer are ignored.
public enum RequestLine {
    /// The most bytes of a line.
    public static let maximumLength = 16 << 20
    /// The most bytes of a `custom_id`.
    public static let maximumIDLength = 512

    /// Parses a line.
    ///
    /// - Parameters:
    ///   - bytes: the line, with or without its end.
    ///   - lineNumber: counted from 1; a line without an id gets the id `line-<lineNumber>`.
    ///   - options: the run's options that change tokens, for the digest.
    public static func parse(_ bytes: [UInt8], lineNumber: Int, options: String = "") -> ParsedLine {
        let id = customID(of: bytes, lineNumber: lineNumber)
        let digest = RequestDigest(line: trimmed(bytes), options: options, customID: id)
        return parse(bytes, lineNumber: lineNumber, customID: id, digest: digest.value)
    }

    /// Parses a line whose id and digest are known.
    package static func parse(_ bytes: [UInt8], lineNumber: Int, customID: String, digest: UInt64) -> ParsedLine {
        do throws(ProtocolError) {
            let body = try body(of: bytes)
            return .request(
                GenerationRequest(
                    lineNumber: lineNumber, customID: customID, endpoint: body.endpoint, prompt: body.prompt,
                    model: body.model, maxTokens: body.maxTokens, sampling: body.sampling, seed: body.seed,
                    stop: body.stop, stopTokenIDs: body.stopTokenIDs, ignoreEOS: body.ignoreEOS, n: body.n,
                    digest: digest))
        } catch {
            return .invalid(
                RefusedRequest(lineNumber: lineNumber, customID: customID, digest: digest, error: error))
        }
    }

    /// The id of the line's output: the line's own id if one can be read, else `line-<lineNumber>`.
    package static func customID(of bytes: [UInt8], lineNumber: Int) -> String {
        let generated = "line-\(lineNumber)"
        do throws(ProtocolError) {
            try checkLength(bytes)
            let line = try json(bytes, keeping: ["custom_id", "id"])
            var fields = try FieldReader(line, named: "a line", param: nil)
            return try takeID(&fields) ?? generated
        } catch {
            return generated
        }
    }

    /// The line without the blanks around it.
    package static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        let isInk = { (byte: UInt8) in byte != 0x20 && byte != 0x09 && byte != 0x0D && byte != 0x0A }
        guard let first = bytes.firstIndex(where: isInk), let last = bytes.lastIndex(where: isInk) else { return [] }
        return bytes[first...last]
    }

    private static func json(_ bytes: [UInt8], keeping keys: [String]? = nil) throws(ProtocolError) -> JSONValue {
        do { return try JSONParser.parse(bytes, keeping: keys) } catch { throw ProtocolError(error) }
    }

    private static func checkLength(_ bytes: [UInt8]) throws(ProtocolError) {
        guard bytes.count <= maximumLength else { throw tooLong(bytes.count) }
    }

    /// The refusal of a line that is longer than `maximumLength` and was therefore not read.
    package static func tooLong(_ length: Int, lineNumber: Int, customID: String, digest: UInt64) -> ParsedLine {
        .invalid(
            RefusedRequest(lineNumber: lineNumber, customID: customID, digest: digest, error: tooLong(length)))
    }

    private static func tooLong(_ length: Int) -> ProtocolError {
        ProtocolError(.lineTooLong, "a line must have at most \(maximumLength) bytes, this one has \(length)")
    }

    private static func takeID(_ fields: inout FieldReader) throws(ProtocolError) -> String? {
        let key = fields.contains("custom_id") ? "custom_id" : "id"
        guard let id = try fields.string(key) else { return nil }
        guard 1...maximumIDLength ~= id.utf8.count else {
            throw fields.error(
                .invalidValue, key, "must have 1 to \(maximumIDLength) bytes, the value has \(id.utf8.count)")
        }
        return id
    }

    private static func body(of bytes: [UInt8]) throws(ProtocolError) -> RequestBody {
        try checkLength(bytes)
        var fields = try FieldReader(try json(bytes), named: "a line", param: nil)
        _ = try takeID(&fields)
        if fields.contains("body") || fields.contains("url") || fields.contains("method") {
            return try enveloped(&fields)
        }
        switch (fields.contains("messages"), fields.contains("prompt")) {
        case (true, true):
            throw fields.error(.invalidValue, "prompt", "and messages must not both be given")
        case (true, false):
            return try RequestBody(fields, endpoint: .chat)
        case (false, true):
            return try RequestBody(fields, endpoint: .completion)
        case (false, false):
            throw ProtocolError(.missingField, "a line must have body, messages or prompt, this one has none of them")
        }
    }

    private static func enveloped(_ fields: inout FieldReader) throws(ProtocolError) -> RequestBody {
        guard let method = try fields.string("method") else {
            throw fields.error(.missingField, "method", "is missing")
        }
        guard method == "POST" else { throw fields.valueError("method", "\"POST\"", .string(method)) }
        guard let url = try fields.string("url") else { throw fields.error(.missingField, "url", "is missing") }
        guard let endpoint = Endpoint(rawValue: url) else {
            let known = Endpoint.allCases.map(\.rawValue).joined(separator: " or ")
            throw fields.valueError("url", known, .string(url))
        }
        guard let body = fields.take("body") else { throw fields.error(.missingField, "body", "is missing") }
        try fields.refuseRest()
        return try RequestBody(try FieldReader(body, named: "body", param: "body"), endpoint: endpoint)
    }
}
