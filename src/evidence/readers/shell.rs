//! Words of a shell command: bash, and `cmd` with its `^`.
