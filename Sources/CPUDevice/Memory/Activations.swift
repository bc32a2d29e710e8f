import Synchronization

/// The residual stream of a micro-batch: [rows, width] f32. What one stage hands to the next.
public final class Activations: @unchecked Sendable {
    // Unchecked: owned by one stage at a time; the link hands it over.
    public let rows: Int
    public let width: Int
    public let values: UnsafeMutablePointer<Float>
    private let capacity: Int
    private let pool: ActivationPool?

    fileprivate init(rows: Int, width: Int, buffer: UnsafeMutableBufferPointer<Float>, pool: ActivationPool?) {
        self.rows = rows
        self.width = width
        values = buffer.baseAddress!
        capacity = buffer.count
        self.pool = pool
    }

    deinit {
        let buffer = UnsafeMutableBufferPointer(start: values, count: capacity)
        if let pool { pool.recycle(buffer) } else { buffer.deallocate() }
    }
}

/// Buffers of ended micro-batches, used again.
public final class ActivationPool: Sendable {
    private struct Buffer: @unchecked Sendable {
        let memory: UnsafeMutableBufferPointer<Float>
    }
    private let free = Mutex<[Buffer]>([])

    public init() {}

    deinit { for buffer in free.withLock({ $0 }) { buffer.memory.deallocate() } }

    /// Values are those of an earlier user or undefined.
    public func take(rows: Int, width: Int) -> Activations {
        let count = max(1, rows * width)
        let found = free.withLock { list -> Buffer? in
            guard let index = list.lastIndex(where: { $0.memory.count >= count }) else { return nil }
            return list.remove(at: index)
        }
        // Rounded up, so that batches of slightly different sizes share buffers.
        let buffer = found?.memory ?? .allocate(capacity: (count + 16_383) / 16_384 * 16_384)
        return Activations(rows: rows, width: width, buffer: buffer, pool: self)
    }

    fileprivate func recycle(_ memory: UnsafeMutableBufferPointer<Float>) {
        let buffer = Buffer(memory: memory)
        let surplus = free.withLock { list -> Buffer? in
            list.append(buffer)
            return list.count > 16 ? list.removeFirst() : nil
        }
        surplus?.memory.deallocate()
    }
}
