import OpenAIProtocol
import Platform

/// The error of a closure that must fail.
func failure(_ body: () throws -> Void) -> ProtocolError? {
    do {
        try body()
        return nil
    } catch {
        return error as? ProtocolError
    }
}

func parse(_ line: String, lineNumber: Int = 1) -> ParsedLine {
    RequestLine.parse(Array(line.utf8), lineNumber: lineNumber)
}

func request(_ line: String, lineNumber: Int = 1) throws -> GenerationRequest {
    switch parse(line, lineNumber: lineNumber) {
    case .request(let request): return request
    case .invalid(let refused): throw refused.error
    }
}

func json(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }
