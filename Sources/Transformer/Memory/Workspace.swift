import CKernels

/// A growable f32 or 8-bit buffer, 64-byte aligned. Contents are lost when it grows.
final class Scratch<Element>: @unchecked Sendable {
    // Unchecked: belongs to one stage; its team's barrier orders the accesses.
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var capacity = 0

    init() {
        base = Self.allocate(64)
        capacity = 64
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }

    func reserve(_ count: Int) {
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
final class MatrixInput {
    let values = Scratch<Float>()
    let quantised = Scratch<Int8>()
    let scales = Scratch<Float>()
    let scaledSums = Scratch<Float>()
    private(set) var width = 0

    func reserve(rows: Int, width: Int) {
        self.width = width
        values.reserve(rows * width)
        quantised.reserve(rows * width)
        scales.reserve(rows * (width / Int(TW_BLOCK) + 1))
        scaledSums.reserve(rows * (width / Int(TW_BLOCK) + 1))
    }

    func row(_ index: Int) -> UnsafeMutablePointer<Float> { values.base + index * width }

    /// Makes the 8-bit form of some rows from the f32 form.
    func quantise(_ rows: Range<Int>, with kernels: tw_kernels) {
        guard !rows.isEmpty, width % Int(TW_BLOCK) == 0 else { return }
        let blocks = width / Int(TW_BLOCK)
        kernels.quantise_rows(
            row(rows.lowerBound), Int64(rows.count), Int64(width), quantised.base + rows.lowerBound * width,
            scales.base + rows.lowerBound * blocks, scaledSums.base + rows.lowerBound * blocks)
    }

    var rows: tw_quantised_rows {
        tw_quantised_rows(q: quantised.base, scale: scales.base, scaled_sum: scaledSums.base)
    }
}
