"""The proof that a log was not rewritten: seals over its rows, each over the one before.

`chain` is the arithmetic, `logs` the two logs as it sees them, `people` what stands for a person in
it, `seals` the table, `sealer` writes seals, `verify` walks them. docs/design/audit.md says why.
"""
