import Platform
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Thread team", .timeLimit(.minutes(30)))
struct ThreadTeamTests {
    /// How often each index was handed out, counted by any thread.
    private final class Tally: @unchecked Sendable {
        // Unchecked: the lock guards the counts. It is one that the thread sanitizer knows.
        private let lock = ConditionLock()
        private var counts: [Int]
        init(_ count: Int) { counts = [Int](repeating: 0, count: count) }
        func add(_ index: Int) { lock.withLock { counts[index] += 1 } }
        var values: [Int] { lock.withLock { counts } }
    }

    static let totals = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 100, 1001]

    @Test("each member runs once", arguments: 1...5, [0, 2000])
    func run(count: Int, spins: Int) throws {
        let team = try ThreadTeam(count: count, spins: spins)
        let tally = Tally(count)
        for _ in 0..<20 { team.run { tally.add($0) } }
        #expect(tally.values == [Int](repeating: 20, count: count))
    }

    @Test("a split covers every index once, in neighbouring ranges", arguments: 1...5)
    func split(count: Int) throws {
        let team = try ThreadTeam(count: count)
        for total in Self.totals {
            let tally = Tally(total)
            let sizes = Tally(total + 1)
            team.split(total) { range in
                sizes.add(range.count)
                for index in range { tally.add(index) }
            }
            #expect(tally.values == [Int](repeating: 1, count: total))
            let used = sizes.values.indices.filter { sizes.values[$0] > 0 }
            #expect(sizes.values[0] == 0, "a member was called for nothing")
            if let least = used.first, let most = used.last { #expect(most - least <= 1) }
            #expect(sizes.values.reduce(0, +) <= count)
        }
    }

    @Test("tasks are handed out once each, with the member that runs them", arguments: 1...5)
    func forEach(count: Int) throws {
        let team = try ThreadTeam(count: count)
        for total in Self.totals {
            let tally = Tally(total)
            let busy = (0..<count).map { _ in Flag() }
            team.forEach(total) { task, member in
                // Two tasks at a time on one member would share its scratch memory.
                busy[member].enter()
                tally.add(task)
                busy[member].leave()
            }
            #expect(tally.values == [Int](repeating: 1, count: total))
            #expect(busy.allSatisfy { !$0.wasShared })
        }
    }

    @Test("shared work is done once, in pieces that are not too small", arguments: 1...5, [1, 4, 1000])
    func share(count: Int, least: Int) throws {
        let team = try ThreadTeam(count: count)
        for total in Self.totals {
            let tally = Tally(total)
            let members = Tally(count)
            let sizes = Tally(total + 1)
            team.share(total, least: least, with: ()) { _, pieces, member in
                members.add(member)
                for piece in pieces {
                    sizes.add(piece.count)
                    for index in piece { tally.add(index) }
                }
            }
            #expect(tally.values == [Int](repeating: 1, count: total))
            #expect(members.values == [Int](repeating: 1, count: count))
            #expect(sizes.values[0] == 0, "an empty piece")
            // Each share ends in one piece at most that is smaller.
            #expect(sizes.values.prefix(least).reduce(0, +) <= count)
        }
    }

    @Test("what a member has not begun is done by another")
    func shareOfABusyMember() throws {
        let team = try ThreadTeam(count: 2)
        let hasBegun = Atomic<Bool>(false)
        let isDone = Atomic<Bool>(false)
        let tally = Tally(100)
        let left = Tally(1)
        team.share(100, least: 1, with: ()) { _, pieces, member in
            if member == 0 {
                while !hasBegun.load(ordering: .acquiring) { sched_yield() }
                for piece in pieces {
                    for index in piece { tally.add(index) }
                }
                isDone.store(true, ordering: .releasing)
            } else {
                let piece = pieces.next() ?? 0..<0
                hasBegun.store(true, ordering: .releasing)
                for index in piece { tally.add(index) }
                while !isDone.load(ordering: .acquiring) { sched_yield() }
                if pieces.next() != nil { left.add(0) }
            }
        }
        #expect(tally.values == [Int](repeating: 1, count: 100))
        #expect(left.values == [0], "the other member left some of it")
    }

    private final class Flag: Sendable {
        private let inside = Atomic<Int>(0)
        private let shared = Atomic<Bool>(false)
        func enter() {
            if inside.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue > 1 {
                shared.store(true, ordering: .relaxed)
            }
        }
        func leave() { inside.wrappingSubtract(1, ordering: .acquiringAndReleasing) }
        var wasShared: Bool { shared.load(ordering: .acquiring) }
    }

    @Test("ten thousand quick runs", arguments: [2, 3], [0, 500])
    func quick(count: Int, spins: Int) throws {
        let team = try ThreadTeam(count: count, spins: spins)
        let sum = Atomic<Int>(0)
        // What a member wrote is seen after the run, without a lock of the test's own.
        nonisolated(unsafe) let cells = UnsafeMutablePointer<Int>.allocate(capacity: count)
        cells.initialize(repeating: 0, count: count)
        defer { cells.deallocate() }
        for round in 1...10_000 {
            team.run { member in
                cells[member] += 1
                sum.wrappingAdd(1, ordering: .relaxed)
            }
            for member in 0..<count where cells[member] != round {
                Issue.record("member \(member) ran \(cells[member]) times in \(round) runs")
                return
            }
        }
        #expect(sum.load(ordering: .relaxed) == 10_000 * count)
    }

    @Test("teams work beside each other and inside each other")
    func several() throws {
        let outer = try ThreadTeam(count: 3, spins: 0)
        let inner = try (0..<3).map { _ in try ThreadTeam(count: 2, spins: 100) }
        let tally = Tally(3 * 50)
        for _ in 0..<50 {
            outer.run { member in
                inner[member].forEach(50) { task, _ in tally.add(member * 50 + task) }
            }
        }
        #expect(tally.values == [Int](repeating: 50, count: 150))
    }

    /// A member that waited for its own team would hang, or have others do half of the work twice.
    @Test("a team at work that is given more work ends the process")
    func enteredTwice() async {
        await #expect(processExitsWith: .failure) {
            let team = try ThreadTeam(count: 2, spins: 0)
            team.run { member in
                if member == 0 { team.run { _ in } }
            }
        }
        await #expect(processExitsWith: .success) {
            let team = try ThreadTeam(count: 2, spins: 0)
            for _ in 0..<2 { team.run { _ in } }
        }
    }

    @Test("teams come and go")
    func shortLived() throws {
        let sum = Atomic<Int>(0)
        for round in 0..<200 {
            let team = try ThreadTeam(count: 4, spins: round % 2 * 1000)
            if round % 3 != 0 { team.run { _ in sum.wrappingAdd(1, ordering: .relaxed) } }
        }
        #expect(sum.load(ordering: .relaxed) == 133 * 4)
    }

    @Test("work is let go of before a run returns")
    func lifetime() throws {
        final class Token: Sendable {}
        let team = try ThreadTeam(count: 3, spins: 0)
        for _ in 0..<500 {
            weak var weakToken: Token?
            do {
                let token = Token()
                weakToken = token
                team.run { _ in withExtendedLifetime(token) {} }
            }
            #expect(weakToken == nil)
        }
    }
}
