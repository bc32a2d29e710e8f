import ArgumentParser

/// The report options that `bench offline` and `simulate` share.
struct ReportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Write all figures as JSON.", valueName: "file")) var json: String?
    @Option(help: ArgumentHelp("Write a report with plots: one HTML page.", valueName: "file")) var report: String?

    /// The files for `ReportFiles` to check.
    var files: [ReportFiles.Named] { [("json", json), ("report", report)] }

    /// Writes the reports that were asked for.
    func write(json text: @autoclosure () -> String, page: @autoclosure () -> String) throws {
        if let json { try writeFile(json, text()) }
        if let report { try writeFile(report, page()) }
    }
}
