//! Counts instructions with SysTick, the timer in the core: `qemu-system-arm -icount` lets each instruction take the
//! same time, and on every board that is longer than a tick. Where QEMU runs without it, there is no counter.

use core::arch::asm;
use core::ptr::with_exposed_provenance_mut;
use core::sync::atomic::{AtomicU32, Ordering};

const CONTROL: usize = 0xE000_E010;
const RELOAD: usize = 0xE000_E014;
/// Counts down from [`MOST`], and calls [`SysTick`] when it starts anew. A write sets it back.
const CURRENT: usize = 0xE000_E018;
const MOST: u32 = 0x00FF_FFFF;
/// Both on the core's clock.
const STOP: u32 = 0b100;
const RUN: u32 = 0b111;

static ROUNDS: AtomicU32 = AtomicU32::new(0);

/// Once in millions of instructions; its own few are counted.
#[cortex_m_rt::exception]
fn SysTick() {
    ROUNDS.store(ROUNDS.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

fn read(register: usize) -> u32 {
    // SAFETY: a register that every core of the table of boards has.
    unsafe { with_exposed_provenance_mut::<u32>(register).read_volatile() }
}

fn write(register: usize, value: u32) {
    // SAFETY: as above; nobody else uses the timer.
    unsafe { with_exposed_provenance_mut::<u32>(register).write_volatile(value) }
}

/// Ticks of a call, and of what starts and stops the timer.
#[inline(never)]
fn ticks(call: &mut dyn FnMut()) -> u64 {
    ROUNDS.store(0, Ordering::Relaxed);
    write(CURRENT, 0);
    write(CONTROL, RUN);
    call();
    write(CONTROL, STOP);
    u64::from(ROUNDS.load(Ordering::Relaxed)) * u64::from(MOST + 1) + u64::from(MOST - read(CURRENT))
}

/// Ticks of a loop of two instructions a turn.
#[inline(never)]
fn loop_ticks(turns: u32) -> u64 {
    // SAFETY: touches nothing but the register it is given.
    ticks(&mut || unsafe { asm!("1: subs {0}, #1", "bne 1b", inout(reg) turns => _) })
}

/// What turns ticks into instructions.
#[derive(Clone, Copy)]
pub struct Counter {
    ticks_of_100_000: u64,
}

impl Counter {
    /// Learns the timer's rate from a loop of known length. `None` if loops of other lengths do not then have their
    /// exact counts: instructions take no fixed time.
    pub fn start() -> Option<Self> {
        write(RELOAD, MOST);
        write(CONTROL, STOP);
        let base = loop_ticks(1);
        let counter = Self { ticks_of_100_000: loop_ticks(50_001).checked_sub(base)? };
        let is_exact = |turns: u32| counter.instructions(base, loop_ticks(turns)) == Some(2 * (turns - 1));
        [2, 3, 4, 5, 6, 7, 8, 1_001, 1_000_003].into_iter().all(is_exact).then_some(counter)
    }

    /// Instructions between two counts of ticks, if there are enough ticks to an instruction to tell.
    fn instructions(&self, from: u64, to: u64) -> Option<u32> {
        let rate = self.ticks_of_100_000;
        let rounded = (to.checked_sub(from)? * 100_000 + rate / 2) / rate;
        u32::try_from(rounded).ok().filter(|_| rate > 200_000)
    }

    /// Instructions of a call, beyond those of an empty one.
    pub fn count(&self, call: &mut dyn FnMut()) -> u32 {
        self.instructions(ticks(&mut || {}), ticks(call)).expect("a count")
    }
}
