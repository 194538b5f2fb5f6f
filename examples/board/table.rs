//! The boards of `.cargo/config.toml`: one list for the programs that run on them and for the tests that start them.

/// One emulated board.
pub struct Board {
    /// QEMU machine, and the folder of its `memory.x` in `.cargo/`.
    pub name: &'static str,
    /// Target triple.
    pub target: &'static str,
    /// Core.
    pub core: &'static str,
    /// Bytes of RAM.
    pub ram: usize,
    /// Programs that it takes to hold the digests of all losses, for both types of numbers; those of codes take two more.
    pub parts: usize,
}

macro_rules! boards {
    ($($name:literal, $target:literal, $core:literal, $ram:expr, $parts:literal;)*) => {
        /// Every board.
        pub const BOARDS: &[Board] = &[$(Board { name: $name, target: $target, core: $core, ram: $ram, parts: $parts }),*];

        /// The board this program is built for; on the host, the host.
        pub const THIS: Board = {
            let mut this = Board { name: "host", target: "host", core: "host", ram: isize::MAX as usize, parts: 1 };
            $(if cfg!(board = $name) {
                this = Board { name: $name, target: $target, core: $core, ram: $ram, parts: $parts };
            })*
            this
        };
    };
}

boards! {
    "microbit", "thumbv6m-none-eabi", "Cortex-M0", 16 << 10, 4;
    "lm3s6965evb", "thumbv7m-none-eabi", "Cortex-M3", 64 << 10, 7;
    "mps2-an386", "thumbv7em-none-eabihf", "Cortex-M4F", 4 << 20, 1;
    "mps2-an505", "thumbv8m.main-none-eabi", "Cortex-M33", 4 << 20, 1;
    "mps3-an547", "thumbv8m.main-none-eabihf", "Cortex-M55", 512 << 10, 4;
}
