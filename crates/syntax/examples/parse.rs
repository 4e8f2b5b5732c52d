//! Parses Go files, prints the errors as gc does, and says how fast it went: `parse FILE...`

use goxide_source::{FileSet, sort_and_dedup};
use goxide_syntax::{Options, ast::NodeIds, parse_file};
use std::time::Instant;

fn main() -> std::io::Result<()> {
    let files = FileSet::new();
    let sources = std::env::args()
        .skip(1)
        .map(|name| Ok(files.add(&name, std::fs::read(&name)?)))
        .collect::<std::io::Result<Vec<_>>>()?;
    let lines: usize = sources.iter().map(|s| s.text.iter().filter(|&&b| b == b'\n').count()).sum();
    let bytes: usize = sources.iter().map(|s| s.text.len()).sum();

    let start = Instant::now();
    let parsed: Vec<_> =
        sources.iter().map(|s| parse_file(s, &mut NodeIds::default(), &Options::default())).collect();
    let seconds = start.elapsed().as_secs_f64();

    for mut parsed in parsed {
        sort_and_dedup(&mut parsed.errors, &files);
        for error in &parsed.errors {
            println!("{}", error.render(&files));
        }
    }
    let (rate, mb) = (lines as f64 / seconds, bytes as f64 / 1e6 / seconds);
    eprintln!("{lines} lines in {seconds:.3} s: {rate:.0} lines/s, {mb:.0} MB/s");
    Ok(())
}
