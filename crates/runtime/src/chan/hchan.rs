//! The channel itself; send, receive, close.

use super::sudog::{self, Sudog, WaitQueue};
use crate::arch::getm;
use crate::lang::raise;
use crate::mem::{mallocgc, new_array};
use crate::port::Pair;
use crate::prof::contention;
use crate::sched::lock::RawLock;
use crate::sched::{G, OnG0, WaitReason, bubble, proc};
use crate::timer::{self, Timer};
use core::mem::offset_of;
use core::ptr::{copy_nonoverlapping, null, null_mut, write_bytes};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use goxide_abi::Entry;
use goxide_abi::layout::{CHAN_DATAQSIZ, CHAN_QCOUNT};
use goxide_abi::typ::{Kind, Type};

#[repr(C)]
pub struct Hchan {
    /// `len` and `cap`.
    pub qcount: AtomicUsize,
    pub dataqsiz: usize,
    pub buf: *mut u8,
    /// The timer that sends here, and nobody else does: then the channel looks unbuffered, and what is in
    /// `buf` is the timer's.
    pub timer: *mut Timer,
    pub elem_size: usize,
    pub sendx: usize,
    pub recvx: usize,
    pub recvq: WaitQueue,
    pub sendq: WaitQueue,
    pub lock: RawLock,
    pub closed: AtomicBool,
    /// Low bits of the number of the bubble that it was made in, 0 for none.
    pub bubble: u16,
}

const _: () = assert!(offset_of!(Hchan, qcount) as i32 == CHAN_QCOUNT);
const _: () = assert!(offset_of!(Hchan, dataqsiz) as i32 == CHAN_DATAQSIZ);

/// A channel type's descriptor begins with this.
#[repr(C)]
struct ChanType {
    typ: Type,
    elem: *const Type,
}

/// What the collector is told of a channel whose elements have pointers.
struct HchanType(Type);
// SAFETY: read only.
unsafe impl Sync for HchanType {}
static POINTER_MASK: [u8; 8] =
    [1 << (offset_of!(Hchan, buf) / 8) | 1 << (offset_of!(Hchan, timer) / 8), 0, 0, 0, 0, 0, 0, 0];
static HCHAN_TYPE: HchanType = HchanType(Type {
    size: size_of::<Hchan>(),
    ptr_bytes: offset_of!(Hchan, timer) + 8,
    hash: 0,
    tflag: 0,
    align: 8,
    field_align: 8,
    kind: Kind::Struct as u8,
    equal: 0,
    gcdata: &raw const POINTER_MASK as *const u8,
    str: 0,
    ptr_to_this: 0,
});

const MAX_ALLOC: usize = 1 << 47;

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_makechan(typ: *const Type, size: i64) -> *mut Hchan {
    // SAFETY: compiled code passes a channel type's descriptor.
    unsafe {
        let elem = (*typ.cast::<ChanType>()).elem;
        let bytes = match (*elem).size.checked_mul(size as usize) {
            Some(bytes) if size >= 0 && bytes <= MAX_ALLOC - size_of::<Hchan>() => bytes,
            _ => raise::plain_error("makechan: size out of range"),
        };
        let c: *mut Hchan;
        let buf;
        if (*elem).ptr_bytes == 0 || bytes == 0 {
            c = mallocgc(size_of::<Hchan>() + bytes, null(), true).cast();
            buf = c.add(1).cast();
        } else {
            // Two allocations: this stack, which is scanned, holds the first meanwhile.
            let memory = new_array(elem, size as usize);
            c = mallocgc(size_of::<Hchan>(), &HCHAN_TYPE.0, true).cast();
            buf = memory;
        }
        (*c).buf = buf;
        (*c).elem_size = (*elem).size;
        (*c).dataqsiz = size as usize;
        (*c).bubble = bubble_tag();
        c
    }
}

impl Hchan {
    unsafe fn slot(&self, i: usize) -> *mut u8 {
        // SAFETY: i is below dataqsiz.
        unsafe { self.buf.add(i * self.elem_size) }
    }

    fn after(&self, i: usize) -> usize {
        if i + 1 == self.dataqsiz { 0 } else { i + 1 }
    }

