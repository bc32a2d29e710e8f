/// A linear axis from 0 with round ticks.
struct PlotScale {
    /// Where the axis starts, in pixels.
    let start: Double
    /// The length of the axis in pixels.
    let length: Double
    /// The value at the end of the axis, above 0.
    let top: Double
    let step: Double

    /// `largest` is the greatest value to be shown; `ticks` is the approximate number of ticks.
    init(largest: Double, start: Double, length: Double, ticks: Int = 5) {
        // Beyond these limits the arithmetic below would leave the range of a Double.
        let largest = largest.isFinite && largest > 1e-200 ? min(largest, 1e200) : 1
        let rough = largest / Double(max(1, ticks))
        var power = 1.0
        while power * 10 <= rough { power *= 10 }
        while power > rough { power /= 10 }
        step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? power * 10
        top = largest * 1.02
        self.start = start
        self.length = length
    }

    func position(_ value: Double) -> Double { start + min(max(0, value / top), 1) * length }

    /// Values from 0 to the top.
    var ticks: [Double] { (0...Int((top / step).rounded(.down))).map { Double($0) * step } }

    /// A tick's value with as many digits as the step needs.
    func text(_ value: Double) -> String {
        var digits = 0
        var scaled = step
        while digits < 6, scaled < 0.999 {
            scaled *= 10
            digits += 1
        }
        return digits == 0 && value < 1e15 ? Quantities.grouped(Int(value)) : Quantities.fixed(value, digits: digits)
    }
}
