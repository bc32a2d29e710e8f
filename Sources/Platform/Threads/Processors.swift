import CPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The processor cores that this process may run on.
package enum Processors {
    /// Their numbers, ascending; at least one.
    package static let available: [Int] = {
        var cores = [Int32](repeating: 0, count: 1024)
        let count = Int(tw_available_cores(&cores, Int32(cores.count)))
        if count > 0 { return cores.prefix(min(count, cores.count)).map(Int.init) }
        return Array(0..<max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    }()
}

/// Keeps the calling thread on one core, where the system has a way to; a refusal is harmless and ignored.
package func pinCurrentThread(to core: Int) {
    _ = tw_pin_thread(Int32(core))
}
