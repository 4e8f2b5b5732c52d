//! What may be done next of a build's packages. Pure: it is told what has been done.
//!
//! A package is looked up in the cache once it is known what each import exports, and exports are known
//! once an import was found there or has been optimized. One that is missing is checked (which needs its
//! imports checked for their declarations) and then compiled.

/// Something to do with a package, by its index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Job {
    LookUp(usize),
    /// `all`: with the bodies of all functions.
    Check {
        index: usize,
        all: bool,
    },
    Compile(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Found {
    Unknown,
    Looking,
    Yes,
    No,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Not,
    Begun,
    Done,
}

struct Node {
    imports: Vec<usize>,
    importers: Vec<usize>,
    /// Imports whose exports are not known.
    unresolved: usize,
    /// What it is checked with, once it was looked for; how many of these are not checked; who waits for it.
    needs: Option<Vec<usize>>,
    unchecked: usize,
    waiting: Vec<usize>,
    found: Found,
    /// It, or something that imports it, will be compiled.
    is_wanted: bool,
    checked: Step,
    compiled: Step,
}

#[derive(Default)]
pub struct Plan {
    nodes: Vec<Node>,
    jobs: Vec<Job>,
}

impl Plan {
    /// Adds a package, all of whose imports have been added. `is_new`: it is certain that the cache does
    /// not have it.
    pub fn add(&mut self, imports: Vec<usize>, is_new: bool) {
        let index = self.nodes.len();
        imports.iter().for_each(|&i| self.nodes[i].importers.push(index));
        self.nodes.push(Node {
            unresolved: imports.len(),
            needs: None,
            unchecked: 0,
            waiting: Vec::new(),
            imports,
            importers: Vec::new(),
            found: if is_new { Found::No } else { Found::Unknown },
            is_wanted: false,
            checked: Step::Not,
            compiled: Step::Not,
        });
    }

    /// What to begin with.
    pub fn begin(&mut self) -> Vec<Job> {
        for i in 0..self.nodes.len() {
            if self.nodes[i].found == Found::No {
                self.is_missing(i);
            }
            self.advance(i);
        }
        self.take()
    }

    /// The cache has the package (then `needs` are those imports that it is checked with for importers), or has
    /// not.
    pub fn looked_up(&mut self, i: usize, needs: Option<&[usize]>) -> Vec<Job> {
        match needs {
            Some(needs) => {
                self.nodes[i].found = Found::Yes;
                self.needs(i, needs.to_vec());
                self.resolve(i);
            }
            None => self.is_missing(i),
        }
        self.advance(i);
        self.take()
    }

    /// Its declarations can be used by importers.
    pub fn checked(&mut self, i: usize) -> Vec<Job> {
        self.nodes[i].checked = Step::Done;
        for waiting in std::mem::take(&mut self.nodes[i].waiting) {
            self.nodes[waiting].unchecked -= 1;
            self.advance(waiting);
        }
        self.advance(i);
        self.take()
    }

    /// It is known what a package that was not found exports.
    pub fn optimized(&mut self, i: usize) -> Vec<Job> {
        self.nodes[i].compiled = Step::Done;
        self.resolve(i);
        self.take()
    }

    fn resolve(&mut self, i: usize) {
        for importer in self.nodes[i].importers.clone() {
            self.nodes[importer].unresolved -= 1;
            self.advance(importer);
        }
    }

    fn is_missing(&mut self, i: usize) {
        self.nodes[i].found = Found::No;
        self.needs(i, self.nodes[i].imports.clone());
        self.want(i);
    }

    fn needs(&mut self, i: usize, needs: Vec<usize>) {
        for &dep in &needs {
            if self.nodes[dep].checked != Step::Done {
                self.nodes[i].unchecked += 1;
                self.nodes[dep].waiting.push(i);
            }
        }
        self.nodes[i].needs = Some(needs);
        if self.nodes[i].is_wanted {
            self.want_needs(i);
        }
    }

    fn want(&mut self, i: usize) {
        if !std::mem::replace(&mut self.nodes[i].is_wanted, true) {
            self.want_needs(i);
            self.advance(i);
        }
    }

    fn want_needs(&mut self, i: usize) {
        self.nodes[i].needs.clone().unwrap_or_default().into_iter().for_each(|dep| self.want(dep));
    }

    fn advance(&mut self, i: usize) {
        let n = &mut self.nodes[i];
        if n.found == Found::Unknown && n.unresolved == 0 {
            n.found = Found::Looking;
            self.jobs.push(Job::LookUp(i));
        }
        // What is needed of it is known when the package was looked for.
        let is_decided = matches!(n.found, Found::Yes | Found::No);
        if n.checked == Step::Not && n.is_wanted && n.unchecked == 0 && is_decided {
            n.checked = Step::Begun;
            self.jobs.push(Job::Check { index: i, all: n.found == Found::No });
        }
        if n.compiled == Step::Not && n.found == Found::No && n.checked == Step::Done && n.unresolved == 0 {
            n.compiled = Step::Begun;
            self.jobs.push(Job::Compile(i));
        }
    }

    fn take(&mut self) -> Vec<Job> {
        std::mem::take(&mut self.jobs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// a ← b ← c, and d alone.
    fn plan(is_new: bool) -> Plan {
        let mut plan = Plan::default();
        plan.add(vec![], is_new);
        plan.add(vec![0], is_new);
        plan.add(vec![1], is_new);
        plan.add(vec![], is_new);
        plan
    }

    #[test]
    fn what_is_found_is_not_checked() {
        let mut p = plan(false);
        assert_eq!(p.begin(), [Job::LookUp(0), Job::LookUp(3)]);
        assert_eq!(p.looked_up(0, Some(&[])), [Job::LookUp(1)]);
        assert_eq!(p.looked_up(1, Some(&[0])), [Job::LookUp(2)]);
        assert_eq!(p.looked_up(2, Some(&[1])), []);
    }

    #[test]
    fn importers_of_a_missing_package_may_still_be_found() {
        let mut p = plan(false);
        p.begin();
        assert_eq!(p.looked_up(0, None), [Job::Check { index: 0, all: true }]);
        assert_eq!(p.checked(0), [Job::Compile(0)]);
        assert_eq!(p.optimized(0), [Job::LookUp(1)]);
        assert_eq!(p.looked_up(1, Some(&[0])), [Job::LookUp(2)]);
        // c is missing: it needs the declarations of b.
        assert_eq!(p.looked_up(2, None), [Job::Check { index: 1, all: false }]);
        assert_eq!(p.checked(1), [Job::Check { index: 2, all: true }]);
        assert_eq!(p.checked(2), [Job::Compile(2)]);
    }

    #[test]
    fn only_what_surfaces_need_is_checked() {
        let mut p = plan(false);
        p.begin();
        p.looked_up(0, Some(&[]));
        assert_eq!(p.looked_up(1, Some(&[])), [Job::LookUp(2)]);
        assert_eq!(p.looked_up(2, None), [Job::Check { index: 1, all: false }]);
        assert_eq!(p.checked(1), [Job::Check { index: 2, all: true }]);
        assert_eq!(p.checked(2), [Job::Compile(2)]);
    }

    #[test]
    fn new_packages_are_checked_ahead() {
        let mut p = plan(true);
        let check = |index| Job::Check { index, all: true };
        assert_eq!(p.begin(), [check(0), check(3)]);
        assert_eq!(p.checked(0), [check(1), Job::Compile(0)]);
        assert_eq!(p.checked(1), [check(2)]);
        assert_eq!(p.optimized(0), [Job::Compile(1)]);
    }
}
