//! A thunk for each entry that is Rust behind it (`abi::for_each_entry`): from the `Tail` convention on
//! the goroutine's stack to a SysV call of `rt_NAME` on g0.

use goxide_abi::Entry;
use goxide_abi::entry::{ENTRIES, EntryInfo, EntryKind};

macro_rules! thunk {
    // gopanic, goexit, gorecover and loopyield have assembly of their own.
    (@NoReturn gopanic $($p:ident)*) => {};
    (@NoReturn goexit $($p:ident)*) => {};
    (@Full gorecover $($p:ident)*) => {};
    (@Full loopyield $($p:ident)*) => {};
    (@G0 $name:ident $($p:ident)*) => {
        core::arch::global_asm!(
            ".section .text.goxide,\"axR\",@progbits",
            concat!(".globl runtime.", stringify!($name)),
            concat!(".type runtime.", stringify!($name), ", @function"),
            ".p2align 4",
            concat!("runtime.", stringify!($name), ":"),
            "push rbp",
            "mov rbp, rsp",
            "mov r11, [r15 + {G_M}]",
            "mov rsp, [r11 + {M_G0SP}]",
            concat!("call rt_", stringify!($name)),
            "mov rcx, rdx",
            "mov rsp, rbp",
            "pop rbp",
            "ret",
            G_M = const core::mem::offset_of!(crate::sched::G, m),
            M_G0SP = const core::mem::offset_of!(crate::sched::M, g0sp),
        );
    };
    (@Full $name:ident $($p:ident)*) => { thunk!(@saving $name, ""); };
    (@Park $name:ident $($p:ident)+) => {
        thunk!(@saving $name,
            concat!(
                thunk!(@hold $($p)+),
                "mov dword ptr [r15 + {HELD_COUNT}], {COUNT}
                mov r11, [rbp + 8]
                mov [r15 + {HELD_PC}], r11"
            ),
            HELD = const core::mem::offset_of!(crate::sched::G, held),
            HELD_COUNT = const core::mem::offset_of!(crate::sched::G, held_count),
            COUNT = const [$(stringify!($p)),+].len(),
            HELD_PC = const core::mem::offset_of!(crate::sched::G, held_pc),
        );
    };
    (@hold $a:ident) => { "mov [r15 + {HELD}], rdi\n" };
    (@hold $a:ident $b:ident) => { concat!(thunk!(@hold $a), "mov [r15 + {HELD} + 8], rsi\n") };
    (@hold $a:ident $b:ident $c:ident) => {
        concat!(thunk!(@hold $a $b), "mov [r15 + {HELD} + 16], rdx\n")
    };
    (@hold $a:ident $b:ident $c:ident $d:ident) => {
        concat!(thunk!(@hold $a $b $c), "mov [r15 + {HELD} + 24], rcx\n")
    };
    (@hold $a:ident $b:ident $c:ident $d:ident $e:ident) => {
        concat!(thunk!(@hold $a $b $c $d), "mov [r15 + {HELD} + 32], r8\n")
    };
    (@saving $name:ident, $hold:expr $(, $($operands:tt)*)?) => {
        core::arch::global_asm!(
            ".section .text.goxide,\"axR\",@progbits",
            concat!(".globl runtime.", stringify!($name)),
            concat!(".type runtime.", stringify!($name), ", @function"),
            ".p2align 4",
            concat!("runtime.", stringify!($name), ":"),
            "push rbp",
            "mov rbp, rsp",
            "push rbx",
            "push r12",
            "push r13",
            "push r14",
            "mov [r15 + {G_SCHED_SP}], rsp",
            $hold,
            "mov r11, [r15 + {G_M}]",
            "mov rsp, [r11 + {M_G0SP}]",
            concat!("call rt_", stringify!($name)),
            "mov rcx, rdx",
            "mov rsp, rbp",
            "pop rbp",
            "ret",
            G_M = const core::mem::offset_of!(crate::sched::G, m),
            G_SCHED_SP = const core::mem::offset_of!(crate::sched::G, sched_sp),
            M_G0SP = const core::mem::offset_of!(crate::sched::M, g0sp),
            $($($operands)*)?
        );
    };
    (@NoReturn $name:ident $($p:ident)*) => { thunk!(@Full $name); };
    (@Leaf $name:ident $($p:ident)*) => {};
    (@Go $name:ident $($p:ident)*) => {};
    (@GoNoReturn $name:ident $($p:ident)*) => {};
}

macro_rules! thunks {
    ($($variant:ident $name:ident ($($p:ident)*) ($($r:ident)*) $kind:ident;)*) => {
        $(thunk!(@$kind $name $($p)*);)*
    };
}
goxide_abi::for_each_entry!(thunks);

/// The entries' addresses, by their places in the table.
macro_rules! addresses {
    ($($variant:ident $name:ident ($($p:ident)*) ($($r:ident)*) $kind:ident;)*) => {
        core::arch::global_asm!(
            ".section .rodata.entries,\"a\",@progbits",
            ".p2align 3",
            ".globl entry_addresses",
            "entry_addresses:",
            $(addresses!(@$kind $name)),*
        );
    };
    (@Go $name:ident) => { ".quad 0" };
    (@GoNoReturn $name:ident) => { ".quad 0" };
    (@$kind:ident $name:ident) => { concat!(".quad runtime.", stringify!($name)) };
}
goxide_abi::for_each_entry!(addresses);

unsafe extern "C" {
    static entry_addresses: [usize; ENTRIES.len()];
}

fn addresses() -> &'static [usize; ENTRIES.len()] {
    // SAFETY: a table that is never written.
    unsafe { &entry_addresses }
}

/// A program counter in an entry's thunk, as that of a frame.
pub fn inside(entry: Entry) -> usize {
    addresses()[entry as usize] + 1
}

/// The entry whose thunk has code at pc, and where it begins.
pub fn entry_at(pc: usize) -> Option<(&'static EntryInfo, usize)> {
    /// No thunk is longer.
    const THUNK_BYTES_MAX: usize = 128;
    let near = |&(_, &at): &(usize, &usize)| at <= pc && pc - at < THUNK_BYTES_MAX;
    let (index, &at) = addresses().iter().enumerate().filter(near).max_by_key(|&(_, &at)| at)?;
    let info = &ENTRIES[index].1;
    (info.kind != EntryKind::Leaf).then_some((info, at))
}
