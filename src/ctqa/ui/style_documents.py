"""How the documents' tab looks."""

CSS_DOCUMENTS = """
/* documents */
.ctqa .shelf { list-style: none; margin-top: .4rem; }
.ctqa .shelf > li { display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: flex-start;
  justify-content: space-between; padding: .6rem 0;
  border-top: 1px solid var(--block-border-color); }
.ctqa .shelf > li > div:first-child { flex: 1 1 16rem; min-width: 0; }
.ctqa .shelf cite { font-style: normal; font-weight: 600; }
.ctqa .facts > * + *::before { content: " · "; font-weight: 400; }
.ctqa .problems { margin-top: 1rem; padding: .2rem 1.15rem .6rem; border-radius: .6rem;
  border: 1px solid var(--block-border-color);
  border-left: .3rem solid var(--body-text-color-subdued);
  background: var(--block-background-fill); }
.ctqa .do { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.ctqa .do button { min-height: 2.2rem; padding: .2rem .8rem; border-radius: .4rem; cursor: pointer;
  font: inherit; font-size: .95rem; color: var(--button-secondary-text-color);
  background: var(--button-secondary-background-fill);
  border: 1px solid var(--button-secondary-border-color); }
.ctqa .do button:hover { background: var(--button-secondary-background-fill-hover); }
.ctqa nav.do { justify-content: center; margin-top: .8rem; }
.ctqa .card > .do { margin-top: .8rem; }
.ctqa progress { display: block; box-sizing: border-box; width: 100%; height: .8rem;
  margin-top: .3rem; appearance: none; border: 1px solid var(--input-border-color);
  border-radius: .4rem; overflow: hidden; background: var(--input-background-fill); }
.ctqa progress::-webkit-progress-bar { background: none; }
.ctqa progress::-webkit-progress-value { background: var(--link-text-color); }
.ctqa progress::-moz-progress-bar { background: var(--link-text-color); }
.ctqa progress:not([value])::-moz-progress-bar { background: none; }
.ctqa progress:not([value]) { animation: ctqa-unknown 1.2s linear infinite;
  background: repeating-linear-gradient(115deg, var(--link-text-color) 0 .5rem,
    transparent .5rem 1.5rem) 0 0 / 1.655rem 100%; }
@keyframes ctqa-unknown { to { background-position-x: 1.655rem; } }
.ctqa .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
.block:has(> .html-container .said:empty),
.block:has(> .html-container > div > div[lang]:empty) { display: none; }
.ctqa .said .problem ul { padding-left: 1.2rem; list-style: disc; }
#adding { align-items: flex-start; }
#rebuild, #stop-build { min-height: 2.6rem; }
"""
