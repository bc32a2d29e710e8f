import CKernels

extension KernelMeasurement {
    private static let rowCount = 32
    private static let width = 1024
    private static let vocabulary = 49_152

    /// A kernel over rows: the bytes that it reads and writes per value, and a closure for one call on a member's data.
    private struct RowKernel {
        let name: String
        let values: Int
        let bytesOfValue: Double
        let run: (KernelRowData) -> Void
    }

    /// Measures the kernels that go over rows once, on data in a cache.
    func rows(_ report: (KernelFigure) -> Void) {
        let data = (0..<timer.team.count).map { _ in
            KernelRowData(values: max(Self.rowCount * Self.width, Self.vocabulary))
        }
        for kernel in rowKernels(set.table) {
            let timing = timer.measure { member, units in
                for _ in 0..<units { kernel.run(data[member]) }
            }
            report(
                KernelFigure(
                    kernels: set.name, name: kernel.name, format: nil, rows: nil, context: nil, isCold: false,
                    operations: 0, bytes: Double(kernel.values) * kernel.bytesOfValue, timing: timing, least: nil))
        }
    }

    private func rowKernels(_ kernels: tw_kernels) -> [RowKernel] {
        let (m, k) = (Int64(Self.rowCount), Int64(Self.width))
        let (all, vocabulary) = (Self.rowCount * Self.width, Int64(Self.vocabulary))
        return [
            RowKernel(name: "rms_norm", values: all, bytesOfValue: 8) {
                kernels.rms_norm($0.large.floats, k, $0.ones.floats, 1e-5, m, k, $0.out.floats, k)
            },
            RowKernel(name: "layer_norm", values: all, bytesOfValue: 8) {
                kernels.layer_norm(
                    $0.large.floats, k, $0.ones.floats, $0.zeros.floats, 1e-12, m, k, $0.out.floats, k)
            },
            // 4 bytes in; 1 byte and a block's scale, scaled sum and two offsets out.
            RowKernel(name: "quantise_rows", values: all, bytesOfValue: 5.5) {
                kernels.quantise_rows($0.large.floats, m, k, k, $0.quantised(all))
            },
            RowKernel(name: "rope", values: all, bytesOfValue: 8) { data in
                for row in 0..<m {
                    let x = data.large.floats + Int(row * k)
                    kernels.rope(x, k / 64, 64, data.ones.floats, data.zeros.floats, 32, false)
                }
            },
            // silu(30) is 30: the gate stays the same when it is multiplied by 1.
            RowKernel(name: "silu_multiply", values: all, bytesOfValue: 12) {
                kernels.silu_multiply($0.large.floats, $0.ones.floats, m, k, k)
            },
            // gelu(30) is 30: the data stays the same.
            RowKernel(name: "gelu", values: all, bytesOfValue: 8) {
                kernels.gelu($0.large.floats, $0.zeros.floats, m, k, k)
            },
            RowKernel(name: "add_bias", values: all, bytesOfValue: 8) {
                kernels.add_bias($0.large.floats, $0.zeros.floats, m, k, k)
            },
            RowKernel(name: "add", values: all, bytesOfValue: 12) {
                kernels.add($0.large.floats, $0.zeros.floats, m * k)
            },
            RowKernel(name: "argmax", values: Self.vocabulary, bytesOfValue: 4) { data in
                var highest: Float = 0
                _ = kernels.argmax(data.rising.floats, vocabulary, &highest)
            },
            RowKernel(name: "exp_sum", values: Self.vocabulary, bytesOfValue: 8) {
                _ = kernels.exp_sum($0.large.floats, vocabulary, 30, 1, $0.out.floats)
            },
        ]
    }
}

/// One member's data for kernels over rows. Kernels that work in place leave its values unchanged.
struct KernelRowData {
    let large: KernelMemory
    let ones: KernelMemory
    let zeros: KernelMemory
    let out: KernelMemory
    /// The highest value is last, so that a search goes over all values.
    let rising: KernelMemory
    private let numbers: KernelMemory

    init(values: Int) {
        large = KernelMemory(floats: values, 30)
        ones = KernelMemory(floats: values, 1)
        zeros = KernelMemory(floats: values, 0)
        out = KernelMemory(floats: values, 0)
        rising = KernelMemory(floats: values, 1)
        for index in 0..<values { rising.floats[index] = Float(index) }
        numbers = KernelMemory(byteCount: values + values / Int(TW_BLOCK) * 16)
    }

    /// Room for `count` quantised values.
    func quantised(_ count: Int) -> tw_quantised_rows {
        let scales = (numbers.base + count).assumingMemoryBound(to: Float.self)
        let blocks = count / Int(TW_BLOCK)
        return tw_quantised_rows(
            q: numbers.base.assumingMemoryBound(to: Int8.self), scale: scales, scaled_sum: scales + blocks,
            offset: UnsafeMutableRawPointer(scales + 2 * blocks).assumingMemoryBound(to: Int32.self))
    }
}
