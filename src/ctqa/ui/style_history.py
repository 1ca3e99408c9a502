"""How earlier questions look."""

CSS_HISTORY = """
.ctqa .turn { border: 1px solid var(--block-border-color); border-radius: 8px;
  background: var(--block-background-fill); margin: 0 0 8px; padding: 8px 12px; }
.ctqa .turn > summary { cursor: pointer; overflow-wrap: anywhere; min-height: 24px; }
.ctqa .turn > summary .meta { white-space: nowrap; }
.ctqa .earlier-answer { border-top: 1px solid var(--block-border-color); margin-top: 8px;
  padding-top: 4px; }
.ctqa .earlier-answer blockquote { white-space: pre-wrap; overflow-wrap: anywhere; }
.ctqa .turn .doings { display: flex; flex-wrap: wrap; gap: 8px; }
.ctqa .turn .other-build { border-left: 3px solid var(--link-text-color); padding-left: 8px; }
"""
