//! Who waits at which address: a treap over addresses, with a list of waiters at each (Go's semaRoot).
//! Plain pointers without locks; the owner of the root has the lock.

use core::ptr::null_mut;

/// A place in the tree or in a list; its memory is its owner's.
#[repr(C)]
pub struct Waiter<T> {
    pub owner: *mut T,
    pub addr: usize,
    parent: *mut Waiter<T>,
    /// Smaller addresses.
    left: *mut Waiter<T>,
    right: *mut Waiter<T>,
    /// The next at the same address.
    pub next: *mut Waiter<T>,
    /// Of the first at an address: the last, if there are others.
    last: *mut Waiter<T>,
    /// A parent's is not above its children's. In a notify list: the ticket.
    pub priority: u32,
    /// Woken with what it waits for in hand.
    pub granted: bool,
    /// Since when it waits, at a lock while a profile is taken: else 0. Of the first: the longest of all, of the
    /// last: the shortest, less what was told already.
    pub since: u64,
    /// Of the first: how many wait behind it.
    behind: u32,
    /// Of one that was taken out: about how long all at the address have waited.
    pub delay: u64,
}

impl<T> Waiter<T> {
    pub const fn new(owner: *mut T, addr: usize) -> Waiter<T> {
        Waiter {
            owner,
            addr,
            parent: null_mut(),
            left: null_mut(),
            right: null_mut(),
            next: null_mut(),
            last: null_mut(),
            priority: 0,
            granted: false,
            since: 0,
            behind: 0,
            delay: 0,
        }
    }
}

pub struct Treap<T> {
    root: *mut Waiter<T>,
}

// SAFETY: what it links is its own while it is linked.
unsafe impl<T> Send for Treap<T> {}

impl<T> Treap<T> {
    pub const fn new() -> Treap<T> {
        Treap { root: null_mut() }
    }

    /// Where the pointer to the node of that address stands or would stand, and the node above.
    ///
    /// SAFETY: the nodes are alive.
    unsafe fn find(&mut self, addr: usize) -> (*mut *mut Waiter<T>, *mut Waiter<T>) {
        let (mut link, mut above): (*mut *mut Waiter<T>, _) = (&raw mut self.root, null_mut());
        // SAFETY: see above.
        unsafe {
            while !(*link).is_null() && (**link).addr != addr {
                above = *link;
                link = if addr < (*above).addr { &raw mut (*above).left } else { &raw mut (*above).right };
            }
        }
        (link, above)
    }

    /// Adds a waiter at its address: behind the others, or before them with `first`. `random` keeps the
    /// tree balanced.
    ///
    /// SAFETY: w is in no list, fresh from [`Waiter::new`], and lives until it is taken out.
    pub unsafe fn queue(&mut self, w: *mut Waiter<T>, first: bool, random: u32) {
        // SAFETY: see above.
        unsafe {
            let (link, above) = self.find((*w).addr);
            let head = *link;
            if head.is_null() {
                (*w).priority = random;
                (*w).parent = above;
                *link = w;
                while !(*w).parent.is_null() && (*(*w).parent).priority > random {
                    self.rotate_up(w);
                }
            } else if first {
                self.replace(head, w, link);
                (*w).since = (*head).since;
                (*w).behind = (*head).behind + 1;
                (*w).next = head;
                (*w).last = if (*head).last.is_null() { head } else { (*head).last };
                (*head).last = null_mut();
            } else {
                let last = if (*head).last.is_null() { head } else { (*head).last };
                (*last).next = w;
                (*head).last = w;
                (*head).behind += 1;
            }
        }
    }

    /// Takes out who waits longest at that address; nil: nobody does. The waiting of the others up to now is
    /// part of its `delay`, as the mean of the longest and the shortest (Go's semrelease1).
    ///
    /// SAFETY: the nodes are alive.
    pub unsafe fn dequeue(&mut self, addr: usize, now: impl FnOnce() -> u64) -> *mut Waiter<T> {
        // SAFETY: see above.
        unsafe {
            let (link, _) = self.find(addr);
            let head = *link;
            if head.is_null() {
                return head;
            }
            let next = (*head).next;
            let mut delay = 0;
            if (*head).since != 0 {
                let now = now();
                delay = now - (*head).since;
                if !next.is_null() {
                    let last = (*head).last;
                    let shortest = if (*last).since == 0 { 0 } else { now - (*last).since };
                    delay += (delay + shortest) / 2 * (*head).behind as u64;
                    (*next).since = now;
                    (*last).since = now;
                }
            }
            if !next.is_null() {
                self.replace(head, next, link);
                (*next).last = if (*next).next.is_null() { null_mut() } else { (*head).last };
                (*next).behind = (*head).behind - 1;
            } else {
                loop {
                    let (left, right) = ((*head).left, (*head).right);
                    if left.is_null() && right.is_null() {
                        break;
                    }
                    let up = left.is_null() || !right.is_null() && (*right).priority < (*left).priority;
                    self.rotate_up(if up { right } else { left });
                }
                self.set_child((*head).parent, head, null_mut());
            }
            head.write(Waiter { delay, ..Waiter::new((*head).owner, addr) });
            head
        }
    }

