import Simulation

/// Reads the settings of a survey from a text, one a line:
///
///     cluster model workload requests seed [key=value]...
///
/// with spaces between the fields and none in them. The keys are those of `StudyKeys`. Empty lines are skipped, and so is
/// what follows a `#` at the beginning of a field.
package struct SurveyReader {
    private let catalogue: Catalogue
    private let model: (String) throws -> (shape: ModelShape, weights: WeightFormat?)
    private let workload: (String) throws -> StudyWorkload

    private static let fields = ["cluster", "model", "workload", "requests", "seed"]

    /// - Parameters:
    ///   - model: gives a model by its name, and the format of its weights if the name says it.
    ///   - workload: gives a workload by its name; asked once for each name.
    package init(
        catalogue: Catalogue = .standard,
        model: @escaping (String) throws -> (shape: ModelShape, weights: WeightFormat?),
        workload: @escaping (String) throws -> StudyWorkload
    ) {
        self.catalogue = catalogue
        self.model = model
        self.workload = workload
    }

    /// A reader that knows the catalogue's models and the built-in workloads.
    package init(catalogue: Catalogue = .standard) {
        self.init(
            catalogue: catalogue, model: { (try catalogue.model(named: $0), nil) },
            workload: { try StudyWorkload(shapeNamed: $0) })
    }

    /// - Throws: an error that names line and column, both from 1; `invalid_setting` for a text without settings.
    package func settings(of text: String) throws(SimulationError) -> [SurveySetting] {
        var found: [(line: Int, setting: SurveySetting)] = []
        var workloads: [String: StudyWorkload] = [:]
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let words = Self.words(of: line)
            guard let first = words.first else { continue }
            let place = Place(line: index + 1, end: line.count + 1)
            let setting = try setting(of: words, place, &workloads)
            if let same = found.first(where: { $0.setting.isSame(as: setting) }) {
                throw place.error("the setting is that of line \(same.line)", at: first.column)
            }
            found.append((index + 1, setting))
        }
        guard !found.isEmpty else {
            throw SimulationError(
                .invalidSetting, "there are no settings; at least one line with \(Self.form) is needed")
        }
        return found.map(\.setting)
    }

    private static let form = fields.joined(separator: " ")

    private struct Word {
        let text: String
        let column: Int
    }

    private struct Place {
        let line: Int
        /// The column after the last character.
        let end: Int

        func error(_ message: String, at column: Int, cause: SimulationError? = nil) -> SimulationError {
            SimulationError(
                cause?.code ?? .malformedText, "line \(line), column \(column): \(message)", cause: cause)
        }

        /// Reads a word; its error names the place.
        func read<Value>(_ word: Word, _ body: (String) throws -> Value) throws(SimulationError) -> Value {
            do { return try body(word.text) } catch let error as SimulationError {
                throw self.error(error.message, at: word.column, cause: error)
            } catch {
                throw self.error("\(error)", at: word.column)
            }
        }
    }

    private static func words(of line: Substring) -> [Word] {
        var words: [Word] = []
        var (text, column) = ("", 0)
        func close() {
            if !text.isEmpty { words.append(Word(text: text, column: column)) }
            text = ""
        }
        for (index, character) in line.enumerated() {
            if character.isWhitespace {
                close()
            } else {
                if text.isEmpty {
                    if character == "#" { break }
                    column = index + 1
                }
                text.append(character)
            }
        }
        close()
        return words
    }

    private func setting(
        of words: [Word], _ place: Place, _ workloads: inout [String: StudyWorkload]
    ) throws(SimulationError) -> SurveySetting {
        guard words.count >= Self.fields.count else {
            throw place.error(
                "the line has \(words.count) of the \(Self.fields.count) fields \(Self.form)", at: place.end)
        }
        let cluster = try place.read(words[0]) { try Cluster($0, from: catalogue) }
        let (shape, weights) = try place.read(words[1], model)
        let source = if let known = workloads[words[2].text] { known } else { try place.read(words[2], workload) }
        workloads[words[2].text] = source
        var settings = StudySettings(model: shape, cluster: cluster)
        if let weights { settings.formats.weights = weights }
        try place.read(words[3]) { try settings.set("requests", to: $0) }
        try place.read(words[4]) { try settings.set("seed", to: $0) }
        let extras = try extras(of: Array(words.dropFirst(Self.fields.count)), place)
        // A rate is that of a process, so it comes after the process, wherever it stands.
        let ordered = extras.filter { $0.extra.key != "rate" } + extras.filter { $0.extra.key == "rate" }
        for (word, extra) in ordered {
            try place.read(word) { _ in try settings.set(extra.key, to: extra.value, from: catalogue) }
        }
        return SurveySetting(settings: settings, workload: source, extras: extras.map(\.extra))
    }

    private func extras(
        of words: [Word], _ place: Place
    ) throws(SimulationError) -> [(word: Word, extra: SurveySetting.Extra)] {
        var found: [(word: Word, extra: SurveySetting.Extra)] = []
        for word in words {
            let halves = word.text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map(String.init)
            guard halves.count == 2, !halves[1].isEmpty else {
                throw place.error("'\(word.text)' is not of the form key=value", at: word.column)
            }
            let key = try place.read(word) { _ in try StudyKeys.key(named: halves[0]).name }
            if let field = Self.fields.firstIndex(of: key) {
                throw place.error(
                    "\(key) is field \(field + 1) of the line, and has no value beside it", at: word.column)
            }
            if found.contains(where: { $0.extra.key == key }) {
                throw place.error("\(key) is given twice", at: word.column)
            }
            found.append((word, SurveySetting.Extra(key: key, value: halves[1])))
        }
        return found
    }
}

extension SurveySetting {
    /// Whether two settings are simulated alike, however they were written.
    fileprivate func isSame(as other: SurveySetting) -> Bool {
        settings == other.settings && workload == other.workload
    }
}
