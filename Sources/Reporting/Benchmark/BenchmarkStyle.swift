extension BenchmarkPage {
    /// The colours of the causes keep apart for the common kinds of colour blindness.
    static let style = #"""
        :root {
            --ground: #ffffff; --ink: #1d2733; --soft: #5a6675; --line: #d5dbe2; --panel: #f6f8fa;
            --bar: #a9c8e6; --dot: #14508a; --prefill: #e08a00;
            --warm-up: #a9b3be; --starved: #d9603b; --blocked: #e8bd2e; --switch: #8d6cc4; --hand-over: #57aede;
            --drain: #66727f;
        }
        @media (prefers-color-scheme: dark) {
            :root {
                --ground: #14181d; --ink: #e4e9ee; --soft: #9aa6b3; --line: #36404b; --panel: #1b2128;
                --bar: #2c5780; --dot: #9dd0fa; --prefill: #f0a830;
                --warm-up: #6d7884; --starved: #e0714d; --blocked: #d9b02d; --switch: #a78bdb; --hand-over: #57aede;
                --drain: #98a4b0;
            }
        }
        * { box-sizing: border-box; }
        body {
            margin: 0 auto; padding: 16px 20px 32px; max-width: 1240px; background: var(--ground); color: var(--ink);
            font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
        }
        h1 { margin: 0 0 6px; font-size: 20px; font-weight: 600; overflow-wrap: anywhere; }
        h1 small { font-size: 15px; font-weight: 400; color: var(--soft); margin-left: 6px; }
        .headline { margin: 0 0 12px; font-size: 16px; overflow-wrap: anywhere; }
        dl { margin: 0 0 18px; padding: 10px 14px; background: var(--panel); border-radius: 6px; }
        dl div { display: flex; gap: 12px; }
        dt { flex: 0 0 100px; color: var(--soft); }
        dd { margin: 0; overflow-wrap: anywhere; }
        code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, monospace; font-size: 13px; }
        .scroll { overflow-x: auto; margin: 0 0 18px; }
        svg { display: block; max-width: 100%; height: auto; font-size: 13px; }
        svg text { fill: var(--ink); }
        svg .soft { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
        svg .title, svg .strong { font-weight: 600; }
        svg .grid { stroke: var(--line); stroke-width: 1; }
        svg .bar, svg .range, svg .mean { fill: var(--bar); }
        svg .none { fill: none; }
        svg .dot { fill: var(--dot); stroke: var(--ground); stroke-width: 1; }
        svg .p99 { fill: var(--ground); stroke: var(--dot); stroke-width: 2; }
        svg .spread { fill: var(--dot); stroke: var(--dot); stroke-width: 0.8; }
        svg .prefill { fill: var(--prefill); }
        .cause-warm_up { fill: var(--warm-up); background: var(--warm-up); }
        .cause-starved { fill: var(--starved); background: var(--starved); }
        .cause-blocked { fill: var(--blocked); background: var(--blocked); }
        .cause-phase_switch { fill: var(--switch); background: var(--switch); }
        .cause-hand_over { fill: var(--hand-over); background: var(--hand-over); }
        .cause-drain { fill: var(--drain); background: var(--drain); }
        .legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: -10px 0 20px; }
        .legend i {
            display: inline-block; width: 14px; height: 14px; margin-right: 5px; border-radius: 2px;
            vertical-align: -2px;
        }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: 3px 11px; text-align: right; font-weight: 400; white-space: nowrap; }
        thead th { color: var(--soft); border-bottom: 1px solid var(--line); font-size: 12px; }
        tbody th { text-align: left; padding-left: 0; }
        .hint { margin: 0; color: var(--soft); font-size: 12px; max-width: 900px; }
        """#
}
