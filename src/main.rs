//! Parses the command line, runs the command, chooses the exit code. Everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    fixpath::cli::run()
}
