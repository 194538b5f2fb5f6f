//! A linked program for an ARMv6-M or ARMv7E-M core, read for its bytes of flash and for the deepest stack that a function and all
//! it calls can need.
#![allow(dead_code, reason = "tests/c.rs reads the stack alone")]

use std::collections::BTreeMap;

/// An ELF file of 32 bits, little endian.
pub struct Image {
    file: Vec<u8>,
    sections: Vec<Section>,
    /// Names and end of every function, by address: those of the same code may be one.
    functions: BTreeMap<u32, (String, u32)>,
    /// Whether there is code from an address on, or data.
    is_code: BTreeMap<u32, bool>,
}

struct Section {
    kind: u32,
    flags: u32,
    address: u32,
    offset: u32,
    size: u32,
    link: u32,
}

const CONTENT: u32 = 1;
const SYMBOLS: u32 = 2;
const NO_BYTES: u32 = 8;
const IN_MEMORY: u32 = 2;

fn half(bytes: &[u8], at: u32) -> u32 {
    u32::from(u16::from_le_bytes(bytes[at as usize..][..2].try_into().unwrap()))
}

fn word(bytes: &[u8], at: u32) -> u32 {
    u32::from_le_bytes(bytes[at as usize..][..4].try_into().unwrap())
}

impl Image {
    pub fn read(file: Vec<u8>) -> Self {
        let section = |index| {
            let at = word(&file, 32) + 40 * index;
            let [kind, flags, address, offset, size, link] =
                [4, 8, 12, 16, 20, 24].map(|field| word(&file, at + field));
            Section { kind, flags, address, offset, size, link }
        };
        let sections: Vec<Section> = (0..half(&file, 48)).map(section).collect();
        let (mut functions, mut is_code) = (BTreeMap::new(), BTreeMap::new());
        let table = sections.iter().find(|section| section.kind == SYMBOLS).expect("a table of symbols");
        for at in (table.offset..table.offset + table.size).step_by(16) {
            let from = (sections[table.link as usize].offset + word(&file, at)) as usize;
            let name = file[from..].split(|&byte| byte == 0).next().unwrap_or_default();
            let name = String::from_utf8_lossy(name).into_owned();
            let [address, size, info] = [word(&file, at + 4) & !1, word(&file, at + 8), half(&file, at + 12)];
            match (info & 15, name.get(..2)) {
                (2, _) => {
                    let (names, _) = functions.entry(address).or_insert((String::new(), address + size));
                    *names += &(name + " ");
                }
                (0, Some("$t")) => drop(is_code.insert(address, true)),
                (0, Some("$d")) => drop(is_code.insert(address, false)),
                _ => {}
            }
        }
        Self { file, sections, functions, is_code }
    }

    /// The compiler, as it signs its programs.
    pub fn compiler(&self) -> String {
        let notes =
            self.sections.iter().filter(|section| section.flags & IN_MEMORY == 0 && section.kind == CONTENT);
        let mut notes = notes.flat_map(|section| self.bytes(section).split(|&byte| byte == 0));
        let sign = notes.find(|note| note.starts_with(b"rustc version "));
        String::from_utf8_lossy(sign.expect("a program by rustc")).into_owned()
    }

    fn bytes(&self, section: &Section) -> &[u8] {
        &self.file[section.offset as usize..][..section.size as usize]
    }

    /// Bytes of code, constants and initial values.
    pub fn flash(&self) -> u32 {
        let stored = |section: &&Section| section.flags & IN_MEMORY != 0 && section.kind != NO_BYTES;
        self.sections.iter().filter(stored).map(|section| section.size).sum()
    }

    /// Bytes of stack that the function of this name needs, or else the one whose name contains it, with all that it calls.
    pub fn stack(&self, name: &str) -> u32 {
        let is_whole = |names: &str| names.split(' ').any(|symbol| symbol == name);
        let has_whole = self.functions.values().any(|(names, _)| is_whole(names));
        let is_it = |names: &str| if has_whole { is_whole(names) } else { names.contains(name) };
        let mut found = self.functions.iter().filter(|(_, (names, _))| is_it(names));
        let (&address, _) = found.next().unwrap_or_else(|| panic!("no function {name}"));
        assert!(found.next().is_none(), "several functions {name}");
        self.depth(address, &mut BTreeMap::new())
    }

    /// Refuses recursion, and calls and stack frames whose target or size is not in the instruction.
    fn depth(&self, address: u32, known: &mut BTreeMap<u32, Option<u32>>) -> u32 {
        if let Some(depth) = known.get(&address) {
            return depth.expect("no recursion");
        }
        known.insert(address, None);
        let (name, end) =
            self.functions.get(&address).unwrap_or_else(|| panic!("no function at {address:#x}"));
        let (mut frame, mut callees, mut tail) = (0, 0, 0);
        let mut at = address;
        while at < *end {
            if self.is_code.range(..=at).next_back().is_some_and(|(_, is_code)| !is_code) {
                at += 2;
                continue;
            }
            let (effect, size) = self.decode(at);
            match effect {
                Effect::None => {}
                Effect::Frame(bytes) => frame += bytes,
                // ARMv6-M jumps far by a call.
                Effect::Call(target) if (address + 1..*end).contains(&target) => {}
                Effect::Call(target) => callees = self.depth(target, known).max(callees),
                Effect::Jump(target) if (address..*end).contains(&target) => {}
                Effect::Jump(target) => tail = self.depth(target, known).max(tail),
                Effect::Unknown => panic!("{name}, {at:#x}: a call or a frame that only shows at run time"),
            }
            at += size;
        }
        // Where a function ends by jumping to another, its frame is gone.
        let depth = (frame + callees).max(tail);
        known.insert(address, Some(depth));
        depth
    }

