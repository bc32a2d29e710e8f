#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The functions of the system's mathematics library that the standard library lacks.
package enum Math {
    /// e to the power of `x`.
    package static func exponential(_ x: Double) -> Double { exp(x) }
    /// The natural logarithm.
    package static func logarithm(_ x: Double) -> Double { log(x) }
    package static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
    /// The cosine of an angle in radians.
    package static func cosine(_ angle: Double) -> Double { cos(angle) }
    /// The sine of an angle in radians.
    package static func sine(_ angle: Double) -> Double { sin(angle) }
}
