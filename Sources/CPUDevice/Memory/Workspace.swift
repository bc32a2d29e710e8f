import CKernels

/// A growable buffer of numbers, 64-byte aligned. Its contents are lost when it grows.
package final class Scratch<Element>: @unchecked Sendable {
    // Unchecked: belongs to one stage; its team's barrier orders the accesses.
    package private(set) var base: UnsafeMutablePointer<Element>
    private(set) var capacity = 0

    package init() {
        base = Self.allocate(64)
        capacity = 64
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }

    package func reserve(_ count: Int) {
        guard count > capacity else { return }
        UnsafeMutableRawPointer(base).deallocate()
        base = Self.allocate(count)
        capacity = count
    }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Element> {
        UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
            .bindMemory(to: Element.self, capacity: count)
    }
}

/// Activation rows in the form that matrices read: f32, and 8-bit where the precision asks for it.
package final class MatrixInput {
    package let values = Scratch<Float>()
    let quantised = Scratch<Int8>()
    let scales = Scratch<Float>()
    let scaledSums = Scratch<Float>()
    let offsets = Scratch<Int32>()
    package private(set) var width = 0

    package init() {}

    package func reserve(rows: Int, width: Int) {
        self.width = width
        values.reserve(rows * width)
        quantised.reserve(rows * width)
        scales.reserve(rows * (width / Int(TW_BLOCK) + 1))
        scaledSums.reserve(rows * (width / Int(TW_BLOCK) + 1))
        offsets.reserve(rows * (width / Int(TW_BLOCK) + 1) * 2)
    }

    package func row(_ index: Int) -> UnsafeMutablePointer<Float> { values.base + index * width }

    /// Makes the 8-bit form of some rows from the f32 form.
    func quantise(_ rows: Range<Int>, with kernels: tw_kernels) {
        quantise(rows, columns: 0..<width, with: kernels)
    }

    /// Makes the 8-bit form of some columns of some rows; the columns are cut at multiples of 32.
    package func quantise(_ rows: Range<Int>, columns: Range<Int>, with kernels: tw_kernels) {
        guard !rows.isEmpty, width % Int(TW_BLOCK) == 0 else { return }
        kernels.quantise_rows(
            row(rows.lowerBound) + columns.lowerBound, Int64(rows.count), Int64(columns.count), Int64(width),
            quantised(row: rows.lowerBound, column: columns.lowerBound))
    }

    /// The 8-bit form, from a row and column on.
    func quantised(row: Int = 0, column: Int = 0) -> tw_quantised_rows {
        let first = row * width + column
        let block = first / Int(TW_BLOCK)
        return tw_quantised_rows(
            q: quantised.base + first, scale: scales.base + block, scaled_sum: scaledSums.base + block,
            offset: offsets.base + 2 * block)
    }
}
