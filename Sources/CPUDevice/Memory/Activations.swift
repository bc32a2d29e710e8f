import Platform

/// Rows of f32 values, [rows, width]: a residual stream, the normed rows that tokens are drawn from, or logits.
/// Releasing the last reference gives the memory back to its pool.
package final class Activations: @unchecked Sendable {
    // Unchecked: no thread reads or writes a value while another writes it. A residual stream is in one stage at a
    // time, and the link's lock orders the stages' accesses. Normed rows are written before other stages get them, and
    // only read from then on. Of logits, each stage writes columns of its own; a stage draws from logits after a lock
    // has told it that all columns are written. Within a stage the team's barrier orders the members' accesses.
    package let rows: Int
    package let width: Int
    package let values: UnsafeMutablePointer<Float>
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

/// Buffers of finished micro-batches, for reuse.
package final class ActivationPool: Sendable {
    private struct Buffer: @unchecked Sendable {
        let memory: UnsafeMutableBufferPointer<Float>
    }
    private let free = Guarded<[Buffer]>([])

    package init() {}

    deinit { for buffer in free.withLock({ $0 }) { buffer.memory.deallocate() } }

    /// Takes a free buffer or allocates one. Its values are those of an earlier user or undefined.
    package func take(rows: Int, width: Int) -> Activations {
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
