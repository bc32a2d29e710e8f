/// The bytes of every token, packed into one array, with a hash index from bytes to ids.
struct TokenBytes: Sendable {
    private(set) var bytes: [UInt8] = []
    private var offsets: [UInt32] = [0]
    /// Open addressing with linear probing: a slot holds the upper half of a hash, and the id plus one; 0 marks a free
    /// slot. The number of slots is a power of two.
    private var slots: [UInt64] = []

    var count: Int { offsets.count - 1 }

    mutating func reserve(tokens: Int, bytes count: Int) {
        bytes.reserveCapacity(count)
        offsets.reserveCapacity(tokens + 1)
    }

    /// Adds the bytes of the next id.
    mutating func append(contentsOf token: some Collection<UInt8>) {
        bytes.append(contentsOf: token)
        offsets.append(UInt32(bytes.count))
    }

    /// Adds the bytes of the next id, which `body` appends to the packed array.
    mutating func append<Result>(_ body: (inout [UInt8]) -> Result) -> Result {
        let result = body(&bytes)
        offsets.append(UInt32(bytes.count))
        return result
    }

    /// Replaces the bytes of the last id.
    mutating func replaceLast(with token: some Collection<UInt8>) {
        let last = offsets.count - 1
        bytes.removeLast(bytes.count - Int(offsets[last - 1]))
        bytes.append(contentsOf: token)
        offsets[last] = UInt32(bytes.count)
    }

    subscript(_ id: Int) -> ArraySlice<UInt8> { bytes[Int(offsets[id])..<Int(offsets[id + 1])] }

    func length(of id: Int) -> Int { Int(offsets[id + 1] - offsets[id]) }

    /// Builds the index over the given ids. Where two ids share their bytes, the later one in `ids` is found.
    mutating func index(_ ids: some Sequence<Int32>) {
        var capacity = 16
        while capacity * 5 < 8 * count { capacity *= 2 }
        slots = [UInt64](repeating: 0, count: capacity)
        for id in ids {
            let (slot, hash) = withTables { tables in
                let token = tables.token(Int(id))
                let hash = Self.hash(token)
                return (tables.slot(of: token, hash), hash)
            }
            slots[slot] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(UInt32(bitPattern: id) + 1)
        }
    }

    /// The id of the indexed token with exactly these bytes.
    @inline(__always)
    func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
        guard !slots.isEmpty else { return nil }
        return withTables { tables in
            let id = UInt32(truncatingIfNeeded: tables.slots[tables.slot(of: token, Self.hash(token))])
            return id == 0 ? nil : Int32(bitPattern: id &- 1)
        }
    }

    /// Whether `id` has exactly these bytes: a quick check before a lookup in the index.
    func isLikely(_ id: Int32, for token: UnsafeBufferPointer<UInt8>) -> Bool {
        guard id >= 0, Int(id) < count, length(of: Int(id)) == token.count else { return false }
        return withTables { Self.areEqual($0.token(Int(id)), token) }
    }

    @inline(__always)
    private func withTables<Result>(_ body: (Tables) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { bytes in
            offsets.withUnsafeBufferPointer { offsets in
                slots.withUnsafeBufferPointer { slots in
                    body(Tables(bytes: bytes, offsets: offsets, slots: slots))
                }
            }
        }
    }

    private struct Tables {
        let bytes: UnsafeBufferPointer<UInt8>
        let offsets: UnsafeBufferPointer<UInt32>
        let slots: UnsafeBufferPointer<UInt64>

        @inline(__always)
        func token(_ id: Int) -> UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(rebasing: bytes[Int(offsets[id])..<Int(offsets[id + 1])])
        }

        /// The slot that holds the token, or the free slot where it belongs. There is always a free slot.
        @inline(__always)
        func slot(of token: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int {
            let mask = slots.count - 1
            var slot = Int(truncatingIfNeeded: hash) & mask
            while true {
                let entry = slots[slot]
                if entry == 0 { return slot }
                if (entry ^ hash) >> 32 == 0 {
                    let found = self.token(Int(UInt32(truncatingIfNeeded: entry)) - 1)
                    if found.count == token.count, TokenBytes.areEqual(found, token) { return slot }
                }
                slot = (slot + 1) & mask
            }
        }
    }

    @inline(__always)
    private static func areEqual(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in 0..<a.count where a[index] != b[index] { return false }
        return true
    }

    @inline(__always)
    private static func hash(_ token: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: token.count) &* 0x9E37_79B9_7F4A_7C15
        var index = 0
        let raw = UnsafeRawBufferPointer(token)
        while index + 8 <= raw.count {
            hash = Self.mix(hash, raw.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian)
            index += 8
        }
        var tail: UInt64 = 0
        while index < raw.count {
            tail = tail << 8 | UInt64(raw[index])
            index += 1
        }
        return mix(hash, tail)
    }

    @inline(__always)
    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
        return product.high ^ product.low
    }
}
