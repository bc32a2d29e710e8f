import CPUDevice
import OpenAIProtocol
import Platform
import Scheduling

extension StepProfile {
    /// The most tokens of a sample; a larger number is not a measurement.
    private static let mostTokens = 1 << 30
    /// The most context of a sample.
    private static let mostContext = 1 << 50
    /// The most stages of a profile, and threads and layers of a stage.
    private static let mostStages = 65_536
    /// The bound that times must be below.
    private static let mostSeconds = 1e6

    /// Reads a profile in the form that `text` writes.
    /// - Throws: `InferenceError` that names the field at fault and its value.
    public init(parsing bytes: [UInt8]) throws(InferenceError) {
        let root: JSONValue
        do { root = try JSONParser.parse(bytes) } catch {
            throw InferenceError(.badProfile, "not a step profile: \(error)")
        }
        let fields = ProfileFields(root, place: "")
        let version = try fields.integer("format_version", 0...Int(Int32.max))
        guard version == Self.formatVersion else {
            throw InferenceError(
                .badProfile, "format_version is \(version); this program reads version \(Self.formatVersion)")
        }
        let digits = try fields.string("model_fingerprint")
        guard let fingerprint = UInt64(digits, radix: 16) else {
            throw InferenceError(
                .badProfile, "model_fingerprint is '\(digits)'; a hexadecimal number of 64 bits is needed")
        }
        let activations = try fields.string("activations")
        guard let precision = Precision(rawValue: activations) else {
            let known = Precision.allCases.map(\.rawValue).joined(separator: ", ")
            throw InferenceError(.badProfile, "activations is '\(activations)'; known are \(known)")
        }
        // Profiles of earlier versions have no type: f16 was the only one.
        let keysAndValues = try fields.optionalString("kv_type") ?? KVType.f16.rawValue
        guard let kvType = KVType(rawValue: keysAndValues) else {
            let known = KVType.allCases.map(\.rawValue).joined(separator: ", ")
            throw InferenceError(.badProfile, "kv_type is '\(keysAndValues)'; known are \(known)")
        }
        let stages = try fields.integer("stages", 1...Self.mostStages)
        let layers = try fields.elements("stage_layers")
        guard layers.count == stages else {
            throw InferenceError(.badProfile, "stage_layers has \(layers.count) elements; stages is \(stages)")
        }
        let elements = try fields.elements("samples")
        guard !elements.isEmpty else { throw InferenceError(.badProfile, "samples is empty; at least one is needed") }
        var layerCounts: [Int] = []
        for layer in layers {
            layerCounts.append(try ProfileFields.integer(layer, "an element of stage_layers", 0...Self.mostStages))
        }
        var samples: [StepSample] = []
        for (index, element) in elements.enumerated() {
            samples.append(
                try Self.sample(ProfileFields(element, place: "samples[\(index)]."), stages: stages))
        }
        self.init(
            fingerprint: fingerprint, model: try fields.string("model"), stages: stages,
            threads: try fields.integer("threads", 1...Self.mostStages), layerCounts: layerCounts,
            processor: try fields.string("processor"), kernels: try fields.string("kernels"), precision: precision,
            kvType: kvType, samples: samples)
    }

    private static func sample(_ fields: ProfileFields, stages: Int) throws(InferenceError) -> StepSample {
        let load = StepLoad(
            tokens: try fields.integer("tokens", 1...mostTokens),
            context: try fields.integer("context", 0...mostContext),
            sequences: try fields.integer("sequences", 0...mostTokens))
        let times = try fields.elements("stage_seconds")
        guard times.count == stages else {
            throw InferenceError(
                .badProfile, "\(fields.place)stage_seconds has \(times.count) elements; stages is \(stages)")
        }
        var seconds: [Double] = []
        for time in times {
            guard let number = time.number, number > 0, number < mostSeconds else {
                throw InferenceError(
                    .badProfile,
                    "an element of \(fields.place)stage_seconds is \(ProfileFields.text(time)); seconds above 0 and "
                        + "below 1000000 are needed")
            }
            seconds.append(number)
        }
        return StepSample(load: load, stageSeconds: seconds)
    }
}

/// The members of a JSON object, read with their types and bounds.
private struct ProfileFields {
    private let value: JSONValue
    /// The path of the object, a prefix of the names of its fields in messages.
    let place: String

    init(_ value: JSONValue, place: String) {
        self.value = value
        self.place = place
    }

    func string(_ key: String) throws(InferenceError) -> String {
        let value = try member(key)
        guard let text = value.string else {
            throw InferenceError(.badProfile, "\(place)\(key) is \(Self.text(value)); a string is needed")
        }
        return text
    }

    /// nil if the object has no such member.
    func optionalString(_ key: String) throws(InferenceError) -> String? {
        value[key] == nil ? nil : try string(key)
    }

    func elements(_ key: String) throws(InferenceError) -> [JSONValue] {
        let value = try member(key)
        guard let elements = value.elements else {
            throw InferenceError(.badProfile, "\(place)\(key) is \(Self.text(value)); a list is needed")
        }
        return elements
    }

    func integer(_ key: String, _ range: ClosedRange<Int>) throws(InferenceError) -> Int {
        try Self.integer(try member(key), place + key, range)
    }

    static func integer(_ value: JSONValue, _ name: String, _ range: ClosedRange<Int>) throws(InferenceError) -> Int {
        guard let number = value.integer.flatMap({ Int(exactly: $0) }), range.contains(number) else {
            throw InferenceError(
                .badProfile,
                "\(name) is \(text(value)); an integer in \(range.lowerBound)...\(range.upperBound) is needed")
        }
        return number
    }

    /// A value for a message.
    static func text(_ value: JSONValue) -> String {
        let text = String(decoding: value.encoded(), as: UTF8.self)
        return text.count > 40 ? text.prefix(40) + "..." : text
    }

    private func member(_ key: String) throws(InferenceError) -> JSONValue {
        guard let member = value[key] else { throw InferenceError(.badProfile, "there is no \(place)\(key)") }
        return member
    }
}
