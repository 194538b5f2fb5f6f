//! Output and exit on a board, through the debugger (semihosting).

use core::fmt::{Arguments, Write};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicUsize, Ordering};
use cortex_m_semihosting::{debug, syscall};

/// A semihosting call stops the core for long, so text leaves in chunks.
struct Chunk {
    text: [u8; 96],
    used: usize,
}

impl Chunk {
    /// Sends what is collected. Ends the program if the reader is gone.
    fn send(&mut self) {
        static STDOUT: AtomicUsize = AtomicUsize::new(0);
        let mut out = STDOUT.load(Ordering::Relaxed);
        if out == 0 {
            // SAFETY: address and length of a name that ends in NUL; mode 4 is "w".
            out = unsafe { syscall!(OPEN, c":tt".as_ptr(), 4, 3) };
            STDOUT.store(out, Ordering::Relaxed);
        }
        while self.used > 0 {
            // SAFETY: address and length of initialised bytes.
            let left = unsafe { syscall!(WRITE, out, self.text.as_ptr(), self.used) };
            if left >= self.used {
                exit(false);
            }
            self.text.copy_within(self.used - left..self.used, 0);
            self.used = left;
        }
    }
}

impl Write for Chunk {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        for &byte in text.as_bytes() {
            if self.used == self.text.len() {
                self.send();
            }
            self.text[self.used] = byte;
            self.used += 1;
        }
        Ok(())
    }
}

/// Writes a line. Ends the program if it cannot.
pub fn line(text: Arguments) {
    let mut chunk = Chunk { text: [0; 96], used: 0 };
    let _ = writeln!(chunk, "{text}");
    chunk.send();
}

/// A file of the host that the debugger runs on.
pub struct File {
    handle: usize,
    is_written: bool,
}

impl File {
    /// Makes it anew. Of a path of more than 255 bytes, and where it cannot be, nothing is written.
    pub fn create(path: &str) -> Self {
        let mut name = [0_u8; 256];
        let is_short = path.len() < name.len();
        if is_short {
            name[..path.len()].copy_from_slice(path.as_bytes());
        }
        // SAFETY: address and length of a name that ends in NUL; mode 5 is "wb".
        let handle = unsafe { syscall!(OPEN, name.as_ptr(), 5, path.len()) };
        Self { handle, is_written: is_short && handle != usize::MAX }
    }

    pub fn write(&mut self, bytes: &[u8]) {
        if self.is_written {
            // SAFETY: address and length of initialised bytes.
            let left = unsafe { syscall!(WRITE, self.handle, bytes.as_ptr(), bytes.len()) };
            self.is_written = left == 0;
        }
    }

    /// Whether all was written.
    pub fn is_written(&self) -> bool {
        self.is_written
    }
}

/// Ends the program; QEMU exits with 0 or 1.
pub fn exit(success: bool) -> ! {
    loop {
        debug::exit(success.then_some(()).ok_or(()));
    }
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    line(format_args!("{info}"));
    exit(false)
}

#[cortex_m_rt::exception]
unsafe fn HardFault(_frame: &cortex_m_rt::ExceptionFrame) -> ! {
    exit(false)
}