    /// Puts `new` where `old` stands in the tree.
    ///
    /// SAFETY: `link` points to `old`.
    unsafe fn replace(&mut self, old: *mut Waiter<T>, new: *mut Waiter<T>, link: *mut *mut Waiter<T>) {
        // SAFETY: see above.
        unsafe {
            *link = new;
            (*new).priority = (*old).priority;
            (*new).parent = (*old).parent;
            (*new).left = (*old).left;
            (*new).right = (*old).right;
            for child in [(*new).left, (*new).right] {
                if !child.is_null() {
                    (*child).parent = new;
                }
            }
            (*old).parent = null_mut();
            (*old).left = null_mut();
            (*old).right = null_mut();
        }
    }

    /// SAFETY: w has a parent.
    unsafe fn rotate_up(&mut self, w: *mut Waiter<T>) {
        // SAFETY: see above.
        unsafe {
            let parent = (*w).parent;
            let above = (*parent).parent;
            let inner = if (*parent).left == w {
                let inner = (*w).right;
                (*parent).left = inner;
                (*w).right = parent;
                inner
            } else {
                let inner = (*w).left;
                (*parent).right = inner;
                (*w).left = parent;
                inner
            };
            if !inner.is_null() {
                (*inner).parent = parent;
            }
            (*parent).parent = w;
            (*w).parent = above;
            self.set_child(above, parent, w);
        }
    }

    /// SAFETY: `old` is a child of `above`, or the root if that is nil.
    unsafe fn set_child(&mut self, above: *mut Waiter<T>, old: *mut Waiter<T>, new: *mut Waiter<T>) {
        // SAFETY: see above.
        unsafe {
            if above.is_null() {
                self.root = new;
            } else if (*above).left == old {
                (*above).left = new;
            } else {
                (*above).right = new;
            }
        }
    }
}

impl<T> Default for Treap<T> {
    fn default() -> Treap<T> {
        Treap::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, VecDeque};

    /// Address order, heap order and parents; the height.
    fn check(w: *mut Waiter<u8>, above: *mut Waiter<u8>, low: usize, high: usize) -> usize {
        if w.is_null() {
            return 0;
        }
        let n = unsafe { &*w };
        assert!(n.parent == above && low <= n.addr && n.addr < high);
        assert!(above.is_null() || unsafe { (*above).priority } <= n.priority);
        1 + check(n.left, w, low, n.addr).max(check(n.right, w, n.addr + 1, high))
    }

    #[test]
    fn waiters_come_out_in_order() {
        let mut state = 1u64;
        let mut random = move || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as u32
        };
        let (mut treap, mut model) = (Treap::<u8>::new(), HashMap::<usize, VecDeque<usize>>::new());
        let mut highest = 0;
        for step in 0..20_000 {
            let addr = 1 + random() as usize % 300;
            if random() % 100 < if step < 15_000 { 55 } else { 30 } {
                let w = Box::into_raw(Box::new(Waiter::new(null_mut(), addr)));
                let first = random() % 4 == 0;
                unsafe { treap.queue(w, first, random()) };
                let list = model.entry(addr).or_default();
                if first { list.push_front(w as usize) } else { list.push_back(w as usize) }
            } else {
                let w = unsafe { treap.dequeue(addr, || 0) };
                let want = model.get_mut(&addr).and_then(VecDeque::pop_front).unwrap_or(0);
                assert_eq!(w as usize, want);
                if !w.is_null() {
                    drop(unsafe { Box::from_raw(w) });
                }
            }
            if step % 97 == 0 {
                highest = highest.max(check(treap.root, null_mut(), 0, usize::MAX));
            }
        }
        assert!(highest < 40, "{highest}");
        for (addr, list) in model {
            for want in list {
                let w = unsafe { treap.dequeue(addr, || 0) };
                assert_eq!(w as usize, want);
                drop(unsafe { Box::from_raw(w) });
            }
        }
        assert!(treap.root.is_null());
    }
}
