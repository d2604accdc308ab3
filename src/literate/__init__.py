"""A book whose code is alive: Markdown chapters are folded into a package, run, tested and published."""
