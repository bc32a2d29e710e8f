/// A 64-bit FNV-1a hash of a request: of its line's bytes, the run's options and its id.
///
/// It distinguishes the files of different runs; it does not protect against forgery.
public struct RequestDigest: Sendable, Hashable {
    /// The digest of the bytes added so far.
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The digest of no bytes.
    public init() {}

    /// - Parameters:
    ///   - line: the line without surrounding blanks.
    ///   - options: the run's options that change tokens, such as `ignore_eos=1;seed=0`.
    ///   - customID: the line's id, which distinguishes equal lines without an id of their own.
    public init(line: some Sequence<UInt8>, options: String, customID: String) {
        update(line)
        update(CollectionOfOne(0x0A))
        update(options.utf8)
        update(CollectionOfOne(0x0A))
        update(customID.utf8)
    }

    /// Adds bytes to the digest.
    public mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    }
}

/// The `id` of an output line: `batch_req_<model, 16 hex digits>_<request, 16 hex digits>`.
public struct OutputID: Sendable, Hashable, CustomStringConvertible {
    package static let prefix = "batch_req_"

    /// Identifies the model file; the caller chooses how.
    public let model: UInt64
    /// The request's digest.
    public let request: UInt64

    /// Makes an id from the two numbers.
    public init(model: UInt64, request: UInt64) {
        self.model = model
        self.request = request
    }

    /// Reads back a `description`; nil if `text` is anything else.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, let model = Self.number(parts[0]), let request = Self.number(parts[1]) else {
            return nil
        }
        self.init(model: model, request: request)
    }

    /// The id as it appears in the output file.
    public var description: String { Self.prefix + Self.hex(model) + "_" + Self.hex(request) }

    /// Sixteen lower-case hexadecimal digits.
    package static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func number(_ text: Substring) -> UInt64? {
        guard let number = UInt64(text, radix: 16), hex(number) == text else { return nil }
        return number
    }
}
