#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The memory of this process as the operating system counts it.
package enum PeakMemory {
    /// The most bytes that were resident at a time, since the program or the last `begin`; 0 if the system does not
    /// say.
    package static var residentBytes: Int {
        #if canImport(Glibc)
            // VmHWM restarts with each program; getrusage's maximum would include the program that ran before exec.
            if let file = fopen("/proc/self/status", "r") {
                defer { fclose(file) }
                var line = [CChar](repeating: 0, count: 256)
                while fgets(&line, Int32(line.count), file) != nil {
                    guard strncmp(line, "VmHWM:", 6) == 0 else { continue }
                    return line.withUnsafeBufferPointer { strtol($0.baseAddress! + 6, nil, 10) * 1024 }
                }
            }
        #endif
        #if canImport(Darwin)
            var usage = rusage()
            getrusage(RUSAGE_SELF, &usage)
            return Int(usage.ru_maxrss)
        #else
            return 0
        #endif
    }

    /// Resets the peak to the bytes that are resident now. Returns false if the system cannot; the peak then stays.
    @discardableResult
    package static func begin() -> Bool {
        #if canImport(Glibc)
            guard let file = fopen("/proc/self/clear_refs", "w") else { return false }
            let isWritten = fputs("5", file) >= 0
            return fclose(file) == 0 && isWritten
        #else
            return false
        #endif
    }
}
