#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The machine under this process, as the operating system describes it.
package enum Machine {
    /// The processor's name; `unknown` if the system does not say.
    package static let processor: String = {
        #if canImport(Darwin)
            var bytes = [CChar](repeating: 0, count: 256)
            var size = bytes.count
            if sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0) == 0 { return text(bytes) }
        #else
            if let name = firstValue(of: "model name", in: "/proc/cpuinfo") { return name }
        #endif
        return "unknown"
    }()

    /// Bytes of main memory; nil if the system does not say.
    package static let memoryBytes: Int? = {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let (bytes, overflow) = pages.multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE)))
        return pages > 0 && !overflow ? bytes : nil
    }()

    /// Name and release of the operating system.
    package static let system: String = {
        var names = utsname()
        guard uname(&names) == 0 else { return "unknown" }
        return withUnsafeBytes(of: &names.sysname) { text($0) } + " "
            + withUnsafeBytes(of: &names.release) { text($0) }
    }()

    /// Seconds since the beginning of 1970.
    package static var unixTime: Int64 { Int64(time(nil)) }

    private static func text(_ bytes: some Sequence<some BinaryInteger>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }

    /// The value after the first `key :` of a file.
    private static func firstValue(of key: String, in path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 4096)
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let line = text(buffer)
            guard line.hasPrefix(key), let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return String(value.prefix { !$0.isNewline })
        }
        return nil
    }
}
