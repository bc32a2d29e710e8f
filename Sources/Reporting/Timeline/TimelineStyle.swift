extension TimelinePage {
    /// Phase colours keep apart for the common kinds of colour blindness (orange, blue, pinkish purple); idle colours
    /// are faint, and each differs from the ground.
    static let style = #"""
        :root {
            --ground: #ffffff; --ink: #1d2733; --soft: #5a6675; --line: #d5dbe2; --panel: #f6f8fa; --focus: #0a66c2;
            --prefill: #e08a00; --decode: #1f6fb4; --mixed: #b75a9b; --unrecorded: #7a7a7a;
            --prefill-ink: #1d1300; --decode-ink: #ffffff; --mixed-ink: #ffffff; --unrecorded-ink: #ffffff;
            --head: #6cc2b0; --head-ink: #04251e;
            --warm-up: #e3e7ec; --starved: #f6c9c3; --blocked: #f3e3a4; --switch: #dccff6; --hand-over: #b9dff2;
            --drain: #cdd3da;
            --blocks: #23806a; --predicted: #a3341f; --live: #4a5a8a; --waiting: #8a6d3b;
        }
        @media (prefers-color-scheme: dark) {
            :root {
                --ground: #14181d; --ink: #e4e9ee; --soft: #9aa6b3; --line: #36404b; --panel: #1b2128; --focus: #6cb2f7;
                --prefill: #f0a830; --decode: #5aa9e6; --mixed: #d68bbd; --unrecorded: #9a9a9a;
                --prefill-ink: #1d1300; --decode-ink: #06121d; --mixed-ink: #1d0615; --unrecorded-ink: #000000;
                --head: #1f8a78; --head-ink: #ffffff;
                --warm-up: #2a3038; --starved: #64322d; --blocked: #574a15; --switch: #493c6e; --hand-over: #1f4a63;
                --drain: #3b434d;
                --blocks: #58c0a4; --predicted: #ff9c85; --live: #9fb1ea; --waiting: #d3b377;
            }
        }
        * { box-sizing: border-box; }
        body {
            margin: 0 auto; padding: 16px 20px 24px; max-width: 2200px; background: var(--ground); color: var(--ink);
            font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
        }
        h1 { margin: 0 0 10px; font-size: 20px; font-weight: 600; overflow-wrap: anywhere; }
        h1 small { font-size: 15px; font-weight: 400; color: var(--soft); margin-left: 6px; }
        .summary {
            display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 8px 20px;
            margin: 0 0 12px; padding: 10px 14px; background: var(--panel); border-radius: 6px;
        }
        .summary:empty { display: none; }
        dt { color: var(--soft); font-size: 12px; }
        dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        details { margin: 12px 0; }
        summary { cursor: pointer; color: var(--soft); }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; margin-top: 6px; font-variant-numeric: tabular-nums; }
        th, td { padding: 2px 12px; text-align: right; font-weight: 400; white-space: nowrap; }
        thead th { color: var(--soft); border-bottom: 1px solid var(--line); font-size: 12px; }
        tbody th { text-align: left; padding-left: 0; }
        th.text, td.text { text-align: left; }
        tbody tr.total > * { border-top: 1px solid var(--line); }
        a { color: var(--focus); }
        .bar { display: flex; flex-wrap: wrap; gap: 6px 20px; justify-content: space-between; align-items: center; }
        .legend { display: flex; flex-wrap: wrap; gap: 2px 14px; align-items: center; }
        .legend b { font-weight: 600; }
        .legend i {
            display: inline-block; width: 14px; height: 14px; margin-right: 5px; border-radius: 2px;
            vertical-align: -2px; border: 1px solid color-mix(in srgb, var(--ink) 20%, transparent);
        }
        .controls { display: flex; gap: 4px; align-items: center; }
        .controls output { margin-right: 8px; color: var(--soft); font-variant-numeric: tabular-nums; }
        button {
            min-width: 30px; height: 28px; padding: 0 8px; font: inherit; color: var(--ink); background: var(--panel);
            border: 1px solid var(--line); border-radius: 4px; cursor: pointer;
        }
        button:hover { border-color: var(--soft); }
        #chart { position: relative; margin-top: 8px; }
        :focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
        canvas { display: block; width: 100%; }
        #overlay { position: absolute; left: 0; top: 0; cursor: crosshair; touch-action: pan-y; }
        #tip {
            position: absolute; z-index: 1; padding: 7px 10px; max-width: 320px; pointer-events: none;
            background: var(--ground); border: 1px solid var(--soft); border-radius: 5px; font-size: 13px;
            box-shadow: 0 2px 8px rgb(0 0 0 / 0.25); font-variant-numeric: tabular-nums;
        }
        #tip[hidden] { display: none; }
        #tip b { display: block; font-weight: 600; }
        #tip p { margin: 0; color: var(--soft); }
        #tip p:empty { display: none; }
        #tip div { display: flex; justify-content: space-between; gap: 18px; }
        #tip div span:first-child { color: var(--soft); }
        .hint { margin: 8px 0 0; color: var(--soft); font-size: 12px; }
        """#
}
