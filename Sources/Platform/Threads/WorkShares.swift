import Synchronization

/// The rest of each member's share of some work, for work stealing: begin and end in one atomic word, so that the owner
/// takes from the front and other members from the end without a lock.
@usableFromInline
final class WorkShares: @unchecked Sendable {
    // Unchecked: the words are atomic.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let members: Int
    /// Words from one share to the next: a pair of cache lines, since processors fetch the lines of a pair together.
    private static let stride = 16

    init(members: Int) {
        self.members = members
        words = .allocate(capacity: members * Self.stride)
        for index in 0..<members * Self.stride { (words + index).initialize(to: Atomic(0)) }
    }

    deinit {
        words.deinitialize(count: members * Self.stride)
        words.deallocate()
    }

    /// Cuts 0 ..< total into one range per member. Called while no member takes pieces.
    @usableFromInline
    func deal(_ total: Int) {
        precondition(total <= UInt32.max)
        for member in 0..<members {
            let share = Self.share(of: member, among: members, total: total)
            words[member * Self.stride].store(Self.word(of: share), ordering: .relaxed)
        }
    }

    /// A member's part of 0 ..< total, cut evenly.
    @usableFromInline
    static func share(of member: Int, among members: Int, total: Int) -> Range<Int> {
        (total * member / members)..<(total * (member + 1) / members)
    }

    /// Takes a piece from the front of the member's own share; once that is empty, from the end of another member's
    /// share; nil if nothing is left.
    ///
    /// A piece is half of what is left of the share, or `least` if that is more. Large pieces come first, because each
    /// piece costs an atomic instruction and a new stream of reads; small pieces at the end are enough to make the
    /// members end together.
    @usableFromInline
    func take(_ member: Int, least: Int) -> Range<Int>? {
        for step in 0..<members {
            let owner = (member + step) % members
            if let piece = take(of: owner, least: least, fromFront: step == 0) { return piece }
        }
        return nil
    }

    private func take(of owner: Int, least: Int, fromFront: Bool) -> Range<Int>? {
        let pointer = words + owner * Self.stride
        // Relaxed: the words only divide the work, and the team's barrier orders its results.
        var word = pointer.pointee.load(ordering: .relaxed)
        while true {
            let share = Int(word & UInt64(UInt32.max))..<Int(word >> 32)
            guard !share.isEmpty else { return nil }
            let count = min(share.count, max(least, share.count / 2))
            let cut = fromFront ? share.lowerBound + count : share.upperBound - count
            let (front, end) = (share.lowerBound..<cut, cut..<share.upperBound)
            let (exchanged, now) = pointer.pointee.weakCompareExchange(
                expected: word, desired: Self.word(of: fromFront ? end : front), ordering: .relaxed)
            if exchanged { return fromFront ? front : end }
            word = now
        }
    }

    private static func word(of share: Range<Int>) -> UInt64 {
        UInt64(share.upperBound) << 32 | UInt64(share.lowerBound)
    }
}

/// The pieces of some work that one member of a team gets, taken one by one on demand. Not for use after the run.
@usableFromInline
package struct WorkPieces: Sequence, IteratorProtocol {
    @usableFromInline let shares: WorkShares
    @usableFromInline let member: Int
    @usableFromInline let least: Int

    @inlinable
    init(_ shares: WorkShares, member: Int, least: Int) {
        self.shares = shares
        self.member = member
        self.least = least
    }

    @inlinable
    package func next() -> Range<Int>? { shares.take(member, least: least) }
}
