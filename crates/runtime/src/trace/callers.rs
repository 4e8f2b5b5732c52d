//! `runtime.Callers` and what its program counters mean. There is one for each logical frame: a real one
//! stands for the innermost place at it, and callers of inlined calls have made-up ones.

use super::module::{Func, Place, find_func, func_at, func_index};
use super::unwind::{Frame, Unwinder};
use crate::arch::{address, getm, gomain_ret, gostart_ret, panic_deferred_ret, thunk};
use crate::lang::panic::is_goexit_loop;
use crate::mem::malloc::malloc_slow;
use crate::os::file::Text;
use crate::port;
use crate::sched::{G, Status, allg};
use goxide_abi::module::FUNC_WRAPPER;

/// What a made-up program counter has set, above its function's index, the index of its place and four bits
/// that take the subtractions which callers do.
const MADE_UP: usize = 1 << 62;
const FUNC_SHIFT: u32 = 28;
const LOC_SHIFT: u32 = 4;
const LOC_MASK: usize = (1 << (FUNC_SHIFT - LOC_SHIFT)) - 1;
const MIDDLE: usize = 8;

fn made_up(func: usize, loc: u32) -> usize {
    MADE_UP | func << FUNC_SHIFT | (loc as usize) << LOC_SHIFT | MIDDLE
}

/// Go's function in whose place assembly stands that returns to `pc`.
fn assembly(pc: usize) -> Option<&'static [u8]> {
    match pc {
        _ if pc == address(panic_deferred_ret) => Some(b"runtime.gopanic"),
        _ if pc == address(gomain_ret) => Some(b"runtime.main"),
        _ if pc == address(gostart_ret) => Some(b"runtime.goexit"),
        _ => None,
    }
}

/// What stands for the runtime's own functions, and its address: also of a pc less by one.
fn own_function(pc: usize) -> Option<(&'static [u8], usize)> {
    if let Some(found) = [pc, pc + 1].into_iter().find_map(|at| Some((assembly(at)?, at))) {
        return Some(found);
    }
    let malloc = malloc_slow as *const () as usize;
    if pc.wrapping_sub(malloc) <= 1 {
        return Some((b"runtime.mallocgc", malloc));
    }
    thunk::entry_at(pc).map(|(entry, at)| (entry.symbol.as_bytes(), at))
}

/// Calls `f` with the program counters of a real frame's logical ones.
///
/// SAFETY: the frame is alive.
unsafe fn logical(frame: &Frame, mut f: impl FnMut(usize) -> bool) -> bool {
    if assembly(frame.pc).is_some() {
        // SAFETY: see above.
        if frame.pc == address(panic_deferred_ret) && unsafe { is_goexit_loop(frame.fp) } {
            return true;
        }
        // Go's main goroutine begins as any other.
        return f(frame.pc) && (frame.pc != address(gomain_ret) || f(address(gostart_ret)));
    }
    let pc = frame.symbol_pc();
    let Some(func) = find_func(pc) else { return true };
    // Of a wrapper only what was inlined into it is told.
    let is_wrapper = func.info.flags & FUNC_WRAPPER != 0;
    let is_told = |place: &Place| place.inlined || !is_wrapper;
    let mut places = func.places(pc);
    let Some(mut place) = places.next() else { return true };
    let mut told_pc = pc + 1;
    while is_told(&place) {
        if !f(told_pc) {
            return false;
        }
        told_pc = made_up(func_index(&func), places.at());
        match places.next() {
            Some(outer) if place.inlined => place = outer,
            _ => break,
        }
    }
    true
}

/// Fills `out` with a walk's program counters behind the first `skip`; how many.
///
/// SAFETY: the frames must be alive, and there is room for `n`.
pub unsafe fn fill(mut walk: Unwinder, mut skip: usize, out: *mut usize, n: usize) -> usize {
    let mut len = 0;
    // SAFETY: see above.
    while let Some(frame) = unsafe { walk.next() } {
        let take = |pc| {
            if skip > 0 {
                skip -= 1;
                return true;
            }
            if len == n {
                return false;
            }
            // SAFETY: see above.
            unsafe { out.add(len).write(pc) };
            len += 1;
            true
        };
        // SAFETY: see above.
        if !unsafe { logical(&frame, take) } {
            break;
        }
    }
    len
}

/// (skip, buffer, its length) -> how many
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_callers(skip: usize, out: *mut usize, n: usize) -> usize {
    // SAFETY: an entry with the goroutine saved; the first frame is that of the Go function that called it.
    unsafe { fill(Unwinder::of_saved((*getm()).curg), skip, out, n) }
}

