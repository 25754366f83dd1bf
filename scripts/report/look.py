"""How the order's report looks: its colours, and the style that is laid over MultiQC's own."""

#: Of verdicts: dark enough for text on white, and told apart by the colour-blind; the word always stands beside.
COLOURS = {"pass": "#1b7a57", "warn": "#9a6700", "waived": "#6b4fa0", "fail": "#b3261e"}
TINTS = {"pass": "#e6f4ee", "warn": "#fdf3d7", "waived": "#efeaf8", "fail": "#fbe9e7"}

CSS = """
/* A scientist's report: MultiQC's marks, tools and advertisements are left out, its plots and tables kept. */
#mqc-toolbox, .mqc-toolbox, .mqc-toolbox-buttons, .mqc-toolbox-wrapper, #mqc_welcome, .footer, .side-nav-logo,
#mqc-nav-header, .ai-copy-content, .ai-generate-button-wrapper, .ai-copy-button-wrapper, .ai-summary,
.ai-plot-buttons-container, a[href="http://multiqc.info"], #analysis_dirs_wrapper, .mqc_table_config_modal_btn,
.mqc_table_copy_btn, .mqc_table_make_scatter, .mqc-violin-to-table, .mqc-table-to-violin
  { display: none !important; }
body { color: #1f2933; background: #fff; }
.mainpage { max-width: 1240px; }
#page_title { font-size: 1rem; margin: 0 !important; }
#page_title .custom_logo { max-height: 72px; max-width: 240px; }
.mainpage h1 { font-size: 1.9rem; line-height: 1.25; }
.mainpage h1 small { font-size: 1.1rem; color: #52606d; font-weight: 400; }
.mainpage h2 { font-size: 1.4rem; }
.mainpage h3:empty { display: none; }
.lead { font-size: 1.05rem; max-width: 46rem; }
.fl { max-width: 56rem; line-height: 1.55; }
.fl p, .fl li { margin-bottom: .45rem; }
.fl-wide { max-width: none; overflow-x: auto; }
.fl table { border-collapse: collapse; margin: .4rem 0 1rem; font-size: .93rem; }
.fl th, .fl td { text-align: left; vertical-align: top; }
.fl th, .fl td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #e4e7eb; }
.fl th { font-weight: 600; color: #3e4c59; }
.fl .value { white-space: nowrap; }
.fl .small { color: #52606d; font-size: .85rem; font-weight: 400; }
.verdict { display: inline-block; border-radius: .25rem; padding: 0 .45rem; font-size: .82rem; font-weight: 600; }
.fl-outcome { font-size: 1.15rem; font-weight: 600; }
@media print { .side-nav-wrapper { display: none !important; } .mainpage { margin: 0 !important; } }
""" + "".join(
    f".verdict-{name} {{ color: {colour}; background: {TINTS[name]}; }}\n" for name, colour in COLOURS.items()
)
