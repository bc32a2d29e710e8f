import Foundation
import OpenAIProtocol
import TestTools
import Testing

extension TemporaryFolder {
    @discardableResult
    func write(_ text: String, to name: String) throws -> String { try write(name, text.utf8) }

    func read(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: file(name)))) }

    func lines(_ name: String) throws -> [String] {
        String(decoding: try read(name), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

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
