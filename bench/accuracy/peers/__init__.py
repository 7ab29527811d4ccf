"""Other tools, asked the same questions: each runs in an interpreter that has its package.

The modules called `ask_*` run there. They import the standard library, the tool and the corpus.
"""
