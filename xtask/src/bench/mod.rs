//! The programs of `bench/`, built with Goxide and with Go and run in turn, start-up, and the time of
//! builds: ratios in tables. Timings are shown, never asserted; outputs must be the same.

mod measure;
mod table;

use crate::tools::{self, Result, capture, option};
pub use measure::children_cpu_s;
use measure::{Run, Side};
use regex::Regex;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(300);
/// Starts of an empty program.
const STARTS: usize = 300;

/// One line of a table: the best of each side.
pub struct Row {
    pub name: String,
    pub metric: &'static str,
    pub ours: f64,
    pub theirs: f64,
}

impl Row {
    pub fn ratio(&self) -> f64 {
        self.ours / self.theirs
    }
}

/// The rows of one heading.
pub struct Group {
    pub title: &'static str,
    pub rows: Vec<Row>,
}

pub fn main(args: &[String]) -> Result<()> {
    let runs: usize = option(args, "--runs").map_or(Ok(5), str::parse).map_err(|e| format!("--runs: {e}"))?;
    let only = option(args, "--only").map(Regex::new).transpose().map_err(|e| e.to_string())?;
    let wanted = |name: &str| only.as_ref().is_none_or(|re| re.is_match(name));
    let scratch = tempfile::tempdir().map_err(|e| e.to_string())?;
    let go = tools::real_go()?;
    let goroot = tools::goroot(&go)?;
    let bench = Bench {
        ours: Side::new(tools::goxide()?, &goroot, scratch.path().join("ours"))?,
        theirs: Side::new(go, &goroot, scratch.path().join("theirs"))?,
        scratch: scratch.path().into(),
        runs,
    };
    let mut groups = Vec::new();
    for (folder, title) in [("noimport", "Programs without imports"), ("std", "Programs that use std")] {
        let mut rows = Vec::new();
        for program in programs(&tools::root().join("bench").join(folder))? {
            let name = program.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            if wanted(&format!("{folder}/{name}")) {
                rows.extend(bench.program(&name, &program)?);
            }
        }
        groups.push(Group { title, rows });
    }
    if wanted("start-up") {
        groups.push(Group { title: "Start-up", rows: bench.start_up()? });
    }
    if wanted("builds") {
        groups.push(Group { title: "Builds", rows: bench.builds()? });
    }
    groups.retain(|g| !g.rows.is_empty());
    if groups.is_empty() {
        return Err("no such program".into());
    }
    println!("{}", table::text(&groups));
    if args.iter().any(|a| a == "--bless") {
        table::write(&tools::root().join("docs/PERFORMANCE.md"), &groups, runs)?;
    }
    Ok(())
}

fn programs(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut found: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    found.retain(|p| p.extension().is_some_and(|e| e == "go"));
    found.sort();
    Ok(found)
}

struct Bench {
    ours: Side,
    theirs: Side,
    scratch: PathBuf,
    runs: usize,
}

impl Bench {
    /// Wall time, CPU time and peak memory, the best of the runs, which go in turn.
    fn program(&self, name: &str, source: &Path) -> Result<Vec<Row>> {
        let sides = [&self.ours, &self.theirs];
        let exes = [self.scratch.join("a.exe"), self.scratch.join("b.exe")];
        for (side, exe) in sides.iter().zip(&exes) {
            side.build(source, exe).map_err(|e| format!("{name}: {e}"))?;
        }
        let mut best = [Run::worst(), Run::worst()];
        for round in 0..self.runs {
            let mut outputs = [String::new(), String::new()];
            for i in [round % 2, 1 - round % 2] {
                let (run, ended) = measure::run(&mut Command::new(&exes[i]), LIMIT)?;
                if ended.status != Some(0) {
                    return Err(format!("{name}: ended with {:?}: {}", ended.status, ended.output));
                }
                best[i] = best[i].better(&run);
                outputs[i] = ended.output;
            }
            if outputs[0] != outputs[1] {
                return Err(format!("{name}: the outputs differ:\n{}\n{}", outputs[0], outputs[1]));
            }
        }
        let row = |metric, of: fn(&Run) -> f64| Row {
            name: name.into(),
            metric,
            ours: of(&best[0]),
            theirs: of(&best[1]),
        };
        let rows =
            vec![row("wall s", |r| r.wall_s), row("cpu s", |r| r.cpu_s), row("rss MiB", |r| r.rss_mib)];
        println!("{name:16} {:9.3} s {:9.3} s {:7.2}", rows[0].ours, rows[0].theirs, rows[0].ratio());
        Ok(rows)
    }

    /// From the spawn to the end of an empty main.
    fn start_up(&self) -> Result<Vec<Row>> {
        let source = self.scratch.join("empty.go");
        std::fs::write(&source, "package main\n\nfunc main() {}\n").map_err(|e| e.to_string())?;
        let exes = [self.scratch.join("a.exe"), self.scratch.join("b.exe")];
        self.ours.build(&source, &exes[0])?;
        self.theirs.build(&source, &exes[1])?;
        let mut best = [f64::INFINITY; 2];
        for _ in 0..STARTS {
            for i in 0..2 {
                let seconds = measure::run_quiet(&mut Command::new(&exes[i]))?;
                best[i] = best[i].min(seconds * 1e6);
            }
        }
        Ok(vec![Row { name: "empty main".into(), metric: "µs", ours: best[0], theirs: best[1] }])
    }

    /// A program with fmt: built with an empty cache, after its text changed, unchanged; and run unchanged.
    fn builds(&self) -> Result<Vec<Row>> {
        let source = self.scratch.join("hello.go");
        let text = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n";
        let mut rows = Vec::new();
        let mut times = [[f64::INFINITY; 4]; 2];
        for (i, side) in [&self.ours, &self.theirs].into_iter().enumerate() {
            std::fs::write(&source, text).map_err(|e| e.to_string())?;
            let exe = self.scratch.join("hello.exe");
            side.clear_cache()?;
            times[i][0] = side.build(&source, &exe)?;
            for round in 0..self.runs {
                std::fs::write(&source, format!("{text}// {round}\nvar v{round} int\n"))
                    .map_err(|e| e.to_string())?;
                times[i][1] = times[i][1].min(side.build(&source, &exe)?);
                times[i][2] = times[i][2].min(side.build(&source, &exe)?);
                let mut command = side.command();
                let (run, ended) = measure::run(command.arg("run").arg(&source), LIMIT)?;
                if ended.output != "hello\n" {
                    return Err(format!("hello: {}", ended.output));
                }
                times[i][3] = times[i][3].min(run.wall_s);
            }
        }
        for (k, name) in ["build, empty cache", "build after a change", "build, unchanged", "run, unchanged"]
            .into_iter()
            .enumerate()
        {
            rows.push(Row { name: name.into(), metric: "wall s", ours: times[0][k], theirs: times[1][k] });
        }
        let size = |side: &Side| -> Result<f64> {
            let exe = self.scratch.join("hello.exe");
            side.build(&source, &exe)?;
            Ok(std::fs::metadata(&exe).map_err(|e| e.to_string())?.len() as f64 / f64::from(1 << 20))
        };
        let name = "size of the program".into();
        rows.push(Row { name, metric: "MiB", ours: size(&self.ours)?, theirs: size(&self.theirs)? });
        Ok(rows)
    }
}

/// Whether a build went well.
fn built(command: &mut Command) -> Result<()> {
    let ended = capture(command, LIMIT)?;
    if ended.status == Some(0) { Ok(()) } else { Err(format!("does not build: {}", ended.output)) }
}
