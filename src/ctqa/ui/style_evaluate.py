"""How the evaluation tab looks."""

CSS_EVALUATE = """
/* evaluation */
#evaluating { align-items: center; gap: .5rem 1rem; margin-top: .4rem; }
#new-gold { flex: 0 1 auto; width: auto; min-height: 2.4rem; padding: .3rem .9rem;
  font-size: 1rem; font-weight: 500; }
#evaluating .form, #only-searching { border: 0; padding: 0; background: none; box-shadow: none;
  overflow: visible !important; }
.ctqa h4 { margin: 1.1rem 0 0; font-size: 1rem; font-weight: 650; }
.ctqa .name { font-weight: 600; }
.ctqa .running { margin-top: .6rem; }
.ctqa .running .do { margin-top: .5rem; }
.ctqa button[disabled] { opacity: .6; cursor: not-allowed; }
.ctqa li[aria-current] { border-left: .3rem solid var(--link-text-color); padding-left: .7rem; }
.ctqa section:focus { outline-offset: .4rem; }
#evaluation-result { scroll-margin-top: 1.5rem; }
.ctqa details > .do { margin-top: .5rem; }
.ctqa .figures { width: 100%; margin-top: .5rem; border-collapse: collapse; font-size: .95rem; }
.ctqa .figures :is(th, td) { padding: .35rem .5rem .35rem 0; border: 0; text-align: right;
  vertical-align: top; font-weight: 400; font-variant-numeric: tabular-nums;
  border-bottom: 1px solid var(--block-border-color); }
.ctqa .figures :is(th, td):first-child { text-align: left; }
.ctqa .figures thead th { font-weight: 600; }
.ctqa .figures :is(th, td) { overflow-wrap: normal; }
.ctqa .measures thead th { white-space: nowrap; }
.ctqa .figures .name { display: block; }
.ctqa .figures .means { display: block; font-size: .875rem;
  color: var(--body-text-color-subdued); }
.ctqa .chart { display: block; width: 100%; max-width: 28rem; margin-top: .6rem;
  font-family: inherit; }
.ctqa .chart text { fill: var(--body-text-color); font-size: 11px; stroke: none; }
.ctqa .chart .axis { font-size: 12px; font-weight: 600; }
.ctqa .chart .middle { text-anchor: middle; }
.ctqa .chart .end { text-anchor: end; }
.ctqa .chart .grid { stroke: var(--block-border-color); stroke-width: 1; }
.ctqa .chart polyline { fill: none; stroke: var(--link-text-color); stroke-width: 2.5;
  stroke-linejoin: round; stroke-linecap: round; }
.ctqa .chart .diagonal { stroke: var(--input-border-color); stroke-width: 1.5;
  stroke-dasharray: 4 4; }
.ctqa .chart .interval { stroke: var(--link-text-color); stroke-width: 2; }
.ctqa .chart .dot { fill: var(--link-text-color); }
.ctqa .trends { display: grid; gap: .6rem 1.2rem; margin-top: .4rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); }
.ctqa .trend { position: relative; max-width: 24rem; }
.ctqa .trend .chart { margin: 0; }
.ctqa .trend button[data-do] { position: absolute; top: 14%; height: 62%; min-height: 0;
  min-width: 0; padding: 0; border: 0; border-radius: .2rem; background: none; }
.ctqa .trend button[data-do]:hover { outline: 1px solid var(--link-text-color); }
.ctqa .of-gold { margin-top: .5rem; padding-top: .4rem;
  border-top: 1px solid var(--block-border-color); }
.ctqa .wide { overflow-x: auto; }
.ctqa .do a { display: inline-block; padding: .3rem .8rem; border-radius: .4rem;
  font-size: .95rem; text-decoration: none; color: var(--button-secondary-text-color);
  background: var(--button-secondary-background-fill);
  border: 1px solid var(--button-secondary-border-color); }
.ctqa .do a:hover { background: var(--button-secondary-background-fill-hover); }
.ctqa code { font-size: .92em; }
.ctqa .verdict { font-size: 1.1rem; }
.ctqa :is(.result, .of-gold) .do { margin-top: .5rem; }
.ctqa .measures td, .ctqa .measures td .means { white-space: nowrap; }
.ctqa .measures th:first-child { width: 60%; }
.ctqa .why th:first-child { width: 45%; }
.ctqa .why :is(th, td):last-child { padding-left: 1rem; text-align: left; white-space: normal; }
.ctqa .over-time :is(th:first-child, td:last-child) { width: auto; white-space: normal; }
.ctqa .over-time td:last-child { min-width: 12rem; padding-left: 1rem; text-align: left; }
.ctqa .in-short { margin-top: .4rem; padding-left: 1.2rem; list-style: disc; }
.ctqa .curves { display: grid; gap: 0 2.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
.ctqa .questions { margin-top: .6rem; }
.ctqa .questions > li { padding: .7rem 0; border-top: 1px solid var(--block-border-color); }
.ctqa .questions .question { margin: 0; font-weight: 600; }
.ctqa .questions .do { margin-top: .5rem; }
.ctqa .questions q { font-family: Charter, "Bitstream Charter", "Sitka Text", Cambria,
  "Noto Serif", Georgia, serif; }
.ctqa .to-mend { padding-left: 1.2rem; list-style: disc; }
@media (max-width: 30rem) {
  .ctqa .measures, .ctqa .measures :is(tbody, tr, th, td) { display: block; }
  .ctqa .measures thead { display: none; }
  .ctqa .measures tr { padding: .5rem 0; border-bottom: 1px solid var(--block-border-color); }
  .ctqa .measures :is(tr, tbody) > :is(th, td) { width: auto; padding: 0; border: 0;
    text-align: left; white-space: normal; }
  .ctqa .measures td::before { content: attr(data-head) ": "; color:
    var(--body-text-color-subdued); }
}
"""
