import Runtime
import Scheduling
import Testing
import Transformer

@Suite("Links between stages", .timeLimit(.minutes(1)))
struct StageLinkTests {
    private let pool = ActivationPool()

    private func activations(_ value: Int) -> Activations {
        let activations = pool.take(rows: 1, width: 2)
        activations.values[0] = Float(value)
        return activations
    }

    @Test("activations arrive in order, and none after the link was closed")
    func order() {
        let link = InProcessLink()
        for id in 0..<100 { link.send(MicroBatchID(id), activations(id)) }
        link.close()
        for id in 0..<100 { #expect(link.receive(MicroBatchID(id))?.values[0] == Float(id)) }
        #expect(link.receive(MicroBatchID(100)) == nil)
        #expect(link.receive(MicroBatchID(100)) == nil)
    }

    @Test("a receiver waits for the sender, and wakes when the link closes")
    func waiting() throws {
        for round in 0..<50 {
            let link = InProcessLink()
            let count = round * 3
            let pool = pool
            let sender = try JoinableThread {
                for id in 0..<count {
                    let activations = pool.take(rows: 1, width: 1)
                    activations.values[0] = Float(id)
                    link.send(MicroBatchID(id), activations)
                    if id % 7 == round % 7 { yieldThread() }
                }
                link.close()
            }
            var received: [Activations] = []
            while let next = link.receive(MicroBatchID(received.count)) { received.append(next) }
            sender.join()
            #expect(received.map { $0.values[0] } == (0..<count).map(Float.init))
        }
    }

    @Test("buffers are used again, and never by two at a time")
    func pooled() {
        let first = activations(1)
        let address = first.values
        let second = activations(2)
        #expect(second.values != address && first.values[0] == 1)
        func takeAndDrop() -> UnsafeMutablePointer<Float> { pool.take(rows: 2, width: 3).values }
        let third = takeAndDrop()
        #expect(takeAndDrop() == third)
        let large = pool.take(rows: 1000, width: 1000)
        large.values[999_999] = 1
        #expect(large.rows == 1000 && large.width == 1000)
        withExtendedLifetime((first, second)) {}
    }
}
