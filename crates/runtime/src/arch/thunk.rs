//! A thunk for each entry that is Rust behind it (`abi::for_each_entry`): from the `Tail` convention on
//! the goroutine's stack to a SysV call of `rt_NAME` on g0.

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
