import Synchronization

/// What is left of each member's share of some work: two numbers in one word, so that its owner takes from the front
/// and others from the end without a lock.
@usableFromInline
final class WorkShares: @unchecked Sendable {
    // Unchecked: the words are atomic.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let members: Int
    /// Words from one share to the next: as far as a pair of cache lines, which processors fetch together.
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

    /// Cuts 0 ..< total into one neighbouring range a member. Called while no member takes.
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

    /// A piece from the front of the member's own share; once that is used up, from the end of another's; nil if nothing
    /// is left.
    ///
    /// A piece is half of what is left of the share, or `least` if that is more: each one costs a locked instruction and a
    /// fresh start, and small ones at the end are enough to make members end together.
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
        // Relaxed: the words say who does what, and the team's barrier orders what is done.
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

/// The pieces of some work that fall to one member of a team, as it asks for them; not to be asked after the run.
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
