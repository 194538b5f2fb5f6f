//! One source for host and board: entry point, output and exit code.
//!
//! ```ignore
//! #![cfg_attr(target_os = "none", no_std, no_main)]
//! #[path = "board/mod.rs"] // from tests/: "../examples/board/mod.rs"
//! mod board; // at the root of the program
//!
//! fn run() -> bool {
//!     board::say!("hello from {}", board::THIS.name);
//!     true // success: exit code 0, otherwise 1
//! }
//! board::main!(run);
//! ```
#![allow(dead_code, unused_imports, unused_macros)]

mod table;
pub use table::{BOARDS, Board, THIS};

#[cfg(target_os = "none")]
#[path = "semihosting.rs"]
pub mod io;

#[cfg(not(target_os = "none"))]
#[path = "host.rs"]
pub mod io;

/// Writes a line to standard output: `println!`'s arguments.
macro_rules! say {
    ($($arg:tt)*) => { $crate::board::io::line(::core::format_args!($($arg)*)) };
}
pub(crate) use say;

/// Makes `$run: fn() -> bool` the program.
#[cfg(target_os = "none")]
macro_rules! main {
    ($run:path) => {
        #[cortex_m_rt::entry]
        fn main() -> ! {
            $crate::board::io::exit($run())
        }
    };
}

/// Makes `$run: fn() -> bool` the program.
#[cfg(not(target_os = "none"))]
macro_rules! main {
    ($run:path) => {
        fn main() -> std::process::ExitCode {
            $crate::board::io::exit($run())
        }
    };
}
pub(crate) use main;
