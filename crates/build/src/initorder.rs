//! The order in which packages are initialized (`cmd/link/internal/ld/inittask.go`): of those whose
//! imports are all initialized, the one whose name is first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A package that is linked in.
pub struct Linked<'a> {
    /// As symbols begin.
    pub path: &'a str,
    /// It has something to initialize.
    pub has_task: bool,
    /// Indices of what it imports; they stand before it.
    pub imports: Vec<usize>,
}

/// All packages, those with something to initialize in order. `first` is initialized before all others.
pub fn order(packages: &[Linked<'_>], first: &str) -> Vec<usize> {
    // What has no task, and imports nothing that has one, makes nobody wait.
    let mut takes_part = vec![false; packages.len()];
    for (i, p) in packages.iter().enumerate() {
        takes_part[i] = p.has_task || p.imports.iter().any(|&dep| takes_part[dep]);
    }
    let mut order: Vec<usize> = (0..packages.len()).filter(|&i| !takes_part[i]).collect();
    let mut waits_for = vec![0; packages.len()];
    let mut importers: Vec<Vec<usize>> = vec![Vec::new(); packages.len()];
    for (i, p) in packages.iter().enumerate().filter(|(i, _)| takes_part[*i]) {
        for &dep in p.imports.iter().filter(|&&dep| takes_part[dep]) {
            waits_for[i] += 1;
            importers[dep].push(i);
        }
    }
    // Symbols are compared, whose names go on behind the path.
    let key = |i: usize| Reverse((packages[i].path != first, format!("{}..inittask", packages[i].path), i));
    let ready = (0..packages.len()).filter(|&i| takes_part[i] && waits_for[i] == 0);
    let mut ready: BinaryHeap<_> = ready.map(key).collect();
    while let Some(Reverse((_, _, i))) = ready.pop() {
        order.push(i);
        for &importer in &importers[i] {
            waits_for[importer] -= 1;
            if waits_for[importer] == 0 {
                ready.push(key(importer));
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_that_is_ready_is_next() {
        let package =
            |path, has_task, imports: &[usize]| Linked { path, has_task, imports: imports.to_vec() };
        let packages = [
            package("z", true, &[]),
            package("quiet", false, &[]),
            package("b", true, &[0]),
            package("a", true, &[1]),
            package("through", false, &[2]),
            package("runtime", true, &[]),
            package("main", true, &[3, 4]),
        ];
        let names: Vec<&str> = order(&packages, "runtime").into_iter().map(|i| packages[i].path).collect();
        assert_eq!(names, ["quiet", "runtime", "a", "z", "b", "through", "main"]);
    }
}
