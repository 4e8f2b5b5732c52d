//! Two tables of tab-separated fields, sorted by path. `go1.27.tsv`: path, and what real Go does (lines
//! joined by `\n`). `status.tsv`: path, action, `pass` or `fail`, reason; it may only get better.

use super::recipe::Recipe;
use crate::tools::Result;
use std::collections::BTreeMap;
use std::path::Path;

fn rows(path: &Path, fields: usize) -> Result<Vec<Vec<String>>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(format!("{}: {e}", path.display())),
    };
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.starts_with('#')) {
        let row: Vec<String> = line.split('\t').map(String::from).collect();
        if row.len() != fields {
            return Err(format!("{}:{}: not {fields} fields", path.display(), number + 1));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// One line without tabs for several.
fn joined(lines: &[String]) -> String {
    lines.join("\n").replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r")
}

/// What real Go 1.27.3 does with each file.
#[derive(Default)]
pub struct Learned(pub BTreeMap<String, String>);

impl Learned {
    pub fn read(path: &Path) -> Result<Learned> {
        let pairs = rows(path, 2)?.into_iter().map(|row| (row[0].clone(), row[1].clone()));
        Ok(Learned(pairs.collect()))
    }

    pub fn note(&mut self, path: &str, seen: &[String]) {
        self.0.insert(path.into(), joined(seen));
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        let mut text = String::from("# path\twhat Go 1.27.3 does; written by `cargo xtask goroot --learn`\n");
        for (path, seen) in &self.0 {
            text.push_str(&format!("{path}\t{seen}\n"));
        }
        std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
    }

    /// The first thing that was seen otherwise, if any.
    pub fn difference(&self, path: &str, seen: &[String]) -> Option<String> {
        let (wanted, found) = (self.0.get(path)?, joined(seen));
        if *wanted == found {
            return None;
        }
        let (wanted, found): (Vec<&str>, Vec<&str>) =
            (wanted.split("\\n").collect(), found.split("\\n").collect());
        let missing = wanted.iter().find(|l| !found.contains(l));
        let extra = found.iter().find(|l| !wanted.contains(l));
        Some(match (missing, extra) {
            (Some(m), Some(e)) => format!("Go: {m} | here: {e}"),
            (Some(m), None) => format!("Go: {m}"),
            (None, Some(e)) => format!("here: {e}"),
            (None, None) => "in another order".into(),
        })
    }
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub path: String,
    pub action: String,
    pub passes: bool,
    reason: String,
}

#[derive(Default)]
pub struct Status(BTreeMap<String, Entry>);

impl Status {
    pub fn read(path: &Path) -> Result<Status> {
        let mut status = Status::default();
        for row in rows(path, 4)? {
            let [path, action, verdict, reason] = <[String; 4]>::try_from(row).expect("four were asked for");
            let entry = Entry { path: path.clone(), action, passes: verdict == "pass", reason };
            status.0.insert(path, entry);
        }
        Ok(status)
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        let mut text =
            String::from("# path\taction\tverdict\treason; written by `cargo xtask goroot --bless`\n");
        for e in self.0.values() {
            let verdict = if e.passes { "pass" } else { "fail" };
            text.push_str(&format!("{}\t{}\t{verdict}\t{}\n", e.path, e.action, e.reason));
        }
        std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.values()
    }

    /// A file that the status does not know yet.
    pub fn add(&mut self, recipe: &Recipe) {
        let entry = || Entry {
            path: recipe.path.clone(),
            action: recipe.action.name(),
            passes: false,
            reason: "new".into(),
        };
        self.0.entry(recipe.path.clone()).or_insert_with(entry);
    }

    /// What passed before is a fault to be mended, not to be written down.
    pub fn record(&mut self, path: &str, fault: Option<&str>) {
        let Some(known) = self.0.get_mut(path) else { return };
        match fault {
            None => {
                known.passes = true;
                known.reason.clear();
            }
            Some(_) if known.passes => {}
            Some(text) => {
                let first = text.lines().find(|l| !l.trim().is_empty() && !l.starts_with('#')).unwrap_or("");
                known.reason = first.replace('\t', " ").chars().take(160).collect();
            }
        }
    }
}
