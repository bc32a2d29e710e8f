import Platform
import Testing

@Suite struct OrderedTasksTests {
    private final class Log: Sendable {
        private let told = Guarded<[Int]>([])
        func add(_ value: Int) { told.withLock { $0.append(value) } }
        var values: [Int] { told.withLock { $0 } }
    }

    @Test(arguments: [1, 2, 5], [0, 1, 2, 40])
    func resultsAndReportsComeInOrder(threads: Int, count: Int) throws {
        let log = Log()
        let results = try OrderedTasks.results(
            count, threads: threads,
            of: { number in
                // Early tasks take longer, so that later ones end before them.
                (0..<(count - number) * 2000).reduce(number) { $0 &+ $1 &- $1 } * 3
            },
            tell: { number, value in
                log.add(number)
                log.add(value)
            })
        #expect(results == (0..<count).map { $0 * 3 })
        #expect(log.values == (0..<count).flatMap { [$0, $0 * 3] })
    }

    /// A task that waits for another one would wait for ever if one thread did both.
    @Test func tasksRunAtTheSameTime() throws {
        let lock = ConditionLock()
        let meeting = Meeting(lock)
        let results = try OrderedTasks.results(2, threads: 2, of: { _ in meeting.attend(2) })
        #expect(results == [true, true])
    }

    private final class Meeting: @unchecked Sendable {
        // Unchecked: the lock guards the count.
        private let lock: ConditionLock
        private var present = 0
        init(_ lock: ConditionLock) { self.lock = lock }

        func attend(_ members: Int) -> Bool {
            lock.withLock {
                present += 1
                lock.broadcast()
                while present < members { lock.wait() }
                return true
            }
        }
    }
}
