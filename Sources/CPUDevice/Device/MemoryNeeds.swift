import CKernels
import ModelFiles

extension CPUDevice {
    /// Bytes of keys and values that one token takes over all layers.
    public static func kvBytesPerToken(_ model: ModelConfiguration, _ type: KVType = .f16) -> Int {
        KVCache.bytesPerBlock(model, layers: model.layers, type: type) / KVCache.tokensPerBlock
    }

    /// Bytes that the tensors of a file take once they are repacked.
    public static func packedBytes(_ file: GGUFFile) -> Int {
        file.tensors.reduce(0) { sum, tensor in
            guard tensor.shape.count == 2 else { return sum + tensor.elementCount * MemoryLayout<Float>.size }
            var format = TW_FORMAT_F32
            guard tw_format_for_type(tw_type(rawValue: .init(tensor.type.rawValue)), &format) else { return sum }
            let panels = (tensor.shape[1] + Int(TW_PANEL) - 1) / Int(TW_PANEL)
            return sum + panels * Int(tw_panel_bytes(format, Int64(tensor.shape[0])))
        }
    }
}
