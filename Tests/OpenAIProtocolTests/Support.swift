import Foundation
import OpenAIProtocol
import Testing

/// A new directory that goes away with the value.
final class Scratch: Sendable {
    let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "tideway-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    @discardableResult
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: directory.appending(path: name))
        return path(name)
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String { try write(text.utf8, to: name) }

    func read(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: directory.appending(path: name))) }

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

/// SplitMix64: a small generator whose numbers are the same on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
