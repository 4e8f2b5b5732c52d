//! Diagnostics as the go command prints them.

use goxide_source::{COLUMN_SHOWN_MAX, Diagnostic, FileSet, Position, drop_repeated, sort_and_dedup};
use std::path::Path;

/// gc gives up with so many errors, the last of them told, unless told `-e`.
const ERRORS_MAX: usize = 10;

fn shown(position: &mut Position, cwd: &Path) {
    if position.column >= COLUMN_SHOWN_MAX {
        position.column = 0;
    }
    position.file = goxide_load::shorten(&position.file, cwd).into();
}

/// Places inside a text, such as "already declared at FILE:2:6", are shown short too.
fn short_places(text: &str, cwd: &Path) -> String {
    match cwd.to_str() {
        Some(dir) if dir.len() > 1 => text.replace(&format!(" {dir}/"), " ./"),
        _ => text.into(),
    }
}

/// One entry a line of output. `diagnostics` stand in the order in which they were reported: that
/// decides which ones are the first ten; those are then sorted by place.
pub fn lines(mut diagnostics: Vec<Diagnostic>, files: &FileSet, cwd: &Path, all: bool) -> Vec<String> {
    drop_repeated(&mut diagnostics, files);
    let too_many = !all && diagnostics.len() >= ERRORS_MAX;
    if too_many {
        diagnostics.truncate(ERRORS_MAX);
    }
    let last = diagnostics.last().map(|d| d.pos);
    sort_and_dedup(&mut diagnostics, files);
    let place = |pos| {
        files.position(pos).map(|mut p| {
            shown(&mut p, cwd);
            format!("{p}: ")
        })
    };
    let mut lines = Vec::new();
    for d in &diagnostics {
        let mut text = format!("{}{}", place(d.pos).unwrap_or_default(), short_places(&d.text, cwd));
        for note in &d.notes {
            let place = place(note.pos).unwrap_or_default();
            text.push_str(&format!("\n\t{place}{}", short_places(&note.text, cwd)));
        }
        lines.push(text);
    }
    if too_many {
        let at = last.and_then(place).unwrap_or_default();
        lines.push(format!("{at}too many errors"));
    }
    lines
}
