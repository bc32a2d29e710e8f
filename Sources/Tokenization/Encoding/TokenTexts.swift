/// Texts by index, packed end to end: the form in which a vocabulary of a hundred thousand tokens is passed.
public struct TokenTexts: Sendable, Equatable {
    /// All texts' bytes, end to end; they need not be UTF-8.
    public private(set) var bytes: [UInt8] = []
    /// Where each text ends; the first one starts at 0.
    public private(set) var ends: [Int] = []

    public init() {}

    /// Packs separate texts.
    public init(_ texts: some Sequence<some Collection<UInt8>>) {
        for text in texts { append(text) }
    }

    /// Takes texts that are packed already.
    /// - Precondition: `ends` does not descend, and the last element is the number of bytes.
    public init(bytes: [UInt8], ends: [Int]) {
        precondition(ends.last ?? 0 == bytes.count, "the last text must end where the bytes do")
        precondition(zip(ends, ends.dropFirst()).allSatisfy { $0 <= $1 }, "the ends must not descend")
        precondition(ends.first ?? 0 >= 0, "a text cannot end before the first byte")
        self.bytes = bytes
        self.ends = ends
    }

    /// The number of texts.
    public var count: Int { ends.count }
    public var isEmpty: Bool { ends.isEmpty }

    /// Adds a text.
    public mutating func append(_ text: some Collection<UInt8>) {
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
    }

    /// Where text `index` lies in `bytes`.
    public func range(of index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    /// Text `index`.
    public subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(of: index)] }

    mutating func reserve(texts: Int, bytes count: Int) {
        bytes.reserveCapacity(count)
        ends.reserveCapacity(texts)
    }
}
