"""The audit: what each change of release 1.1.0 did, measured, beside what its notes claimed.

`python -m bench.audit` runs it. Pure: `plan` (what is to be run), `results` (what was), `effects`
(differences with intervals), `rules` and `claims` (a word for each claim), `tables` and `documents`
(the page and the documents, over `templates`). At the rim: `growth` (runs leakcheck), `bare` (runs
the service bare), `once` (what is looked at once), `measure` (all of it), `plots`, `__main__`.
"""
