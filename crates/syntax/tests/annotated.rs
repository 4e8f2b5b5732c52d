//! The files in `tests/syntax`: each has exactly the errors its comments announce.

mod common;

#[test]
fn own_files_have_the_announced_errors() {
    let files = common::own_files();
    assert!(!files.is_empty());
    let differences: Vec<_> = files.iter().flat_map(|f| common::check_announced(f)).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