    /// What a send does at once, under the lock, which it drops.
    ///
    /// SAFETY: the lock is held; elem is readable.
    #[inline]
    pub unsafe fn try_send(&mut self, elem: *const u8) -> Tried {
        // SAFETY: see above.
        unsafe {
            if self.closed.load(Relaxed) {
                self.lock.unlock();
                return Tried::Closed;
            }
            if let Some(s) = self.recvq.dequeue() {
                let (g, to) = ((*s).g, (*s).elem);
                if !to.is_null() {
                    copy_nonoverlapping(elem, to, self.elem_size);
                }
                self.lock.unlock();
                wake(g, s, true);
                return Tried::Done;
            }
            let count = self.qcount.load(Relaxed);
            if count < self.dataqsiz {
                copy_nonoverlapping(elem, self.slot(self.sendx), self.elem_size);
                self.sendx = self.after(self.sendx);
                self.qcount.store(count + 1, Relaxed);
                self.lock.unlock();
                return Tried::Done;
            }
            Tried::MustWait
        }
    }

    /// What a receive does at once, under the lock, which it drops. elem may be nil.
    ///
    /// SAFETY: the lock is held; elem is writable or nil.
    #[inline]
    pub unsafe fn try_recv(&mut self, elem: *mut u8) -> Tried {
        // SAFETY: see above.
        unsafe {
            let count = self.qcount.load(Relaxed);
            if self.closed.load(Relaxed) && count == 0 {
                self.lock.unlock();
                if !elem.is_null() {
                    write_bytes(elem, 0, self.elem_size);
                }
                return Tried::Closed;
            }
            if let Some(s) = self.sendq.dequeue() {
                let (g, from) = ((*s).g, (*s).elem);
                if self.dataqsiz == 0 {
                    if !elem.is_null() {
                        copy_nonoverlapping(from, elem, self.elem_size);
                    }
                } else {
                    // Full: the oldest goes out, the sender's takes its place at the end.
                    let slot = self.slot(self.recvx);
                    if !elem.is_null() {
                        copy_nonoverlapping(slot, elem, self.elem_size);
                    }
                    copy_nonoverlapping(from, slot, self.elem_size);
                    self.recvx = self.after(self.recvx);
                    self.sendx = self.recvx;
                }
                self.lock.unlock();
                wake(g, s, true);
                return Tried::Done;
            }
            if count > 0 {
                let slot = self.slot(self.recvx);
                if !elem.is_null() {
                    copy_nonoverlapping(slot, elem, self.elem_size);
                }
                write_bytes(slot, 0, self.elem_size);
                self.recvx = self.after(self.recvx);
                self.qcount.store(count - 1, Relaxed);
                self.lock.unlock();
                return Tried::Done;
            }
            if !self.timer.is_null() && timer::take(self.timer, elem) {
                self.lock.unlock();
                return Tried::Done;
            }
            Tried::MustWait
        }
    }
}

/// Of the bubble of the goroutine at hand, 0 for none.
fn bubble_tag() -> u16 {
    let b = bubble::current();
    // SAFETY: bubbles live for ever.
    if b.is_null() { 0 } else { unsafe { (*b).id as u16 | 1 << 15 } }
}

/// Only goroutines of the same bubble can wake who waits at the channel.
///
/// SAFETY: a channel.
pub unsafe fn is_of_bubble(c: *const Hchan) -> bool {
    // SAFETY: see above.
    unsafe { (*c).bubble != 0 && (*c).bubble == bubble_tag() }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    Done,
    Closed,
    /// The lock is still held.
    MustWait,
}

/// SAFETY: s was taken out of its queue by us, so that g is ours to wake.
pub unsafe fn wake(g: *mut G, s: *mut Sudog, success: bool) {
    // SAFETY: see above.
    unsafe {
        (*s).success = success;
        (*g).param = s;
        proc::ready(g);
    }
}

/// Waits in a queue of the channel, whose lock it drops.
///
/// SAFETY: g runs on this M and is saved; the lock is held.
unsafe fn wait(g: *mut G, c: *mut Hchan, elem: *mut u8, sends: bool) -> ! {
    // SAFETY: see above.
    unsafe {
        let s = sudog::acquire(g, c, elem);
        (*g).blocked_at = contention::block_start();
        (*g).waiting = s;
        (*g).param = null_mut();
        if sends {
            (*g).cont = Some(send_woken);
            (*c).sendq.enqueue(s);
        } else {
            (*g).cont = Some(recv_woken);
            (*c).recvq.enqueue(s);
            if !(*c).timer.is_null() {
                timer::block((*c).timer);
            }
        }
        let reason = match (sends, is_of_bubble(c)) {
            (true, false) => WaitReason::CHAN_SEND,
            (false, false) => WaitReason::CHAN_RECEIVE,
            (true, true) => WaitReason::CHAN_SEND_DURABLE,
            (false, true) => WaitReason::CHAN_RECEIVE_DURABLE,
        };
        proc::park(OnG0::assume(), g, reason, || (*c).lock.unlock())
    }
}

