import Scheduling
import Testing

/// The schedules of td-pipe, pinned: a change that is not meant to change them must leave these numbers as they are.
@Suite struct PinnedScheduleTests {
    /// `TDPipeWorld(seed:).scheduleDigest()` of the seeds from 0 on. When a change of the schedules is intended, a failure
    /// of the test below prints the new list.
    private static let digests: [UInt64] = [
        0x874d_c59a_a411_e930, 0x4877_04c9_76da_f638, 0x931b_98c9_4151_891a, 0x5d17_a7b3_7bb7_2187,
        0x22f1_9426_eb32_f029,
        0xb842_4969_3cdd_02b8, 0xf4be_0910_c393_d69d, 0xe894_0dd7_c7c3_5242, 0xe117_bc7c_e594_2aec,
        0x1b48_2bbc_7357_a5c4,
        0xa729_e23b_7656_6887, 0x4929_7ed0_3a20_2c3d, 0x3ae0_9b07_ae1e_d726, 0x9f51_4a06_1d66_a84f,
        0xb351_9d11_f0d7_bf57,
        0x1cd4_432e_eab1_ea56, 0x6bde_5033_4644_d686, 0x9b36_e3f9_5c2d_c14d, 0xa723_d687_13a0_0516,
        0x64ee_3ca3_ab8f_a1f5,
        0x84e2_d7cc_a8fe_01c9, 0xc011_8616_12d5_ed32, 0x5cbe_2fcf_95a5_9385, 0xf903_0ee8_e17c_f602,
        0xba07_8de6_8eec_cc9d,
        0x38a8_7a4d_e4ff_2719, 0x128c_049c_b038_b36c, 0x2fa1_6ca3_2501_6f14, 0x7091_3073_a3de_7c84,
        0xc4c3_22d4_53c8_dff5,
        0xa56b_72de_9b4a_472c, 0xbe72_85b5_4937_2b58, 0x9169_823d_d563_48e1, 0xc0fc_fa09_6e6a_3278,
        0xc10c_a6e5_f8d7_ab23,
        0xc81a_562a_869c_6944, 0x5fc3_a6f4_696d_99bf, 0x619_7dc6_79e4_2859, 0x5858_6231_8760_1ffc,
        0x215a_b88a_741c_da45,
        0x9fa1_b882_b560_b5e6, 0x3dbf_ea06_c16d_97f0, 0x198e_e628_aac6_726e, 0xbd5d_55be_d254_1b0c,
        0x5b31_494a_8681_f208,
        0x4014_8e65_dcdd_a63c, 0x8a44_48f5_89d4_a34f, 0xbc51_1e87_8220_132c, 0x2872_8ed1_af1a_4e22,
        0x9995_975d_9ffc_7d97,
        0xce83_61e8_c6d1_dc2e, 0xabfb_7b50_1c62_2a90, 0x48ca_f302_93c7_168f, 0x5ecf_afa0_4223_f8c3,
        0x261a_7719_7408_3b3d,
        0x3333_0ff2_8183_28eb, 0xe371_4def_a159_0690, 0x9e1d_0014_69da_8b82, 0x4b24_e50c_639d_afae,
        0xdea2_9146_d2ea_435b,
        0xa83d_fb0c_68a6_55e4, 0xdae0_76d7_ccca_8785, 0xe6ae_dc4f_c8b8_574d, 0xd985_ede5_b7ba_d115,
        0xc22d_fa05_7325_c0ac,
        0xaaf9_e81f_136a_0238, 0xbaf8_29cf_6461_33a7, 0xd43d_bf3e_e41c_f9d5, 0xfa5e_b61c_ff8e_1138,
        0xc7da_690f_9459_0e0d,
        0x4e47_5ceb_de17_8e7a, 0x1bb_3c6c_d3b3_125d, 0x71fb_3020_98ee_0f2d, 0xc5af_e30a_52fc_73aa,
        0xa2c2_c970_826d_fc3f,
        0xe0b0_053f_b442_c679, 0x628e_cf43_c0a7_a2d9, 0xe417_6258_8977_7925, 0xa0bc_9b30_c190_b35c,
        0x5ede_a331_d4d1_3cfa,
        0xc22f_5a6e_842e_c224, 0xa593_481d_affb_f93f, 0x8864_3c88_ad25_b13f, 0xd29a_f073_3782_4c25,
        0xafe_1e3c_a688_c280,
        0xad60_dc09_71c1_1166, 0x8a9_bdfb_b972_851c, 0xa2db_81eb_b6ed_6636, 0xf11d_01ec_f7d7_1bd6,
        0xbaee_501d_b2e0_bba7,
        0xe8a_e281_4905_1f49, 0x647c_40aa_6e80_fd9b, 0x1e46_bae8_c7ce_e631, 0x9342_7956_a75e_ab8b,
        0x3715_da41_09c4_b55f,
        0x83c5_44c9_b42e_1897,
    ]

    @Test func schedulesAreWhatTheyWere() throws {
        var found: [UInt64] = []
        var reached: [String: Int] = [:]
        for seed in Self.digests.indices {
            let world = TDPipeWorld(seed: seed)
            var reasons: Set<PhaseDecision.Reason> = []
            let (digest, counters) = try world.scheduleDigest { reasons.insert($0.reason) }
            found.append(digest)
            var goals =
                reasons.map(\.rawValue)
                + world.options.description.split(separator: ",").map { option in
                    String(option.prefix { $0 != ":" })
                }
            goals.append(String(world.predictor.prefix { $0 != ":" }))
            if counters.preemptions > 0 { goals.append("preemptions") }
            if counters.interruptions > 0 { goals.append("interruptions") }
            for goal in goals { reached[goal, default: 0] += 1 }
        }
        let table = found.map { "0x" + String($0, radix: 16) }.joined(separator: ", ")
        #expect(found == Self.digests, "the schedules changed; now they are \(table)")
        // They prove little if they are all tame.
        let goals =
            PhaseDecision.Reason.allCases.map(\.rawValue) + [
                "greedy=predicted", "greedy=fixed", "stealing=on", "stealing=off", "switch=intensity",
                "switch=released", "switch=marginal", "switch=fixed", "order=auto", "order=arrival", "order=longest",
                "oracle", "constant", "prompt-length", "history", "learned", "wild", "next", "preemptions",
                "interruptions",
            ]
        for goal in goals { #expect(reached[goal, default: 0] >= 3, "\(goal)") }
    }
}