    /// The constant that the last `ldr register, [pc, #]` before loads.
    fn loaded(&self, section: &Section, at: u32, register: u32) -> Option<u32> {
        let bytes = self.bytes(section);
        let from = (1..=4).map(|steps| at - 2 * steps).find(|&from| {
            from >= section.address && half(bytes, from - section.address) >> 8 == 0x48 | register
        })?;
        let literal = ((from + 4) & !3) + 4 * (half(bytes, from - section.address) & 0xFF);
        Some(word(bytes, literal - section.address))
    }

    /// What the instruction does to the stack, and its size.
    fn decode(&self, at: u32) -> (Effect, u32) {
        let holds = |section: &&Section| (section.address..section.address + section.size).contains(&at);
        let mut loaded = self.sections.iter().filter(|section| section.flags & IN_MEMORY != 0);
        let section = loaded.find(holds).expect("code");
        let (bytes, offset) = (self.bytes(section), at - section.address);
        let first = half(bytes, offset);
        if first & 0xFF87 == 0x4485 {
            // add sp, r: a frame that is too large for one instruction of ARMv6-M.
            return (self.loaded(section, at, first >> 3 & 15).map_or(Effect::Unknown, Effect::grown), 2);
        }
        if first & 0xFF87 == 0x4685 && half(bytes, offset + 2) >> 9 == 0xBC >> 1 {
            // mov sp, r; pop: the frame goes.
            return (Effect::None, 2);
        }
        if first < 0xE800 {
            return (Effect::of_half(first, at), 2);
        }
        (Effect::of_word(first, half(bytes, offset + 2), at), 4)
    }
}

/// What an instruction does to the stack.
enum Effect {
    None,
    /// Takes this many bytes of stack.
    Frame(u32),
    Call(u32),
    Jump(u32),
    Unknown,
}

/// The `bits` lowest bits, with their sign.
fn signed(value: u32, bits: u32) -> i32 {
    (value << (32 - bits)) as i32 >> (32 - bits)
}

impl Effect {
    /// The stack pointer grows by this: less is a frame.
    fn grown(by: u32) -> Self {
        if by > i32::MAX as u32 { Self::Frame(by.wrapping_neg()) } else { Self::None }
    }

    fn of_half(code: u32, at: u32) -> Self {
        let jump = |offset: i32| Self::Jump((at + 4).wrapping_add_signed(offset));
        match code {
            // push; sub sp, #
            0xB400..=0xB5FF => Self::Frame(4 * (code & 0x1FF).count_ones()),
            0xB080..=0xB0FF => Self::Frame(4 * (code & 0x7F)),
            // b<c>; b
            0xD000..=0xDDFF => jump(2 * signed(code, 8)),
            0xE000..=0xE7FF => jump(2 * signed(code, 11)),
            // bx lr; bx, blx; add sp, r; mov sp, r
            0x4770 => Self::None,
            0x4700..=0x47FF => Self::Unknown,
            0x4400..=0x44FF | 0x4600..=0x46FF if code & 0x87 == 0x85 => Self::Unknown,
            _ => Self::None,
        }
    }

    fn of_word(first: u32, second: u32, at: u32) -> Self {
        let jump = |offset: i32| (at + 4).wrapping_add_signed(offset);
        let sign = first >> 10 & 1;
        let (j1, j2) = (second >> 13 & 1, second >> 11 & 1);
        let far = (sign << 23 | (j1 ^ sign ^ 1) << 22 | (j2 ^ sign ^ 1) << 21 | (first & 0x3FF) << 11)
            | second & 0x7FF;
        let near = sign << 19 | j2 << 18 | j1 << 17 | (first & 0x3F) << 11 | second & 0x7FF;
        let immediate = (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | second & 0xFF;
        match (first, second & 0xF00) {
            // push {..}; vpush {..}; str r, [sp, #-4]!
            (0xE92D, _) => Self::Frame(4 * second.count_ones()),
            (0xED2D | 0xED6D, 0xA00 | 0xB00) => Self::Frame(4 * (second & 0xFF)),
            (0xF84D, 0xD00) => Self::Frame(second & 0xFF),
            (0xE96D, _) => Self::Frame(4 * (second & 0xFF)),
            // sub.w sp, sp, #; subw sp, sp, #; sub.w sp, sp, r
            (0xF1AD | 0xF5AD, 0xD00) => Self::Frame(expand(immediate)),
            (0xF2AD | 0xF6AD, 0xD00) => Self::Frame(immediate),
            (0xEBAD, 0xD00) => Self::Unknown,
            // pop {.., pc} as a load; ldr pc, [..]
            (0xF85D, _) if second == 0xFB04 => Self::None,
            (0xF850..=0xF85F | 0xF8D0..=0xF8DF, _) if second >> 12 == 15 => Self::Unknown,
            // bl; b.w; b<c>.w, where it is not a barrier or a hint
            (0xF000..=0xF7FF, _) if second & 0xD000 == 0xD000 => Self::Call(jump(signed(far << 1, 25))),
            (0xF000..=0xF7FF, _) if second & 0xD000 == 0x9000 => Self::Jump(jump(signed(far << 1, 25))),
            (0xF000..=0xF7FF, _) if second & 0xD000 == 0x8000 && first >> 7 & 7 != 7 => {
                Self::Jump(jump(signed(near << 1, 21)))
            }
            _ => Self::None,
        }
    }
}

/// The constant that 12 bits of an instruction stand for.
fn expand(immediate: u32) -> u32 {
    let byte = immediate & 0xFF;
    match immediate >> 8 {
        0 => byte,
        1 => byte << 16 | byte,
        2 => byte << 24 | byte << 8,
        3 => byte * 0x0101_0101,
        _ => (byte | 0x80).rotate_right(immediate >> 7),
    }
}
