//! CPUID: what the processor can do, and whether that is enough for the built level.

use core::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[derive(Clone, Copy, Default)]
pub struct Cpu {
    pub avx2: bool,
    pub bmi: bool,
    pub aes: bool,
    pub erms: bool,
    pub fma: bool,
}

impl Cpu {
    /// What is missing of what the runtime's assembly takes for granted, named as in /proc/cpuinfo.
    pub fn missing(self) -> Option<&'static str> {
        if !self.avx2 {
            Some("avx2")
        } else if !self.bmi {
            Some("bmi1")
        } else {
            None
        }
    }
}

pub fn cpuid_features() -> Cpu {
    let max = __cpuid(0).eax;
    let one = __cpuid(1);
    let bit = |word: u32, n: u32| word >> n & 1 != 0;
    if max < 7 {
        return Cpu::default();
    }
    let seven = __cpuid_count(7, 0);
    // The system must save the upper halves of the vector registers, too.
    // SAFETY: OSXSAVE says that xgetbv exists.
    let ymm_saved = bit(one.ecx, 27) && unsafe { xcr0() } & 6 == 6;
    Cpu {
        avx2: bit(seven.ebx, 5) && ymm_saved,
        bmi: bit(seven.ebx, 3),
        aes: bit(one.ecx, 25),
        erms: bit(seven.ebx, 9),
        fma: bit(one.ecx, 12) && ymm_saved,
    }
}

/// From this many bytes on `mem.s` copies and clears by string instructions.
#[unsafe(export_name = "rep_bytes")]
static REP_BYTES: AtomicUsize = AtomicUsize::new(usize::MAX);
const REP_BYTES_ERMS: usize = 4096;

/// Chooses between ways that differ by processor (asked for once: CPUID is slow under a hypervisor); `is_off` says which features `GODEBUG=cpu.NAME=off` names.
#[doc(alias = "cpuinit")]
pub fn cpu_init(cpu: Cpu, is_off: impl Fn(&[u8]) -> bool) {
    let has_erms = cpu.erms && !is_off(b"cpu.erms") && !is_off(b"cpu.all");
    REP_BYTES.store(if has_erms { REP_BYTES_ERMS } else { usize::MAX }, Relaxed);
}

/// SAFETY: CPUID must have said OSXSAVE.
#[target_feature(enable = "xsave")]
unsafe fn xcr0() -> u64 {
    // SAFETY: see above.
    unsafe { _xgetbv(0) }
}
