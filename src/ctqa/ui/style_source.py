"""How the source pane looks."""

CSS_SOURCE = """
#source:not(:has(.source)) { display: none; }
#source { gap: .5rem; min-width: min(100%, 20rem); }
.ctqa .source { padding: .9rem 1rem 1rem; border: 1px solid var(--block-border-color);
  border-radius: .6rem; background: var(--block-background-fill); }
.ctqa .source > h2 { margin: 0; font-size: 1.1rem; scroll-margin-top: 1rem; }
.ctqa .source button, .ctqa .source .taking a { min-height: 2rem; padding: .2rem .7rem;
  border: 1px solid var(--input-border-color); border-radius: .4rem; font-size: .9rem;
  background: var(--block-background-fill); color: var(--body-text-color); cursor: pointer; }
.ctqa .source button:hover:not(:disabled) { border-color: var(--link-text-color);
  color: var(--link-text-color); }
.ctqa .source button:disabled { opacity: .55; cursor: default; }
.ctqa .source .back { margin-top: .4rem; }
.ctqa .source .tools { display: flex; flex-wrap: wrap; align-items: center; gap: .35rem .5rem;
  margin-top: .5rem; font-size: .9rem; }
.ctqa .source .taking { margin-top: .7rem; }
.ctqa .source .taking a { display: inline-flex; align-items: center; text-decoration: underline;
  color: var(--link-text-color); }
.ctqa .source .notice { margin-top: .6rem; padding: .5rem .7rem; border-radius: .4rem;
  border: 1px solid var(--input-border-color); font-size: .95rem; }
.ctqa .source .frame { position: relative; margin-top: .6rem; max-height: min(75vh, 60rem);
  overflow: auto; border: 1px solid var(--block-border-color); border-radius: .3rem; }

/* a page of paper stays white in the dark as well */
/* nor is it ever too small to be read: it is moved to and fro instead */
.ctqa .sheet { position: relative; background: #fff;
  width: calc(max(100%, 34rem) * var(--zoom)); }
.ctqa .sheet img { display: block; width: 100%; height: 100%; margin: 0; }
.ctqa .sheet .box { position: absolute; border-radius: .1rem; background: #ffd84d;
  mix-blend-mode: multiply; opacity: .55; }
.ctqa .sheet .box.meant { opacity: 1; background: #ffe38f; outline: 2px solid #8a5a00; }
.ctqa .source .text { padding: .8rem 1rem; white-space: pre-wrap; line-height: 1.6;
  font-family: Charter, "Bitstream Charter", "Sitka Text", Cambria, "Noto Serif", Georgia, serif; }
.ctqa .source .text .heading { font-weight: 650; }
.ctqa .source .text mark.meant { outline: 2px solid currentColor; outline-offset: 1px; }
.ctqa .source .text mark.other { background: none; color: inherit; text-decoration: underline;
  text-decoration-thickness: 2px; }
@media (max-width: 30rem) {
  .ctqa .source { padding: .7rem; }
}
@media (forced-colors: active) {
  .ctqa .sheet .box.meant { border: 2px solid Mark; }
}
"""
