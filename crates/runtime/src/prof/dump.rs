//! debug.WriteHeapDump: the heap, what refers to it and the statistics, in the format of Go 1.7
//! (<https://go.dev/s/go15heapdump>).
//!
//! Runs with the world stopped, and allocates nothing.

use super::buckets::{BUCKETS, Kind};
use crate::gc;
use crate::lang::types::{type_pkg_path, type_string};
use crate::mem::heap::{arena, for_each_span, span_of};
use crate::mem::span::Span;
use crate::mem::{sample, specials};
use crate::os::file;
use crate::port;
use crate::sched::{G, Status, allg, ncpu, threads};
use crate::trace::callers;
use crate::trace::module::{build_text, find_func, module};
use crate::trace::unwind::Unwinder;
use goxide_abi::typ::Type;

const HEADER: &[u8] = b"go1.7 heap dump\n";

#[derive(Clone, Copy)]
enum Tag {
    Eof = 0,
    Object = 1,
    Type = 3,
    Goroutine = 4,
    StackFrame = 5,
    Params = 6,
    Finalizer = 7,
    Itab = 8,
    OsThread = 9,
    MemStats = 10,
    QueuedFinalizer = 11,
    Data = 12,
    Bss = 13,
    Panic = 15,
    MemProf = 16,
    AllocSample = 17,
}

/// Kinds of fields: the end of the list, a pointer.
const FIELD_END: u64 = 0;
const FIELD_POINTER: u64 = 1;

/// Words of `runtime.MemStats` that are told, and where NumGC is.
const STATS_WORDS: usize = 24 + 256;
const STATS_NUM_GC: usize = STATS_WORDS + 256;

struct Dump {
    fd: usize,
    buf: [u8; 4096],
    len: usize,
}

