"""How judging and the list of judgments look."""

CSS_JUDGMENTS = """
/* what was kept is said above the question box, wherever in the conversation it was pressed; its
   left edge and width are the conversation's */
#judged { position: fixed; bottom: .75rem; left: .6rem; width: calc(100vw - 1.2rem); z-index: 50;
  padding: 0; border: 0; background: none; overflow: visible; min-height: 0;
  pointer-events: none; }
#judged .notice { pointer-events: auto; display: flex; flex-wrap: wrap; align-items: center;
  gap: .4rem .8rem; padding: .6rem .9rem; border-radius: .5rem;
  border: 1px solid var(--input-border-color); border-left: .3rem solid var(--link-text-color);
  background: var(--block-background-fill); box-shadow: 0 .3rem 1.2rem rgb(0 0 0 / .25); }
#judged .notice > span { flex: 1 1 14rem; font-size: .95rem; font-weight: 500; }
#judged .notice > .contrary { flex-basis: 100%; font-weight: 400; }
#judged .notice > .problem { border: 0; padding: 0; }

.ctqa button[data-do][aria-pressed="true"] { font-weight: 600; border-color: var(--link-text-color);
  color: var(--link-text-color); }
.ctqa .doings button[aria-pressed="true"]::before { content: "✓ "; }
.ctqa .choices { display: flex; flex-wrap: wrap; gap: .5rem; }
.ctqa .choice button[data-do] { color: var(--button-primary-text-color); border-color: transparent;
  background: var(--button-primary-background-fill); }
.ctqa .choice button[data-do]:hover { color: var(--button-primary-text-color-hover);
  background: var(--button-primary-background-fill-hover); }

#judging { gap: .6rem; padding: 1rem 1.15rem; border-radius: .6rem;
  border: 1px solid var(--input-border-color); background: var(--block-background-fill); }
#judging .row { align-items: flex-end; gap: .6rem; }
#judging h2 { margin: 0; scroll-margin-top: 1rem; }
#judging h2:focus { outline: none; }
#judging .candidate { padding: .7rem 0; border-top: 1px solid var(--block-border-color); }
#judging .candidate h3 { margin: 0 0 .3rem; }
#judging .sentences { display: flex; flex-direction: column; gap: .25rem; }
#judging .sentences button { text-align: left; padding: .35rem .6rem; border-radius: .35rem;
  cursor: pointer; font: inherit; color: inherit; white-space: normal; background: none;
  border: 1px solid var(--block-border-color); border-left-width: .3rem; }
#judging .sentences button:hover { border-color: var(--link-text-color); }
#judging .sentences button[aria-pressed="true"] { background: var(--mark);
  color: var(--mark-text); border-color: var(--link-text-color); }
#judging .sentences button[aria-pressed="true"]::before { content: "✓ "; }
#judging .sentences button { scroll-margin-block: 9rem; }  /* not below what stays in sight */
#judging .choice { position: sticky; top: 0; z-index: 1; margin-bottom: .5rem;
  padding-block: .4rem .6rem; background: var(--block-background-fill);
  border-bottom: 1px solid var(--input-border-color); }
#judging .choice p { margin: 0; }
#judging .choice q { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3;
  overflow: hidden; }
#judging .choice button { margin-top: .4rem; }

#judgments .judgment { padding: .9rem 0; border-top: 1px solid var(--block-border-color); }
#judgments .judgment h3 { margin: 0; }
#judgments blockquote { font-size: 1.05rem; margin-top: .3rem; max-height: 12em;
  overflow-y: auto; }
#judgments .contrary, #judging .contrary { padding-left: .6rem; font-weight: 600;
  border-left: .2rem solid var(--input-border-color); }
#judgments .gone { margin-top: 1.2rem; }
#judgments .gone ul { padding-left: 1.2rem; list-style: disc; }
#judgments .gone li { margin-top: .4rem; }
"""
