//! The status file: path, action, `pass`, `fail` or `skip`, reason; tab-separated, sorted by path.

use super::judge::Verdict;
use super::recipe::Recipe;
use crate::tools::Result;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Clone, Debug)]
pub struct Entry {
    pub path: String,
    pub action: String,
    verdict: String,
    reason: String,
}

impl Entry {
    pub fn passes(&self) -> bool {
        self.verdict == "pass"
    }

    /// Left out for a reason that has nothing to do with how good we are.
    pub fn is_skipped(&self) -> bool {
        self.verdict == "skip"
    }
}

#[derive(Default)]
pub struct Status {
    entries: BTreeMap<String, Entry>,
}

impl Status {
    pub fn read(path: &Path) -> Result<Status> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(format!("{}: {e}", path.display())),
        };
        let mut status = Status::default();
        for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.starts_with('#')) {
            let [path, action, verdict, reason] = line.split('\t').collect::<Vec<_>>()[..] else {
                return Err(format!("status.tsv:{}: not four fields", number + 1));
            };
            let entry = Entry {
                path: path.into(),
                action: action.into(),
                verdict: verdict.into(),
                reason: reason.into(),
            };
            status.entries.insert(path.into(), entry);
        }
        Ok(status)
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        let mut text =
            String::from("# path\taction\tverdict\treason; written by `cargo xtask goroot --bless`\n");
        for e in self.entries.values() {
            text.push_str(&format!("{}\t{}\t{}\t{}\n", e.path, e.action, e.verdict, e.reason));
        }
        std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// A file that the status does not know yet.
    pub fn add(&mut self, recipe: &Recipe) {
        let entry = || Entry {
            path: recipe.path.clone(),
            action: recipe.action.clone(),
            verdict: "fail".into(),
            reason: "new".into(),
        };
        self.entries.entry(recipe.path.clone()).or_insert_with(entry);
    }

    pub fn record(&mut self, entry: &Entry, verdict: &Verdict) {
        let Some(known) = self.entries.get_mut(&entry.path) else { return };
        match verdict {
            Verdict::Pass => {
                known.verdict = "pass".into();
                known.reason.clear();
            }
            // What passed before is a fault to be mended, not to be written down.
            Verdict::Fail(_) if known.passes() => {}
            Verdict::Fail(text) => {
                let first = text.lines().find(|l| !l.trim().is_empty() && !l.starts_with('#')).unwrap_or("");
                known.reason = first.replace('\t', " ").chars().take(160).collect();
            }
        }
    }
}
