import Platform
import Scheduling
import Simulation
import Testing

@Suite struct EventQueueTests {
    private func drain(_ queue: inout EventQueue<Int>) -> [Int] {
        var events: [Int] = []
        while let (_, event) = queue.removeNext() { events.append(event) }
        return events
    }

    @Test func eventsComeOutInTheOrderOfTime() {
        var queue = EventQueue<Int>()
        for time in [5, 1, 4, 2, 3] { queue.add(time, at: Instant(nanoseconds: Int64(time))) }
        #expect(queue.nextTime == Instant(nanoseconds: 1))
        #expect(queue.count == 5)
        #expect(drain(&queue) == [1, 2, 3, 4, 5])
        #expect(queue.isEmpty && queue.nextTime == nil)
    }

    @Test func eventsOfOneMomentKeepTheirOrder() {
        var queue = EventQueue<Int>()
        for event in 0..<100 { queue.add(event, at: .zero) }
        #expect(drain(&queue) == Array(0..<100))
    }

    /// Also when they are taken out in between.
    @Test func agreesWithAStableSort() {
        var random = SeededRandom(seed: 11)
        var queue = EventQueue<Int>()
        var expected: [(time: Int, event: Int)] = []
        for event in 0..<2000 {
            let time = random.integer(in: 0...20)
            queue.add(event, at: Instant(nanoseconds: Int64(time)))
            let place = expected.firstIndex { $0.time > time } ?? expected.endIndex
            expected.insert((time, event), at: place)
            if random.integer(in: 0...2) == 0 {
                let next = queue.removeNext()
                let first = expected.removeFirst()
                #expect(next?.event == first.event)
                #expect(next?.time == Instant(nanoseconds: Int64(first.time)))
            }
        }
        #expect(drain(&queue) == expected.map(\.event))
    }
}