impl Dump {
    fn bytes(&mut self, bytes: &[u8]) {
        if self.len + bytes.len() > self.buf.len() {
            self.flush();
        }
        if bytes.len() > self.buf.len() {
            return file::write(self.fd, bytes);
        }
        self.buf[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn flush(&mut self) {
        file::write(self.fd, &self.buf[..self.len]);
        self.len = 0;
    }

    fn int(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.bytes(&[n as u8 | 0x80]);
            n >>= 7;
        }
        self.bytes(&[n as u8]);
    }

    fn ints<const N: usize>(&mut self, tag: Tag, list: [usize; N]) {
        self.int(tag as u64);
        list.into_iter().for_each(|n| self.int(n as u64));
    }

    fn text(&mut self, text: &[u8]) {
        self.int(text.len() as u64);
        self.bytes(text);
    }

    /// SAFETY: readable memory.
    unsafe fn memory(&mut self, at: usize, bytes: usize) {
        // SAFETY: see above.
        self.text(unsafe { core::slice::from_raw_parts(at as *const u8, bytes) });
    }

    /// The words that point into the heap, as the collector takes them where there is no table: memory, and where
    /// it begins.
    ///
    /// SAFETY: readable memory, aligned.
    unsafe fn pointers(&mut self, at: usize, bytes: usize) {
        for offset in (0..bytes & !7).step_by(8) {
            // SAFETY: see above.
            if !span_of(unsafe { *((at + offset) as *const usize) }).is_null() {
                self.int(FIELD_POINTER);
                self.int(offset as u64);
            }
        }
        self.int(FIELD_END);
    }

    fn params(&mut self) {
        let is_big_endian = 0;
        self.ints(
            Tag::Params,
            [is_big_endian, size_of::<usize>(), arena().base, arena().base + arena().bytes],
        );
        self.text(b"amd64");
        self.text(build_text(0));
        self.int(ncpu() as u64);
    }

    fn itabs(&mut self) {
        let table = module().itabs;
        // SAFETY: the linker's table; an itab is followed from its second word to the type's descriptor.
        unsafe {
            for &itab in core::slice::from_raw_parts(table.ptr, table.len) {
                let typ = *((itab + 8) as *const *const Type);
                let (path, name) = (type_pkg_path(&*typ, module().types), type_string(&*typ, module().types));
                self.ints(Tag::Type, [typ as usize, (*typ).size]);
                if path.is_empty() {
                    self.text(name);
                } else {
                    // The string begins with the package's name.
                    let name = name.splitn(2, |&b| b == b'.').last().unwrap_or(name);
                    self.int((path.len() + 1 + name.len()) as u64);
                    self.bytes(path);
                    self.bytes(b".");
                    self.bytes(name);
                }
                let is_indirect = !crate::lang::types::is_direct(&*typ) || (*typ).ptr_bytes != 0;
                self.int(is_indirect as u64);
                self.ints(Tag::Itab, [itab, typ as usize]);
            }
        }
    }

    fn objects(&mut self, span: &Span) {
        for index in (0..span.nelems as usize).filter(|&i| !span.is_free(i)) {
            let (at, bytes) = specials::extent(span, index);
            self.ints(Tag::Object, [at]);
            // SAFETY: an object in use.
            unsafe { self.memory(at, bytes) };
            specials::for_each_pointer(span, index, |offset| {
                self.int(FIELD_POINTER);
                self.int(offset as u64);
            });
            self.int(FIELD_END);
        }
    }

    /// SAFETY: a goroutine that is saved.
    unsafe fn goroutine(&mut self, g: *mut G) {
        // SAFETY: see above.
        unsafe {
            let (status, sp) = ((*g).status() as usize, (*g).sched_sp);
            let first = Unwinder::of_saved(g).next();
            let pc = first.map_or(0, |f| f.pc);
            self.ints(Tag::Goroutine, [g as usize, sp, (*g).goid as usize, pc, status, (*g).system as usize]);
            let is_background = 0;
            self.int(is_background);
            self.int((*g).wait_since);
            self.text((*g).wait_reason.0.as_bytes());
            let (context, defers) = (0, 0);
            for word in [context, (*g).m as usize, defers, (*g).panic as usize] {
                self.int(word as u64);
            }
            let mut walk = Unwinder::of_saved(g);
            let (mut low, mut child_sp, mut depth) = (sp, 0, 0);
            while let Some(frame) = walk.next() {
                // Frames of another segment begin where that one does.
                let is_here = (*frame.seg).contains(low) && low <= frame.fp;
                let bytes = if is_here { frame.fp - low } else { 0 };
                self.ints(Tag::StackFrame, [low, depth, child_sp]);
                self.memory(low, bytes);
                let func = find_func(frame.symbol_pc());
                let entry = func.map_or(0, |f| f.entry);
                [entry, frame.pc, frame.pc].into_iter().for_each(|n| self.int(n as u64));
                self.text(func.map_or(b"unknown function", |f| f.name()));
                self.pointers(low, bytes);
                (child_sp, low, depth) = (low, frame.fp + 16, depth + 1);
            }
            let mut panic = (*g).panic;
            while let Some(p) = panic.as_ref() {
                self.ints(Tag::Panic, [panic as usize, g as usize, p.typ, p.data, 0, p.link as usize]);
                panic = p.link;
            }
        }
    }

    fn goroutines(&mut self) {
        allg::for_each(|g| {
            // SAFETY: the world is stopped, and each goroutine was saved by its entry.
            unsafe {
                if !matches!((*g).status(), Status::Dead | Status::Idle) {
                    self.goroutine(g);
                }
            }
        });
    }

    fn roots(&mut self) {
        let m = module();
        for (tag, low, high) in [(Tag::Data, m.data, m.edata), (Tag::Bss, m.bss, m.ebss)] {
            self.ints(tag, [low]);
            // SAFETY: the program's variables.
            unsafe {
                self.memory(low, high - low);
                self.pointers(low, high - low);
            }
        }
        specials::for_each_finalizer(|due, object, closure, types| {
            let tag = if due { Tag::QueuedFinalizer } else { Tag::Finalizer };
            // SAFETY: a function value, and the types that std/runtime keeps beside it.
            let (code, of_function, of_object) = unsafe {
                (*(closure as *const usize), *(types as *const usize), *(types as *const usize).add(1))
            };
            self.ints(tag, [object, closure, code, of_function, of_object]);
        });
    }

    fn profile(&mut self) {
        BUCKETS.lock().for_each(Kind::Heap, |b| {
            self.ints(Tag::MemProf, [(&raw const *b) as usize, b.size, b.stack().len()]);
            for &pc in b.stack() {
                let (function, file, line) = callers::describe(pc - 1).unwrap_or((b"?", b"?", 0));
                self.text(function);
                self.text(file);
                self.int(line as u64);
            }
            self.int(b.told.allocs);
            self.int(b.told.frees);
        });
        for_each_span(|span| {
            sample::for_each(span, |at, bucket| self.ints(Tag::AllocSample, [at, bucket as usize]));
        });
    }
}

/// (descriptor, a `runtime.MemStats`)
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_heapdump(fd: usize, stats: *const u64) {
    port::with_world_stopped(|| {
        gc::sweep_all();
        let mut d = Dump { fd, buf: [0; _], len: 0 };
        d.bytes(HEADER);
        d.params();
        d.itabs();
        for_each_span(|span| d.objects(span));
        d.goroutines();
        threads::for_each(|m| {
            // SAFETY: under the lock of the list.
            unsafe { d.ints(Tag::OsThread, [m as usize, (*m).id as usize, (*m).tid]) }
        });
        d.roots();
        d.ints(Tag::MemStats, []);
        for word in (0..STATS_WORDS).chain([STATS_NUM_GC]) {
            // SAFETY: the struct's words; the last is of 32 bits, beside another.
            let value = unsafe { *stats.add(word) };
            d.int(if word == STATS_NUM_GC { value & u32::MAX as u64 } else { value });
        }
        d.profile();
        d.ints(Tag::Eof, []);
        d.flush();
    });
}
