/// The bytes of every token, packed into one array, with a hash index from bytes to ids.
struct TokenBytes: Sendable {
    private var bytes: [UInt8] = []
    private var offsets: [Int] = [0]
    /// Open addressing with linear probing; -1 marks a free slot. The count is a power of two.
    private var slots: [Int32] = []

    var count: Int { offsets.count - 1 }

    /// Adds the bytes of the next id.
    mutating func append(contentsOf token: some Collection<UInt8>) {
        bytes.append(contentsOf: token)
        offsets.append(bytes.count)
    }

    subscript(_ id: Int) -> ArraySlice<UInt8> { bytes[offsets[id]..<offsets[id + 1]] }

    /// Builds the index over the given ids. Where two ids share their bytes, the later one in `ids` is found.
    mutating func index(_ ids: some Sequence<Int32>) {
        var capacity = 16
        while capacity < 2 * count { capacity *= 2 }
        slots = [Int32](repeating: -1, count: capacity)
        for id in ids {
            let token = self[Int(id)]
            let slot = token.withUnsafeBufferPointer { self.slot(of: $0) }
            slots[slot] = id
        }
    }

    /// The id of the indexed token with exactly these bytes.
    func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
        guard !slots.isEmpty else { return nil }
        let id = slots[slot(of: token)]
        return id < 0 ? nil : id
    }

    /// The slot that holds the token, or the free slot where it belongs. At most half of the slots are taken.
    private func slot(of token: UnsafeBufferPointer<UInt8>) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: Self.hash(token)) & mask
        while slots[slot] >= 0, !self[Int(slots[slot])].elementsEqual(token) { slot = (slot + 1) & mask }
        return slot
    }

    private static func hash(_ token: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in token { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash ^ (hash >> 29)
    }
}
