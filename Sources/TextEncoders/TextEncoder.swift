import CPUDevice
import ModelFiles
import Platform
import Scheduling

/// A text encoder of the BERT family: turns the tokens of a text into one vector, the text's embedding.
///
/// An encoder is for one thread at a time; it has a thread team of its own.
package final class TextEncoder {
    package let configuration: EncoderConfiguration
    private let embeddings: EncoderEmbeddings
    private let layers: [EncoderLayer]
    private let resources: EncoderResources

    /// Rows that go through the layers at a time: enough for a team to share, few enough to stay in a cache.
    private static let rowsAtATime = 512

    /// Reads the weights, f32, f16 or bf16, under Hugging Face's names.
    /// - Parameters:
    ///   - precision: `.f32` rounds nothing; `.int8` rounds weights and activations to 8 bits, in blocks of 32, which
    ///     more than doubles the speed and leaves embeddings of all-MiniLM-L6-v2 within a cosine of 0.998.
    ///   - portableKernels: whether to use the kernels in plain C instead of this processor's own.
    ///   - threads: at least 1; no bit of an embedding depends on it.
    /// - Throws: `DeviceError` or `ModelFileError` for a file that lacks tensors that the configuration asks for, or
    ///   holds other tensors.
    package init(
        _ file: SafetensorsFile, configuration: EncoderConfiguration, precision: Precision = .f32,
        portableKernels: Bool = false, threads: Int = 1
    ) throws {
        guard threads > 0 else {
            throw DeviceError(.badConfiguration, "\(threads) threads were asked for; at least 1 is needed")
        }
        self.configuration = configuration
        let team = try ThreadTeam(count: threads, spins: 0)
        let tensors = EncoderTensors(file, rounded: precision == .int8, team: team)
        embeddings = try EncoderEmbeddings(tensors, configuration)
        layers = try (0..<configuration.layers).map { try EncoderLayer(tensors, layer: $0, configuration) }
        try tensors.requireAllUsed()
        let kernels: Kernels = portableKernels ? .portable : .best
        resources = EncoderResources(
            kernels: kernels.table, precision: precision, team: team, model: configuration)
    }

    /// One vector [hidden] per text: the mean of the last layer's hidden states over all of its tokens, not yet of unit
    /// length. The bits of a text's vector do not depend on the other texts.
    /// - Parameter texts: the texts' tokens, including the special tokens around a text, such as [CLS] and [SEP]; no
    ///   text is empty or longer than the configuration's `longest`.
    /// - Throws: `DeviceError` for a text that the model cannot take; then no text is embedded.
    package func embed(_ texts: [[TokenID]]) throws(DeviceError) -> [[Float]] {
        for (index, text) in texts.enumerated() { try check(text, index) }
        return EncoderBatch.cut(texts, rows: Self.rowsAtATime).flatMap(embed)
    }

    private func check(_ text: [TokenID], _ index: Int) throws(DeviceError) {
        guard (1...configuration.longest).contains(text.count) else {
            throw DeviceError(
                .badConfiguration,
                "text \(index) has \(text.count) tokens; the model takes 1...\(configuration.longest)")
        }
        for (place, token) in text.enumerated() where token < 0 || Int(token) >= configuration.vocabulary {
            throw DeviceError(
                .badConfiguration,
                "token \(token) at position \(place) of text \(index) is not in 0..<\(configuration.vocabulary)")
        }
    }

    private func embed(_ batch: EncoderBatch) -> [[Float]] {
        resources.prepare(rows: batch.rows, longest: batch.longest)
        // Rows go through a layer tile by tile; only the layer's attention reads rows of other tiles.
        resources.forEachTile(batch.rows) { [self] tile, member in
            embeddings.run(tile, batch, resources)
            layers[0].project(tile, resources, member: member)
        }
        for (index, layer) in layers.enumerated() {
            layer.attend(batch, resources)
            resources.forEachTile(batch.rows) { [self] tile, member in
                layer.finish(tile, resources, member: member)
                if index + 1 < layers.count { layers[index + 1].project(tile, resources, member: member) }
            }
        }
        return batch.texts.map(mean)
    }

    private func mean(_ rows: Range<Int>) -> [Float] {
        var sum = [Float](repeating: 0, count: configuration.hidden)
        for row in rows { resources.kernels.add(&sum, resources.hidden.row(row), Int64(sum.count)) }
        return sum.map { $0 / Float(rows.count) }
    }
}
