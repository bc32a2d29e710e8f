import CKernels
import Testing

/// One implementation of the kernels, as a test argument.
struct KernelSet: @unchecked Sendable, CustomTestStringConvertible {
    // Unchecked: a table of C functions without state.
    let table: tw_kernels
    var name: String { String(cString: table.name) }
    var testDescription: String { name }

    static let portable = KernelSet(table: tw_kernels_portable().pointee)
    static let best = KernelSet(table: tw_kernels_best().pointee)
    /// The portable kernels, then the others that this processor runs, the fastest last.
    static let all: [KernelSet] = {
        var sets: [KernelSet] = []
        while let set = tw_kernels_at(Int64(sets.count)) { sets.append(KernelSet(table: set.pointee)) }
        return sets
    }()
    /// All but the portable ones.
    static let others = Array(all.dropFirst())
    static var hasOthers: Bool { !others.isEmpty }
    static let onlyPortable: Comment = "this processor has no kernels but the portable ones"
}

extension Array where Element == Float {
    var bits: [UInt32] { map(\.bitPattern) }
}

/// The largest of `|a[i] - b[i]| / bound[i]`: above 1 where a value lies outside of its bound. NaN counts as infinite.
func worstRatio(_ values: [Float], _ expected: [Double], bound: [Double]) -> Double {
    precondition(values.count == expected.count && values.count == bound.count)
    var worst = 0.0
    for index in values.indices {
        let difference = abs(Double(values[index]) - expected[index])
        let ratio = difference == 0 ? 0 : difference / bound[index]
        if !(ratio <= worst) { worst = ratio.isNaN ? .infinity : ratio }
    }
    return worst
}

/// Half a unit in the last place of a float, relative to its size: what one operation may be off by.
let unitRoundoff = 0x1p-24
