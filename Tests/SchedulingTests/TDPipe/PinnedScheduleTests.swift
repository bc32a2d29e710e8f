import Scheduling
import Testing

/// The schedules of td-pipe, pinned: a change that is not meant to change them must leave these numbers as they are.
@Suite struct PinnedScheduleTests {
    /// `TDPipeWorld(seed:).scheduleDigest()` of the seeds from 0 on. When a change of the schedules is intended, a failure
    /// of the test below prints the new list.
    private static let digests: [UInt64] = [
        0x7b6d_0e9b_2c39_a40c, 0xf7ca_cd48_79d8_9250, 0x6e8b_d813_be72_8d0b, 0xda63_9fc2_7b67_15f0,
        0x397c_0123_6f20_8af0,
        0xbf87_13be_03e9_034b, 0x64bc_c549_8b33_aead, 0xe894_0dd7_c7c3_5242, 0xc9d1_5465_d75d_fbae,
        0x9a90_b29d_dee1_ab72,
        0x714c_e841_79f3_5a69, 0x1f1a_59d1_b138_0efe, 0xc7c1_efde_64f4_60ba, 0x3df0_e5e3_0057_eaba,
        0x4777_134e_5440_c316,
        0xb23f_cedd_ad01_a690, 0x9a40_e288_8f61_6b5b, 0xa090_0157_5399_710f, 0x70c5_20b5_f834_6f1c,
        0x7c6c_45c1_4a2c_06ec,
        0xd48d_2125_af86_63e7, 0xf06c_43ff_9e34_7c2f, 0xdb2f_86c9_93aa_2cff, 0xe8a8_5be0_2d52_b557,
        0x29af_6609_9d06_4197,
        0xd1f9_4c9b_a24a_0f3d, 0x6806_06ae_081c_0d64, 0xa7da_2792_03ee_d0f1, 0x6d0c_9b99_dd80_85b7,
        0x4f9a_2009_92f5_836e,
        0xb7a9_a59d_b40e_2a90, 0xeed1_bb74_c488_6ee8, 0x95b4_4f89_1fda_1fba, 0xc2b0_f5d8_0943_7d66,
        0xac75_0a7d_72e8_7182,
        0x185_44dd_2f0e_885d, 0x8a97_5b8d_1752_79d6, 0xfe53_c434_6e62_b32d, 0x4f6e_7e15_95df_eab7,
        0xe379_5633_56a9_b39e,
        0x10cb_a41e_4752_4754, 0xaac_efe7_d0ea_2f13, 0x25e7_5c84_90c5_c6fc, 0x21c_6dad_e574_5333, 0xae45_8801_1593_965a,
        0xd2df_8105_74ed_bc55, 0x4fa6_9bc7_f4db_efc1, 0x3da1_f4e5_64d1_643e, 0xe050_f6d2_2327_d064,
        0xff08_4832_7c9e_cb86,
        0x800b_8820_26c4_de4e, 0xcb54_5da7_467d_ab32, 0x8f9b_61eb_b062_5c26, 0x7dc5_3100_5a60_d23a,
        0x1fe5_5a65_7ce4_dd64,
        0x7162_f561_f557_c5ba, 0xd001_bfda_cb51_2a0c, 0xb480_0096_2413_19a3, 0x7947_7b9b_1d6f_196e,
        0x53d7_d787_3b58_1279,
        0x1025_12c6_69ae_33f8, 0xb08b_8b9a_b965_056d, 0xe2a_6e1e_14c7_7f2a, 0xe69_4beb_4dc4_2e34, 0x50a5_1bd3_348f_2e9e,
        0x8b48_3c1d_75df_fb54, 0xbc34_8f61_67e6_4f96, 0xd43d_bf3e_e41c_f9d5, 0x7bb2_c504_a80f_f8c4,
        0x17dd_f320_48b5_b868,
        0x198f_46df_cde0_22e5, 0x2d24_ae81_998e_4d30, 0xf290_e96b_495c_15fd, 0x5235_1366_f0b9_dbcc,
        0x774e_f74f_0d56_55a8,
        0x87f6_c5e0_7815_2de3, 0xb488_e197_a9cc_cbb8, 0xc84d_1913_f525_de6f, 0xb797_39f8_bf68_ec67,
        0xcfa8_4d39_247a_6c7b,
        0xd6bb_ff6c_ac05_3761, 0x2eb_b5cd_5c3a_91dd, 0x369d_ed4c_d515_e09e, 0xd06e_dd8e_bc0c_38b8, 0xdab_1436_960a_598a,
        0xb98a_7792_60a7_9694, 0x415d_fa7d_2c86_278f, 0x5081_fc68_c3b2_c3ab, 0x7bb0_8ca4_f3a8_c49f,
        0x7f68_3782_574d_cee0,
        0xb959_b3d9_9459_faa5, 0x5e95_414d_8c91_9057, 0x6015_e3b0_ca03_34bd, 0x7743_b0c9_3d3d_47cb,
        0x486b_a2d5_1506_9f1f,
        0x12a_a7b1_779a_745f,
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
            PhaseDecision.Reason.allCases.filter { $0 != .tokenTime && $0 != .firstTokenTime }.map(\.rawValue) + [
                "greedy=predicted", "greedy=fixed", "stealing=on", "stealing=off", "switch=intensity",
                "switch=released", "switch=marginal", "switch=fixed", "order=auto", "order=arrival", "order=longest",
                "oracle", "constant", "prompt-length", "history", "learned", "wild", "next", "preemptions",
                "interruptions",
            ]
        for goal in goals { #expect(reached[goal, default: 0] >= 3, "\(goal)") }
    }
}
