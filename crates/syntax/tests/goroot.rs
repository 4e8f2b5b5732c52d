//! Go's own files, where a GOROOT is at hand.

mod common;

use goxide_syntax::Options;
use std::time::Instant;

#[test]
fn syntax_testdata_has_the_announced_errors() {
    let Some(root) = common::goroot() else {
        return println!("skipped: no GOROOT");
    };
    let files = common::go_files(&root.join("src/cmd/compile/internal/syntax/testdata"));
    let differences: Vec<_> = files.iter().flat_map(|f| common::check_announced(f)).collect();
    println!("{} files", files.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn std_parses_without_error() {
    let Some(root) = common::goroot() else {
        return println!("skipped: no GOROOT");
    };
    let is_testdata = |p: &std::path::Path| p.components().any(|c| c.as_os_str() == "testdata");
    let files = common::go_files(&root.join("src"));
    let files: Vec<_> = files.into_iter().filter(|f| !is_testdata(f)).collect();
    let options = Options { std: true, runtime: true };
    let mut errors = Vec::new();
    let (mut lines, mut seconds) = (0, 0.0);
    for path in &files {
        let text = std::fs::read(path).expect("a file of std can be read");
        lines += text.iter().filter(|&&b| b == b'\n').count();
        let start = Instant::now();
        let (files, _, parsed) = common::parse(&path.display().to_string(), &text, &options);
        seconds += start.elapsed().as_secs_f64();
        errors.extend(parsed.errors.iter().map(|e| e.render(&files)));
    }
    println!("{} files, {lines} lines, {:.0} lines/s", files.len(), lines as f64 / seconds);
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}
