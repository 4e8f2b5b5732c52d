//! A heap of deadlines, each node with four children (Go's timerHeapN), whose elements know their place, so
//! that any can be taken out at once. Pure: a slice and its order.

/// What stands in the heap.
pub trait Placed {
    /// Says at which index it is now.
    ///
    /// SAFETY: `this` is an element of the heap.
    unsafe fn place(this: *mut Self, index: usize);
}

pub struct Entry<T> {
    pub when: i64,
    pub item: *mut T,
}

impl<T> Clone for Entry<T> {
    fn clone(&self) -> Entry<T> {
        *self
    }
}

impl<T> Copy for Entry<T> {}

const ARITY: usize = 4;

/// Moves the element at i towards the root until its parent is not later; also before those of its time, with
/// `first`.
///
/// SAFETY: the items are alive.
pub unsafe fn sift_up<T: Placed>(heap: &mut [Entry<T>], mut i: usize, first: bool) {
    let moving = heap[i];
    // SAFETY: see above.
    unsafe {
        while i > 0 {
            let parent = (i - 1) / ARITY;
            if heap[parent].when < moving.when || heap[parent].when == moving.when && !first {
                break;
            }
            heap[i] = heap[parent];
            T::place(heap[i].item, i);
            i = parent;
        }
        heap[i] = moving;
        T::place(moving.item, i);
    }
}

/// Moves the element at i away from the root until no child is earlier.
///
/// SAFETY: the items are alive.
pub unsafe fn sift_down<T: Placed>(heap: &mut [Entry<T>], mut i: usize) {
    let moving = heap[i];
    // SAFETY: see above.
    unsafe {
        loop {
            let children = i * ARITY + 1..(i * ARITY + 1 + ARITY).min(heap.len());
            let Some(least) = children.min_by_key(|&c| heap[c].when) else { break };
            if heap[least].when >= moving.when {
                break;
            }
            heap[i] = heap[least];
            T::place(heap[i].item, i);
            i = least;
        }
        heap[i] = moving;
        T::place(moving.item, i);
    }
}

/// Takes out the element at i: the slice's last is free afterwards.
///
/// SAFETY: the items are alive.
pub unsafe fn remove<T: Placed>(heap: &mut [Entry<T>], i: usize) {
    let last = heap.len() - 1;
    heap.swap(i, last);
    let heap = &mut heap[..last];
    if i < last {
        // SAFETY: see above.
        unsafe {
            if i > 0 && heap[(i - 1) / ARITY].when > heap[i].when {
                sift_up(heap, i, false);
            } else {
                sift_down(heap, i);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Item {
        index: usize,
    }

    impl Placed for Item {
        unsafe fn place(this: *mut Item, index: usize) {
            unsafe { (*this).index = index }
        }
    }

    #[test]
    fn order_and_places_hold() {
        let mut state = 7u64;
        let mut random = move || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize
        };
        let mut heap: Vec<Entry<Item>> = Vec::new();
        for step in 0..5000 {
            if heap.is_empty() || random() % 100 < if step < 3000 { 60 } else { 40 } {
                let item = Box::into_raw(Box::new(Item { index: 0 }));
                heap.push(Entry { when: (random() % 1000) as i64, item });
                let last = heap.len() - 1;
                unsafe { sift_up(&mut heap, last, random() % 2 == 0) };
            } else if random() % 3 == 0 {
                let first = heap[0];
                assert!(heap.iter().all(|e| e.when >= first.when));
                unsafe { remove(&mut heap, 0) };
                assert!(heap.pop().unwrap().item == first.item);
                drop(unsafe { Box::from_raw(first.item) });
            } else {
                let at = random() % heap.len();
                let gone = heap[at];
                unsafe { remove(&mut heap, at) };
                assert!(heap.pop().unwrap().item == gone.item);
                drop(unsafe { Box::from_raw(gone.item) });
            }
            for (i, e) in heap.iter().enumerate() {
                assert_eq!(unsafe { (*e.item).index }, i);
                assert!(i == 0 || heap[(i - 1) / ARITY].when <= e.when);
            }
        }
        heap.into_iter().for_each(|e| drop(unsafe { Box::from_raw(e.item) }));
    }
}
