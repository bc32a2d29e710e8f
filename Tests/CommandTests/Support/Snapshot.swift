import Foundation

/// Names the contents of a file in a few characters, for comparisons whose failure can be read.
func snapshot(_ path: String) -> String {
    let all = bytes(of: path)
    let hash = all.reduce(into: 0xcbf2_9ce4_8422_2325 as UInt64) { $0 = ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    return "\(all.count) bytes, \(String(hash, radix: 16))"
}

/// The bytes of a file; none if there is no such file.
func bytes(of path: String) -> [UInt8] { FileManager.default.contents(atPath: path).map { [UInt8]($0) } ?? [] }
