"""How the source pane looks."""

CSS_SOURCE = """
#source:not(:has(.source)) { display: none; }
#source { gap: .5rem; min-width: min(100%, 20rem); }
.ctqa .source { padding: .9rem 1rem 1rem; border: 1px solid var(--block-border-color);
  border-radius: .6rem; background: var(--block-background-fill); }
#source-pane, #source-pane :has(.source) { display: contents; }
.ctqa .source .top { display: flex; flex-wrap: wrap; align-items: start; gap: .35rem .5rem; }
.ctqa .source .top h2 { flex: 1 1 12rem; margin: .2rem 0 0; font-size: 1.1rem;
  scroll-margin-top: 1rem; }
.ctqa .source > p.meta { margin-top: .3rem; }
.ctqa .source button, .ctqa .source .taking a { min-height: 2rem; padding: .2rem .7rem;
  border: 1px solid var(--input-border-color); border-radius: .4rem; font-size: .9rem;
  background: var(--block-background-fill); color: var(--body-text-color); cursor: pointer; }
.ctqa .source button:hover:not(:disabled) { border-color: var(--link-text-color);
  color: var(--link-text-color); }
.ctqa .source button:disabled { opacity: .55; cursor: default; }
.ctqa .source .bar { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; margin-top: .5rem; }
.ctqa .source .bar:empty { display: none; }
.ctqa .source .tools { display: flex; flex-wrap: wrap; align-items: center; gap: .35rem .5rem;
  font-size: .9rem; }
.ctqa .source .bar button { min-width: 2rem; padding-inline: .55rem; }
.ctqa .source .taking { margin-top: .7rem; min-height: 2.1rem; }
.ctqa .source .taking:empty { display: none; }
.ctqa .source .taking a { display: inline-flex; align-items: center; text-decoration: underline;
  color: var(--link-text-color); }
.ctqa .source .notice { margin-top: .6rem; padding: .5rem .7rem; border-radius: .4rem;
  border: 1px solid var(--input-border-color); font-size: .95rem; }
.ctqa .source .frame { position: relative; margin-top: .6rem; max-height: min(60vh, 60rem);
  overflow: auto; border: 1px solid var(--block-border-color); border-radius: .3rem; }

/* that there is more to be seen is seen: bars that hide until one scrolls would not tell */
.ctqa .source .frame::-webkit-scrollbar { width: .7rem; height: .7rem; }
.ctqa .source .frame::-webkit-scrollbar-thumb { border-radius: .4rem;
  border: 2px solid var(--block-background-fill); background: var(--input-border-color); }
@supports not selector(::-webkit-scrollbar) {
  .ctqa .source .frame { scrollbar-color: var(--input-border-color) transparent; }
}

/* the style of the citation stands beside the button that copies it */
#source:not(:has([data-do=copy])) > .form { display: none; }
#source > .form, #citation-style { border: 0 !important; background: none; box-shadow: none;
  overflow: visible !important; }
#citation-style { padding: 0; }
#citation-style > .container { display: flex; align-items: center; gap: .5rem; }
#citation-style span[data-testid] { margin: 0; font-size: .9rem; }
#citation-style > .container > .wrap { flex: 0 0 7.5rem; height: 2.1rem; }
#citation-style .wrap-inner { padding: 0 .3rem; height: 100%; }
#citation-style input { margin: 0; padding: .2rem 0 .2rem .4rem; font-size: .9rem; }
#citation-style input:focus-visible { outline: none !important; }
#citation-style .wrap:has(input:focus-visible) { outline: 3px solid var(--link-text-color);
  outline-offset: 2px; }
@media (min-width: 64rem) {
  #source .source { display: flex; flex-direction: column; flex: 0 1 auto; min-height: 0; }
  #source .source .frame { flex: 1 1 auto; min-height: 8rem; max-height: none; }
  #source .source .taking { flex: none; padding-right: 8rem; }
  #source .source .taking button { margin-left: auto; }
  #source:has([data-do=copy]) > .form { align-self: flex-end; flex: none; width: 7.5rem;
    min-width: 0; margin: calc(-3.6rem - 1px) 1rem calc(1rem + 1px) 0; }
  #citation-style { min-width: 0 !important; }
  #citation-style span[data-testid] { position: absolute; width: 1px; height: 1px;
    overflow: hidden; clip-path: inset(50%); }
}

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
