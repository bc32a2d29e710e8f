import CPUDevice
import Testing

@Suite("Memory of activations")
struct ActivationPoolTests {
    private let pool = ActivationPool()

    @Test("buffers are used again, and never by two at a time")
    func pooled() {
        let first = pool.take(rows: 1, width: 2)
        first.values[0] = 1
        let second = pool.take(rows: 1, width: 2)
        second.values[0] = 2
        #expect(second.values != first.values && first.values[0] == 1)
        func takeAndDrop() -> UnsafeMutablePointer<Float> { pool.take(rows: 2, width: 3).values }
        let third = takeAndDrop()
        #expect(takeAndDrop() == third)
        let large = pool.take(rows: 1000, width: 1000)
        large.values[999_999] = 1
        #expect(large.rows == 1000 && large.width == 1000)
        withExtendedLifetime((first, second)) {}
    }
}