/// Where functions of the Rust runtime seem to stand: beside those of `std/runtime`, since programs tell the
/// runtime's frames by the folder.
const OWN_FILE: &[u8] = b"$GOROOT/src/runtime/proc.go";

/// `runtime.place`
#[repr(C)]
struct GoPlace {
    function: (*const u8, usize),
    file: (*const u8, usize),
    line: i64,
    start_line: i64,
    entry: usize,
    inlined: i64,
}

/// The place that a program counter of [`fill`], or less by one, means.
fn place_of(pc: usize) -> Option<(Func, Place)> {
    if pc & MADE_UP != 0 {
        let func = func_at((pc & !MADE_UP) >> FUNC_SHIFT)?;
        let place = func.places_from((pc >> LOC_SHIFT & LOC_MASK) as u32).next()?;
        return Some((func, place));
    }
    let func = find_func(pc)?;
    Some((func, func.places(pc).next()?))
}

/// Function, file and line of a program counter of [`fill`], less by one.
pub fn describe(pc: usize) -> Option<(&'static [u8], &'static [u8], u32)> {
    if let Some((name, _)) = own_function(pc) {
        return Some((name, OWN_FILE, 1));
    }
    let (_, place) = place_of(pc)?;
    Some((place.func, place.file, place.line))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pcplace(pc: usize, out: *mut GoPlace) -> i64 {
    let parts = |s: &'static [u8]| (s.as_ptr(), s.len());
    let result = if let Some((name, at)) = own_function(pc) {
        let (function, file) = (parts(name), parts(OWN_FILE));
        GoPlace { function, file, line: 1, start_line: 1, entry: at, inlined: 0 }
    } else {
        let Some((func, place)) = place_of(pc) else { return 0 };
        GoPlace {
            function: parts(place.func),
            // A line directive may name no file.
            file: parts(if place.file.is_empty() { b"??" } else { place.file }),
            line: place.line as i64,
            start_line: func.info.start_line as i64,
            entry: func.entry,
            inlined: place.inlined as i64,
        }
    };
    // SAFETY: Go's variable.
    unsafe { out.write(result) };
    1
}

/// `runtime.Stack`: (buffer, its length, all goroutines) -> bytes written
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_stacktext(buf: *mut u8, len: usize, all: i64) -> usize {
    // SAFETY: an entry with the goroutine saved; Go's buffer.
    unsafe {
        let g = (*getm()).curg;
        let mut out = Text::new(core::slice::from_raw_parts_mut(buf, len));
        let mut write = || {
            super::print::header(&mut out, g);
            let mut walk = Unwinder::of_saved(g);
            // runtime.Stack itself.
            walk.next();
            super::print::goroutine(&mut out, g, walk);
            if all != 0 {
                super::print::others(&mut out, g);
            }
        };
        if all == 0 {
            write();
        } else {
            port::with_world_stopped(write);
        }
        out.len()
    }
}

/// The goroutines' program counters, `depth` each and zeroes behind the last, and if wanted their labels: (buffer,
/// room for how many goroutines, depth, buffer of the labels, whether only those that leaked) -> how many there
/// are. Fills nothing if they do not fit.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_goroutinestacks(
    out: *mut usize,
    n: usize,
    depth: usize,
    labels: *mut usize,
    leaked: usize,
) -> usize {
    let mut total = 0;
    port::with_world_stopped(|| {
        // SAFETY: no goroutine runs, and each was saved by its entry; Go's buffer.
        unsafe {
            let is_wanted = |g: *mut G| leaked == 0 || (*g).leaked;
            total = allg::count_those(is_wanted);
            if total > n {
                return;
            }
            let me = (*getm()).curg;
            let mut at = 0;
            let mut one = |g: *mut G| {
                let stack = out.add(at * depth);
                let len = fill(Unwinder::of_saved(g), 0, stack, depth);
                core::ptr::write_bytes(stack.add(len), 0, depth - len);
                if !labels.is_null() {
                    labels.add(at).write((*g).labels);
                }
                at += 1;
            };
            if is_wanted(me) {
                one(me);
            }
            allg::for_each(|g| {
                if g != me
                    && is_wanted(g)
                    && !(*g).system
                    && !matches!((*g).status(), Status::Dead | Status::Idle)
                {
                    one(g);
                }
            });
        }
    });
    total
}
