import BatchInference
import Foundation
import Platform
import TestTools

extension TemporaryFolder {
    @discardableResult
    func write(_ text: String, to name: String) throws -> String { try write(name, text.utf8) }

    func read(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: file(name)))) }

    func lines(_ name: String) throws -> [String] {
        String(decoding: try read(name), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// The error of a closure that must fail.
func failure(_ body: () throws -> Void) -> BatchError? {
    do {
        try body()
        return nil
    } catch {
        return error as? BatchError
    }
}

func json(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }
