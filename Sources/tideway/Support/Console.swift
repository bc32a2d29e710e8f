import Platform

/// The two standard streams. Answers and figures go to standard output, all messages to standard error.
enum Console {
    static func error(_ text: String) { StandardStream.error.write(text + "\n") }

    static func out(_ text: String) { StandardStream.output.write(text + "\n") }
}

/// Writes a whole text file.
func writeFile(_ path: String, _ text: String) throws { try SmallFile.write(path, Array(text.utf8)) }

/// Writes a whole file of bytes.
func writeFile(_ path: String, bytes: [UInt8]) throws { try SmallFile.write(path, bytes) }
