//! select with several cases.

use super::hchan::{Hchan, Tried, is_of_bubble};
use super::order::{lock_order, poll_order};
use super::sudog::{self, Sudog};
use crate::arch::getm;
use crate::lang::raise;
use crate::mem::mallocgc;
use crate::port::Pair;
use crate::prof::contention;
use crate::sched::{G, OnG0, WaitReason, proc};
use crate::timer;
use core::ptr::null_mut;
use core::sync::atomic::Ordering::*;
use goxide_abi::Entry;
use goxide_abi::layout::SelectCase;

/// reflect.Select's limit; a case's number has 16 bits.
const CASES_MAX: usize = 1 << 16;
/// The orders of so many cases stand on g0, those of more in the heap.
const CASES_FEW: usize = 16;

/// (cases, sends first; sends; receives; whether to block) -> (index or -1, received)
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_selectgo(
    cases: *const SelectCase,
    sends: usize,
    recvs: usize,
    block: i64,
) -> Pair<i64, i64> {
    // SAFETY: an entry with the goroutine saved; the cases are in its frame.
    unsafe {
        let n = sends + recvs;
        if n <= CASES_FEW {
            let (mut poll, mut locks) = ([0; CASES_FEW], [0; CASES_FEW]);
            return select(cases, sends, block, &mut poll[..n], &mut locks[..n]);
        }
        if n > CASES_MAX {
            crate::trace::fatal::throw("select: too many cases");
        }
        // Nothing collects it while this M is in the select.
        let orders = mallocgc(2 * n * size_of::<u16>(), core::ptr::null(), true).cast::<u16>();
        let (poll, locks) = core::slice::from_raw_parts_mut(orders, 2 * n).split_at_mut(n);
        select(cases, sends, block, poll, locks)
    }
}

/// `poll` and `locks` have a place for each case.
///
/// SAFETY: as the entry.
unsafe fn select(
    cases: *const SelectCase,
    sends: usize,
    block: i64,
    poll: &mut [u16],
    locks: &mut [u16],
) -> Pair<i64, i64> {
    // SAFETY: see above.
    unsafe {
        let m = getm();
        let g = (*m).curg;
        let cases = core::slice::from_raw_parts(cases, poll.len());
        let chan = |i: u16| cases[i as usize].chan as *mut Hchan;
        let kept = poll_order(poll, |i| cases[i].chan != 0, |below| (*m).rng.below(below));
        if kept == 0 {
            if block != 0 {
                proc::park(OnG0::assume(), g, WaitReason::SELECT_NO_CASES, || {});
            }
            return Pair(-1, 0);
        }
        let (poll, locks) = (&poll[..kept], &mut locks[..kept]);
        locks.copy_from_slice(poll);
        lock_order(locks, |i| chan(i) as usize);
        let locks = &*locks;
        lock_all(locks, chan);

        // Something that can go on at once.
        for &i in poll {
            let (c, elem) = (&mut *chan(i), cases[i as usize].elem as *mut u8);
            // The one that goes on unlocks its channel itself.
            let tried = if (i as usize) < sends { c.try_send(elem) } else { c.try_recv(elem) };
            match tried {
                Tried::MustWait => continue,
                Tried::Closed if (i as usize) < sends => {
                    unlock_others(locks, chan, c);
                    raise::plain_error("send on closed channel");
                }
                _ => {
                    unlock_others(locks, chan, c);
                    return Pair(i as i64, (tried == Tried::Done && i as usize >= sends) as i64);
                }
            }
        }
        if block == 0 {
            unlock_others(locks, chan, null_mut());
            return Pair(-1, 0);
        }

        // Waits at all of them.
        let mut link: *mut *mut Sudog = &raw mut (*g).waiting;
        for &i in locks {
            let s = sudog::acquire(g, chan(i), cases[i as usize].elem as *mut u8);
            (*s).is_select = true;
            (*s).case = i;
            *link = s;
            link = &raw mut (*s).waitlink;
            let queue = if (i as usize) < sends { &mut (*chan(i)).sendq } else { &mut (*chan(i)).recvq };
            queue.enqueue(s);
            if !(*chan(i)).timer.is_null() {
                timer::block((*chan(i)).timer);
            }
        }
        (*g).blocked_at = contention::block_start();
        (*g).param = null_mut();
        (*g).select_done.store(0, Relaxed);
        (*g).ret[0] = sends;
        (*g).cont = Some(select_woken);
        // A waker may run g on another M as soon as one lock is free; the orders are this M's, on g0.
        let durable = locks.iter().all(|&i| is_of_bubble(chan(i)));
        let reason = if durable { WaitReason::SELECT_DURABLE } else { WaitReason::SELECT };
        proc::park(OnG0::assume(), g, reason, || unlock_others(locks, chan, null_mut()))
    }
}

/// Leaves the other queues, and says which case won.
unsafe fn select_woken(_: OnG0, g: *mut G) {
    // SAFETY: the sudogs of a woken goroutine are in queues of channels that it knows, or in none.
    unsafe {
        contention::block_end(g, Entry::SelectGo);
        let sends = (*g).ret[0];
        let won = (*g).param;
        (*g).param = null_mut();
        let mut s = (*g).waiting;
        (*g).waiting = null_mut();
        let (case, success) = ((*won).case, (*won).success);
        while !s.is_null() {
            let next = (*s).waitlink;
            if s != won {
                let c = (*s).chan;
                (*c).lock.lock();
                let queue = if ((*s).case as usize) < sends { &mut (*c).sendq } else { &mut (*c).recvq };
                queue.remove(s);
                (*c).lock.unlock();
            }
            let timer = (*(*s).chan).timer;
            if !timer.is_null() {
                timer::unblock(timer);
            }
            sudog::release(s);
            s = next;
        }
        if (case as usize) < sends && !success {
            raise::plain_error("send on closed channel");
        }
        (*g).ret = [case as usize, (success && case as usize >= sends) as usize];
    }
}

/// A channel may stand in several cases: locked once.
///
/// SAFETY: the cases' channels.
unsafe fn lock_all(locks: &[u16], chan: impl Fn(u16) -> *mut Hchan) {
    let mut last = null_mut();
    for &i in locks {
        let c = chan(i);
        if c != last {
            // SAFETY: see above.
            unsafe { (*c).lock.lock() };
            last = c;
        }
    }
}

/// SAFETY: all are locked but `done`.
unsafe fn unlock_others(locks: &[u16], chan: impl Fn(u16) -> *mut Hchan, done: *mut Hchan) {
    for (at, &i) in locks.iter().enumerate().rev() {
        let c = chan(i);
        if c != done && (at == 0 || chan(locks[at - 1]) != c) {
            // SAFETY: see above.
            unsafe { (*c).lock.unlock() };
        }
    }
}
