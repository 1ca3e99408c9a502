"""How what CTQA learned was learned: one module, one command each."""
