import CPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The processor cores that this process may run on.
package enum Processors {
    /// The cores' numbers, ascending; at least one.
    package static let available: [Int] = {
        var cores = [Int32](repeating: 0, count: 1024)
        let count = Int(tw_available_cores(&cores, Int32(cores.count)))
        if count > 0 { return cores.prefix(min(count, cores.count)).map(Int.init) }
        return Array(0..<max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    }()
}

/// Pins the calling thread to one core, if the system can; a failure is harmless and ignored.
package func pinCurrentThread(to core: Int) {
    _ = tw_pin_thread(Int32(core))
}
