//! The programs of `bench/`, built with Goxide and with Go, run in turn; ratios in one table.

use crate::tools::{self, Result, capture, option};
use regex::Regex;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(120);

struct Row {
    name: String,
    ours: f64,
    theirs: f64,
}

pub fn main(args: &[String]) -> Result<()> {
    let runs: usize = option(args, "--runs").map_or(Ok(5), str::parse).map_err(|e| format!("--runs: {e}"))?;
    let only = option(args, "--only").map(Regex::new).transpose().map_err(|e| e.to_string())?;
    let (goxide, go) = (tools::goxide()?, tools::real_go()?);
    let dir = tools::root().join("bench");
    let mut programs: Vec<PathBuf> = std::fs::read_dir(&dir)
        .map_err(|e| format!("{}: {e}", dir.display()))?
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "go"))
        .collect();
    programs.sort();
    let scratch = tempfile::tempdir().map_err(|e| e.to_string())?;
    let mut rows = Vec::new();
    for program in programs {
        let name = program.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        if only.as_ref().is_some_and(|re| !re.is_match(&name)) {
            continue;
        }
        let row = measure(&name, &program, &goxide, &go, scratch.path(), runs)?;
        println!("{:16} {:9.3} s {:9.3} s {:7.2}", row.name, row.ours, row.theirs, row.ours / row.theirs);
        rows.push(row);
    }
    if rows.is_empty() {
        return Err("no such program".into());
    }
    let geomean = (rows.iter().map(|r| (r.ours / r.theirs).ln()).sum::<f64>() / rows.len() as f64).exp();
    println!("geomean {geomean:.2} over {} programs", rows.len());
    if args.iter().any(|a| a == "--bless") {
        write_table(&rows, geomean, runs)?;
    }
    Ok(())
}

fn measure(name: &str, source: &Path, goxide: &Path, go: &Path, scratch: &Path, runs: usize) -> Result<Row> {
    let build = |compiler: &Path, side: &str| {
        let exe = scratch.join(format!("{name}.{side}"));
        let mut command = Command::new(compiler);
        command.arg("build").arg("-o").arg(&exe).arg(source).env("GOTOOLCHAIN", "local").env("GOFLAGS", "");
        let ended = capture(&mut command, LIMIT)?;
        if ended.status == Some(0) {
            Ok(exe)
        } else {
            Err(format!("{name}: {side} does not build: {}", ended.output))
        }
    };
    let (ours, theirs) = (build(goxide, "goxide")?, build(go, "go")?);
    let mut best = [f64::INFINITY; 2];
    for round in 0..runs {
        let mut outputs = [String::new(), String::new()];
        // In turn, and each first as often as the other.
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for side in order {
            let start = Instant::now();
            let ended = capture(&mut Command::new([&ours, &theirs][side]), LIMIT)?;
            best[side] = best[side].min(start.elapsed().as_secs_f64());
            if ended.status != Some(0) {
                return Err(format!("{name}: ended with {:?}: {}", ended.status, ended.output));
            }
            outputs[side] = ended.output;
        }
        if outputs[0] != outputs[1] {
            return Err(format!("{name}: the outputs differ:\n{}\n{}", outputs[0], outputs[1]));
        }
    }
    Ok(Row { name: name.into(), ours: best[0], theirs: best[1] })
}

const BEGIN: &str = "<!-- table: written by `cargo xtask bench --bless` -->";
const END: &str = "<!-- end of table -->";

/// Puts the table between the marks in docs/PERFORMANCE.md.
fn write_table(rows: &[Row], geomean: f64, runs: usize) -> Result<()> {
    let path = tools::root().join("docs/PERFORMANCE.md");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let (Some(begin), Some(end)) = (text.find(BEGIN), text.find(END)) else {
        return Err(format!("{}: the table's marks are missing", path.display()));
    };
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|l| l.strip_prefix("model name")).unwrap_or(":unknown");
    let model = model.split_once(':').map_or("unknown", |(_, m)| m.trim());
    let threads = cpu.lines().filter(|l| l.starts_with("processor")).count();
    let mut table = format!(
        "{BEGIN}\nMachine: {model}, {threads} processors. Best of {runs} runs each, in turn; wall time in seconds.\n\n\
         | program | Goxide | Go 1.27.3 | ratio |\n|---|---|---|---|\n"
    );
    for r in rows {
        table.push_str(&format!(
            "| {} | {:.3} | {:.3} | {:.2} |\n",
            r.name,
            r.ours,
            r.theirs,
            r.ours / r.theirs
        ));
    }
    table.push_str(&format!("\nGeomean of the ratios: {geomean:.2}.\n"));
    let text = format!("{}{table}{}", &text[..begin], &text[end..]);
    std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))
}
