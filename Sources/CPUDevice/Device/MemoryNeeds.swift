import CKernels
import ModelFiles
import ModelPlans

extension CPUDevice {
    /// Bytes of keys and values that one token takes over all layers.
    package static func kvBytesPerToken(_ plan: ModelPlan, _ type: KVType = .f16) -> Int {
        KVCache.bytesPerBlock(plan.layers, type: type) / KVCache.tokensPerBlock
    }

    /// Bytes that the tensors of a plan take once they are packed, without the tensors that the checkpoint lacks or
    /// stores in a type that no kernel computes with.
    package static func packedBytes(_ plan: ModelPlan, of checkpoint: any Checkpoint) -> Int {
        plan.tensors.reduce(0) { sum, spec in
            // The device does not pack the rotary factors: the plan holds their values.
            guard spec.role.part != .rotaryFactors, let tensor = checkpoint.tensor(ifPresent: spec.role)?.info else {
                return sum
            }
            // The sizes are those of the stored tensors, which the size of the file bounds: loading compares them with
            // the plan's.
            guard tensor.shape.count == 2 else { return sum + tensor.elementCount * MemoryLayout<Float>.size }
            var format = TW_FORMAT_F32
            guard tw_format_for_type(tw_type(rawValue: .init(tensor.type.rawValue)), &format) else { return sum }
            let panelBytes = Int(tw_panel_bytes(format, Int64(tensor.shape[0])))
            return sum + PackedMatrix.panels(holding: tensor.shape[1]) * panelBytes
        }
    }
}
