//! `GOEXPERIMENT`: which of go 1.27's experiments are on (`internal/buildcfg.ParseGOEXPERIMENT`).

/// The experiments in go's order, and what each of them is here.
const KNOWN: &[(&str, Kind)] = &[
    ("fieldtrack", Kind::Lacking),
    // Loops can be preempted anyway.
    ("preemptibleloops", Kind::Off),
    ("staticlockranking", Kind::Lacking),
    ("boringcrypto", Kind::Lacking),
    ("regabiwrappers", Kind::Fixed),
    ("regabiargs", Kind::Fixed),
    ("heapminimum512kib", Kind::Lacking),
    ("arenas", Kind::Lacking),
    ("cgocheck2", Kind::Lacking),
    ("loopvar", Kind::Lacking),
    // Inlining has heuristics of its own.
    ("newinliner", Kind::Off),
    ("dwarf5", Kind::On),
    ("jsonv2", Kind::On),
    ("greenteagc", Kind::On),
    ("randomizedheapbase64", Kind::On),
    ("runtimefreegc", Kind::Lacking),
    ("sizespecializedmalloc", Kind::On),
    ("simd", Kind::Lacking),
    ("runtimesecret", Kind::Lacking),
    ("mapsplitgroup", Kind::Lacking),
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// On where nothing is said. Either way only files are chosen by it, or details of gc's own runtime.
    On,
    Off,
    /// On, whatever is said.
    Fixed,
    /// Needs what compiler and runtime do not have.
    Lacking,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Experiments(Vec<bool>);

impl Default for Experiments {
    fn default() -> Experiments {
        Experiments(KNOWN.iter().map(|(_, kind)| matches!(kind, Kind::On | Kind::Fixed)).collect())
    }
}

impl Experiments {
    /// `text` is the variable's value; the error is go's.
    pub fn parse(text: &str) -> Result<Experiments, String> {
        let mut on = Experiments::default().0;
        for word in text.split(',').filter(|w| !w.is_empty()) {
            if word == "none" {
                on.fill(false);
                continue;
            }
            let (name, value) = word.strip_prefix("no").map_or((word, true), |name| (name, false));
            match KNOWN.iter().position(|(known, _)| *known == name) {
                Some(i) => on[i] = value,
                // Both of those that are fixed.
                None if name == "regabi" => {}
                None => return Err(format!("unknown GOEXPERIMENT {name}")),
            }
        }
        for (on, (_, kind)) in on.iter_mut().zip(KNOWN) {
            *on |= *kind == Kind::Fixed;
        }
        Ok(Experiments(on))
    }

    /// One that is wanted, and cannot be had.
    pub fn lacking(&self) -> Option<&'static str> {
        let mut known = KNOWN.iter().zip(&self.0);
        known.find(|((_, kind), on)| **on && *kind == Kind::Lacking).map(|((name, _), _)| *name)
    }

    pub fn is_on(&self, name: &str) -> bool {
        KNOWN.iter().zip(&self.0).any(|((known, _), on)| *on && *known == name)
    }

    /// What differs from the defaults, as go writes it; empty: nothing.
    pub fn changes(&self) -> String {
        let defaults = Experiments::default();
        let changed = KNOWN.iter().zip(self.0.iter().zip(&defaults.0)).filter(|(_, (on, was))| on != was);
        let words =
            changed.map(|((name, _), (on, _))| if *on { (*name).into() } else { format!("no{name}") });
        words.collect::<Vec<String>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_turn_experiments_on_and_off() {
        let of = |text: &str| Experiments::parse(text).map(|e| e.changes());
        assert_eq!(of("").as_deref(), Ok(""));
        assert_eq!(of("newinliner,nogreenteagc,nojsonv2,jsonv2").as_deref(), Ok("newinliner,nogreenteagc"));
        assert_eq!(
            of("none,dwarf5,jsonv2,greenteagc,randomizedheapbase64,sizespecializedmalloc").as_deref(),
            Ok("")
        );
        assert_eq!(of("noregabi,noregabiargs").as_deref(), Ok(""));
        assert_eq!(of("x"), Err("unknown GOEXPERIMENT x".into()));
        assert_eq!(of("nox"), Err("unknown GOEXPERIMENT x".into()));
        assert_eq!(Experiments::parse("arenas").unwrap().lacking(), Some("arenas"));
        assert_eq!(Experiments::default().lacking(), None);
    }
}