unsafe fn send_woken(_: OnG0, g: *mut G) {
    // SAFETY: a woken goroutine's sudog is its own again.
    unsafe {
        contention::block_end(g, Entry::ChanSend);
        let s = (*g).waiting;
        (*g).waiting = null_mut();
        let closed = !(*s).success;
        sudog::release(s);
        if closed {
            raise::plain_error("send on closed channel");
        }
    }
}

unsafe fn recv_woken(_: OnG0, g: *mut G) {
    // SAFETY: as in send_woken.
    unsafe {
        contention::block_end(g, Entry::ChanRecv);
        let s = (*g).waiting;
        (*g).waiting = null_mut();
        (*g).ret[0] = (*s).success as usize;
        let timer = (*(*s).chan).timer;
        if !timer.is_null() {
            timer::unblock(timer);
        }
        sudog::release(s);
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_chansend1(c: *mut Hchan, elem: *mut u8) {
    // SAFETY: an entry with the goroutine saved, on a channel.
    unsafe {
        let g = (*getm()).curg;
        if c.is_null() {
            proc::park(OnG0::assume(), g, WaitReason::CHAN_SEND_NIL, || {});
        }
        (*c).lock.lock();
        match (*c).try_send(elem) {
            Tried::Done => {}
            Tried::Closed => raise::plain_error("send on closed channel"),
            Tried::MustWait => wait(g, c, elem, true),
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_chanrecv1(c: *mut Hchan, elem: *mut u8) -> i64 {
    // SAFETY: an entry with the goroutine saved, on a channel.
    unsafe {
        let g = (*getm()).curg;
        if c.is_null() {
            proc::park(OnG0::assume(), g, WaitReason::CHAN_RECEIVE_NIL, || {});
        }
        (*c).lock.lock();
        match (*c).try_recv(elem) {
            Tried::Done => 1,
            Tried::Closed => 0,
            Tried::MustWait => wait(g, c, elem, false),
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_closechan(c: *mut Hchan) {
    // SAFETY: an entry with the goroutine saved, on a channel.
    unsafe {
        if c.is_null() {
            raise::plain_error("close of nil channel");
        }
        (*c).lock.lock();
        if (*c).closed.load(Relaxed) {
            (*c).lock.unlock();
            raise::plain_error("close of closed channel");
        }
        (*c).closed.store(true, Relaxed);
        // Woken when the lock is free again.
        let mut woken: *mut G = null_mut();
        let mut collect = |s: *mut Sudog, receives: bool| {
            if receives && !(*s).elem.is_null() {
                write_bytes((*s).elem, 0, (*c).elem_size);
            }
            (*s).success = false;
            (*(*s).g).param = s;
            (*(*s).g).schedlink = woken;
            woken = (*s).g;
        };
        while let Some(s) = (*c).recvq.dequeue() {
            collect(s, true);
        }
        while let Some(s) = (*c).sendq.dequeue() {
            collect(s, false);
        }
        (*c).lock.unlock();
        while !woken.is_null() {
            let g = woken;
            woken = (*g).schedlink;
            proc::ready(g);
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_selectnbsend(c: *mut Hchan, elem: *mut u8) -> i64 {
    // SAFETY: an entry with the goroutine saved, on a channel.
    unsafe {
        if c.is_null() {
            return 0;
        }
        (*c).lock.lock();
        match (*c).try_send(elem) {
            Tried::Done => 1,
            Tried::Closed => raise::plain_error("send on closed channel"),
            Tried::MustWait => {
                (*c).lock.unlock();
                0
            }
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_selectnbrecv(elem: *mut u8, c: *mut Hchan) -> Pair<i64, i64> {
    // SAFETY: an entry with the goroutine saved, on a channel.
    unsafe {
        if c.is_null() {
            return Pair(0, 0);
        }
        // An open channel with nothing in it, seen without the lock.
        if (*c).qcount.load(Acquire) == 0
            && (*c).sendq.is_empty()
            && !(*c).closed.load(Acquire)
            && (*c).timer.is_null()
        {
            return Pair(0, 0);
        }
        (*c).lock.lock();
        match (*c).try_recv(elem) {
            Tried::Done => Pair(1, 1),
            Tried::Closed => Pair(1, 0),
            Tried::MustWait => {
                (*c).lock.unlock();
                Pair(0, 0)
            }
        }
    }
}
