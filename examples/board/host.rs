//! Output and exit on the host.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write, stdout};
use std::process::ExitCode;

/// Writes a line. Ends the program if it cannot: quietly if the reader is gone (`| head`).
pub fn line(text: Arguments) {
    // One write a line, as on the boards.
    if let Err(error) = stdout().write_all(format!("{text}\n").as_bytes()) {
        if error.kind() != ErrorKind::BrokenPipe {
            let _ = writeln!(std::io::stderr(), "error: standard output: {error}");
        }
        std::process::exit(1);
    }
}

/// A file.
pub struct File(std::io::Result<std::fs::File>);

impl File {
    /// Makes it anew.
    pub fn create(path: &str) -> Self {
        Self(std::fs::File::create(path))
    }

    pub fn write(&mut self, bytes: &[u8]) {
        if let Ok(file) = &mut self.0
            && let Err(error) = file.write_all(bytes)
        {
            self.0 = Err(error);
        }
    }

    /// Whether all was written.
    pub fn is_written(&self) -> bool {
        self.0.is_ok()
    }
}

/// The exit code of a finished program.
pub fn exit(success: bool) -> ExitCode {
    ExitCode::from(u8::from(!success))
}
