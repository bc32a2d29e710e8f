/// A trie over bytes: one hash table from (node, byte) to the child node.
struct ByteTrie: Sendable {
    /// The value of each node, or -1.
    private(set) var values: [Int32] = [-1]
    /// The keys of the hash table: node and byte as one number, plus one so that 0 marks a free slot.
    private var keys: [UInt64] = [UInt64](repeating: 0, count: 16)
    /// The child node of each slot of `keys`.
    private var children: [Int32] = [Int32](repeating: 0, count: 16)
    /// The children of the root, by byte.
    private var firsts = [Int32](repeating: -1, count: 256)

    static let root: Int32 = 0

    /// The child of `node` for `byte`, or -1.
    @inline(__always)
    func child(_ node: Int32, _ byte: UInt8) -> Int32 {
        if node == Self.root { return firsts[Int(byte)] }
        let key = Self.key(node, byte)
        let slot = slot(of: key)
        return keys[slot] == key ? children[slot] : -1
    }

    /// The value of a node, or -1.
    @inline(__always)
    func value(_ node: Int32) -> Int32 { values[Int(node)] }

    /// Adds a text; of two equal texts the later text's value stays. An empty text is ignored.
    mutating func insert(_ text: some Collection<UInt8>, value: Int32) {
        guard !text.isEmpty else { return }
        var node = Self.root
        for byte in text {
            let below = child(node, byte)
            node = below >= 0 ? below : add(node, byte)
        }
        values[Int(node)] = value
    }

    private mutating func add(_ node: Int32, _ byte: UInt8) -> Int32 {
        let below = Int32(values.count)
        values.append(-1)
        if node == Self.root {
            firsts[Int(byte)] = below
        } else {
            if values.count * 2 > keys.count { grow() }
            let key = Self.key(node, byte)
            let slot = slot(of: key)
            keys[slot] = key
            children[slot] = below
        }
        return below
    }

    private mutating func grow() {
        let (oldKeys, oldChildren) = (keys, children)
        keys = [UInt64](repeating: 0, count: 2 * oldKeys.count)
        children = [Int32](repeating: 0, count: 2 * oldKeys.count)
        for (key, child) in zip(oldKeys, oldChildren) where key != 0 {
            let slot = slot(of: key)
            keys[slot] = key
            children[slot] = child
        }
    }

    @inline(__always)
    private static func key(_ node: Int32, _ byte: UInt8) -> UInt64 {
        (UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)) + 1
    }

    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        let mask = keys.count - 1
        var hash = key &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 32
        var slot = Int(truncatingIfNeeded: hash) & mask
        while keys[slot] != key, keys[slot] != 0 { slot = (slot + 1) & mask }
        return slot
    }
}
