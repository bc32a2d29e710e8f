/// A cache of the ids of words: a table in which each word of up to 16 bytes has one slot.
///
/// The cache changes only the time of encoding, never its result. Most words of a text are among a few thousand common
/// words.
struct WordCache: ~Copyable {
    private struct Entry {
        var low: UInt64 = 0
        var high: UInt64 = 0
        var ids: (Int32, Int32, Int32, Int32, Int32, Int32) = (0, 0, 0, 0, 0, 0)
        var length: UInt8 = 0
        var count: UInt8 = 0
    }

    /// The key of a word that may be in the table.
    struct Key {
        fileprivate let low: UInt64
        fileprivate let high: UInt64
        fileprivate let length: UInt8
        fileprivate let slot: Int
    }

    private static let slotCount = 1 << 15
    private static let longestWord = 16
    private static let mostIDs = 6
    private let entries: UnsafeMutablePointer<Entry>

    init() {
        entries = .allocate(capacity: Self.slotCount)
        entries.initialize(repeating: Entry(), count: Self.slotCount)
    }

    deinit { entries.deallocate() }

    /// The key of the word `range` of `text`, or nil for a word that is empty or too long.
    @inline(__always)
    static func key(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Key? {
        let length = range.count
        guard length > 0, length <= longestWord else { return nil }
        var low: UInt64 = 0
        var high: UInt64 = 0
        let raw = UnsafeRawBufferPointer(text)
        if range.lowerBound + longestWord <= raw.count {
            low = raw.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self).littleEndian
            if length < 8 {
                low &= (1 << UInt64(8 * length)) - 1
            } else if length > 8 {
                high = raw.loadUnaligned(fromByteOffset: range.lowerBound + 8, as: UInt64.self).littleEndian
                high &= .max >> UInt64(8 * (longestWord - length))
            }
        } else {
            for index in 0..<min(length, 8) { low |= UInt64(raw[range.lowerBound + index]) << UInt64(8 * index) }
            for index in 8..<max(length, 8) { high |= UInt64(raw[range.lowerBound + index]) << UInt64(8 * (index - 8)) }
        }
        let product = (low ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(
            by: (high &+ UInt64(length)) ^ 0xE703_7ED1_A0B4_28DB)
        let slot = Int(truncatingIfNeeded: product.high ^ product.low) & (slotCount - 1)
        return Key(low: low, high: high, length: UInt8(length), slot: slot)
    }

    /// Appends the word's ids if the cache has them; returns false if not.
    @inline(__always)
    func append(_ key: Key, to ids: inout [Int32]) -> Bool {
        let entry = entries + key.slot
        guard entry.pointee.low == key.low, entry.pointee.high == key.high, entry.pointee.length == key.length
        else { return false }
        let found = entry.pointee.ids
        ids.append(found.0)
        let count = entry.pointee.count
        if count > 1 {
            ids.append(found.1)
            if count > 2 { ids.append(found.2) }
            if count > 3 { ids.append(found.3) }
            if count > 4 { ids.append(found.4) }
            if count > 5 { ids.append(found.5) }
        }
        return true
    }

    /// Stores a word's ids, if there are one to six.
    func remember(_ key: Key, _ ids: ArraySlice<Int32>) {
        guard !ids.isEmpty, ids.count <= Self.mostIDs else { return }
        var entry = Entry(low: key.low, high: key.high, length: key.length, count: UInt8(ids.count))
        let first = ids.startIndex
        entry.ids.0 = ids[first]
        if ids.count > 1 { entry.ids.1 = ids[first + 1] }
        if ids.count > 2 { entry.ids.2 = ids[first + 2] }
        if ids.count > 3 { entry.ids.3 = ids[first + 3] }
        if ids.count > 4 { entry.ids.4 = ids[first + 4] }
        if ids.count > 5 { entry.ids.5 = ids[first + 5] }
        entries[key.slot] = entry
    }
}
