//! A thunk for each entry that is Rust behind it (`abi::for_each_entry`): from the `Tail` convention on
//! the goroutine's stack to a SysV call of `rt_NAME` on g0.

macro_rules! thunk {
    // gopanic, goexit, gorecover and loopyield have assembly of their own.
    (@NoReturn gopanic) => {};
    (@NoReturn goexit) => {};
    (@Full gorecover) => {};
    (@Full loopyield) => {};
    (@G0 $name:ident) => {
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
    (@Full $name:ident) => { thunk!(@saving $name, ""); };
    (@Park $name:ident) => {
        thunk!(@saving $name,
            "mov [r15 + {HELD}], rdi
            mov [r15 + {HELD} + 8], rsi
            mov [r15 + {HELD} + 16], rdx
            mov [r15 + {HELD} + 24], rcx
            mov [r15 + {HELD} + 32], r8
            mov r11, [rbp + 8]
            mov [r15 + {HELD_PC}], r11",
            HELD = const core::mem::offset_of!(crate::sched::G, held),
            HELD_PC = const core::mem::offset_of!(crate::sched::G, held_pc),
        );
    };
    (@saving $name:ident, $hold:literal $(, $($operands:tt)*)?) => {
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
    (@NoReturn $name:ident) => { thunk!(@Full $name); };
    (@Leaf $name:ident) => {};
    (@Go $name:ident) => {};
    (@GoNoReturn $name:ident) => {};
}

macro_rules! thunks {
    ($($variant:ident $name:ident ($($p:ident)*) ($($r:ident)*) $kind:ident;)*) => {
        $(thunk!(@$kind $name);)*
    };
}
goxide_abi::for_each_entry!(thunks);
