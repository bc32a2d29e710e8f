import Foundation

/// Files of JSON that tests compare with.
public enum Fixtures {
    /// The folder of what is too large to commit, or not ours to commit; nil if TIDEWAY_TEST_CACHE is not set.
    public static let cache = ProcessInfo.processInfo.environment["TIDEWAY_TEST_CACHE"].map { URL(filePath: $0) }

    public static func hasCached(_ name: String) -> Bool {
        cache.map { FileManager.default.fileExists(atPath: $0.appending(path: name).path) } ?? false
    }

    /// Reads a committed file.
    /// - Parameter source: a source file; its folder has the folder `Fixtures` that holds the file.
    public static func committed<Value: Decodable>(
        _ name: String, as type: Value.Type = Value.self, beside source: String = #filePath
    ) throws -> Value {
        let folder = URL(filePath: source).deletingLastPathComponent().appending(path: "Fixtures")
        return try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: name)))
    }

    /// Reads a file of the cache.
    public static func cached<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        guard let cache else { throw CocoaError(.fileNoSuchFile) }
        return try JSONDecoder().decode(type, from: Data(contentsOf: cache.appending(path: name)))
    }
}
