/// Arithmetic on sizes that come from a file: the result is nil if it does not fit in an `Int`.
enum CheckedSize {
    /// `a + b`.
    static func sum(_ a: Int, _ b: Int) -> Int? {
        let (result, overflow) = a.addingReportingOverflow(b)
        return overflow ? nil : result
    }

    /// The product of `factors`; 1 where there are none.
    static func product(_ factors: [Int]) -> Int? {
        var product = 1
        for factor in factors {
            let (result, overflow) = product.multipliedReportingOverflow(by: factor)
            guard !overflow else { return nil }
            product = result
        }
        return product
    }
}
