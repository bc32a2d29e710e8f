import Platform

/// A file that holds a step profile.
public struct ProfileFile: Sendable, Hashable {
    public let path: String
    /// The size limit of a profile; a larger file is something else.
    private static let mostBytes = 16 << 20

    public init(path: String) { self.path = path }

    /// The default path of a profile: in the user's cache, by model, stages, threads and type of keys and values. nil
    /// if the environment sets neither `XDG_CACHE_HOME` nor `HOME`.
    public static func standard(for model: TextModel, _ options: EngineOptions) -> ProfileFile? {
        func folder(_ name: String) -> String? {
            // A relative path would depend on the working directory, and counts as unset.
            Environment.variable(name).flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        guard let cache = folder("XDG_CACHE_HOME") ?? folder("HOME").map({ $0 + "/.cache" }) else { return nil }
        let type = options.kvType == .f16 ? "" : "-\(options.kvType.rawValue)"
        let name = "profile-\(String(model.fingerprint, radix: 16))-\(options.stages)x\(options.threads)\(type).json"
        return ProfileFile(path: "\(cache)/tideway/\(name)")
    }

    public var exists: Bool { FileIdentity.exists(path) }

    /// - Throws: `InferenceError` for a file that cannot be read or is not a profile; the message names the file.
    public func read() throws(InferenceError) -> StepProfile {
        let bytes = try SmallFile.read(path, most: Self.mostBytes) { InferenceError(.badProfile, $0) }
        do { return try StepProfile(parsing: bytes) } catch { throw InferenceError(.badProfile, "\(path): \(error)") }
    }

    /// Writes the profile to a temporary file next to its path and renames it, so that no reader ever sees a part of
    /// it. Makes missing folders.
    public func write(_ profile: StepProfile) throws(InferenceError) {
        do { try SmallFile.replace(path, Array(profile.text.utf8)) } catch {
            throw InferenceError(.badProfile, error.message)
        }
    }
}
