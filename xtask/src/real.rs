//! Real programs out of GOROOT, built by Goxide and by Go: what they write must be the same, byte for byte.
//! CPU times of both sides stand beside.

use crate::bench::children_cpu_s;
use crate::tools::{self, Result, option};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

type Section = fn(&Setup) -> Result<()>;

const SECTIONS: &[(&str, Section)] = &[
    ("gofmt", gofmt),
    ("types", types),
    ("compile", |s| compile(s, &["std", "cmd/compile"])),
    ("ssatest", ssatest),
    ("go", go),
    ("tools", tools_of_objects),
];

/// What the gate has time for.
pub fn gate() -> Result<()> {
    let setup = Setup::new()?;
    compile(&setup, &["fmt", "math/big", "encoding/json"])?;
    ssatest(&setup)
}

pub fn main(args: &[String]) -> Result<()> {
    let only = option(args, "--only");
    let sections: Vec<_> = SECTIONS.iter().filter(|(name, _)| only.is_none_or(|o| o == *name)).collect();
    if sections.is_empty() {
        let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
        return Err(format!("--only is one of {}", names.join(", ")));
    }
    let setup = Setup::new()?;
    let mut failed = Vec::new();
    for (name, section) in sections {
        if let Err(text) = section(&setup) {
            println!("{name}: {text}");
            failed.push(*name);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("not as Go: {}", failed.join(", "))) }
}

struct Setup {
    goxide: PathBuf,
    go: PathBuf,
    goroot: PathBuf,
    /// Holds what is built and written; goes at the end.
    dir: tempfile::TempDir,
}

impl Setup {
    fn new() -> Result<Setup> {
        let go = tools::real_go()?;
        let goroot = tools::goroot(&go)?;
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        Ok(Setup { goxide: tools::goxide()?, go, goroot, dir })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A command that sees this GOROOT, and a build cache that nobody else uses.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("GOROOT", &self.goroot).env("GOTOOLCHAIN", "local").env("GOFLAGS", "");
        command.env("GOCACHE", self.path("gocache")).env("CGO_ENABLED", "0");
        command
    }

    /// Builds `what`, a package or a file, by Goxide or by Go.
    fn build(&self, by: &Path, what: &str, name: &str) -> Result<PathBuf> {
        let exe = self.path(name);
        if !exe.exists() {
            done(self.command(by).args(["build", "-trimpath", "-o"]).arg(&exe).arg(what))?;
        }
        Ok(exe)
    }

    fn tool(&self, name: &str) -> PathBuf {
        self.goroot.join("pkg/tool/linux_amd64").join(name)
    }

    /// Runs one program of Go and one of Goxide with the same arguments, and compares all that they write.
    fn same(&self, what: &str, real: &Path, ours: &Path, args: &[&str]) -> Result<()> {
        let side = |exe: &Path, name: &str| -> Result<(PathBuf, PathBuf, Option<i32>, f64)> {
            let (out, err) = (self.path(&format!("{name}.out")), self.path(&format!("{name}.err")));
            let before = children_cpu_s()?;
            let mut command = self.command(exe);
            command.args(args).current_dir(self.dir.path()).stdout(create(&out)?).stderr(create(&err)?);
            let status = command.status().map_err(|e| format!("{command:?}: {e}"))?;
            Ok((out, err, status.code(), children_cpu_s()? - before))
        };
        let (out, err, status, seconds) = side(real, "go")?;
        let (our_out, our_err, our_status, our_seconds) = side(ours, "goxide")?;
        let bytes = fs::metadata(&out).map_or(0, |m| m.len());
        if status != our_status {
            let said = fs::read_to_string(&our_err).unwrap_or_default();
            return Err(format!("{what}: exit status {our_status:?}, Go's {status:?}: {said}"));
        }
        for (name, ours, real) in [("stdout", &our_out, &out), ("stderr", &our_err, &err)] {
            if let Some(at) = difference(ours, real)? {
                return Err(format!("{what}: {name} differs from Go's at byte {at}"));
            }
        }
        println!("{what:28} {bytes:10} bytes the same, {}", times(seconds, our_seconds));
        Ok(())
    }
}

fn times(go_s: f64, goxide_s: f64) -> String {
    format!("cpu {go_s:.1} s by Go, {goxide_s:.1} s by Goxide, ratio {:.2}", goxide_s / go_s)
}

fn create(path: &Path) -> Result<File> {
    File::create(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// The first byte in which two files differ.
fn difference(a: &Path, b: &Path) -> Result<Option<usize>> {
    let (a, b) = (read(a)?, read(b)?);
    let common = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    Ok((a.len() != b.len() || common < a.len()).then_some(common))
}

/// Runs a command that must succeed; gives its output.
fn done(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => {
            Err(format!("{command:?}: {}\n{}{}", output.status, text(&output.stdout), text(&output.stderr)))
        }
    }
}

/// `cmd/gofmt` over every file of GOROOT, those with errors included.
fn gofmt(s: &Setup) -> Result<()> {
    let ours = s.build(&s.goxide, "cmd/gofmt", "gofmt")?;
    let src = s.goroot.join("src").display().to_string();
    for flag in ["-l", "-d", "-s"] {
        s.same(&format!("gofmt {flag}"), &s.goroot.join("bin/gofmt"), &ours, &[flag, &src])?;
    }
    Ok(())
}

/// go/parser and go/types over every package of std.
fn types(s: &Setup) -> Result<()> {
    let driver = tools::root().join("tests/real/typesstd.go").display().to_string();
    let real = s.build(&s.go, &driver, "types.go")?;
    let ours = s.build(&s.goxide, &driver, "types")?;
    s.same("go/types over std", &real, &ours, &[&s.goroot.display().to_string()])
}

/// `cmd/compile`, `cmd/asm` and `cmd/link`: each command of a build by Go is run by both.
fn compile(s: &Setup, packages: &[&str]) -> Result<()> {
    let tools = s.path("tools");
    fs::create_dir_all(&tools).map_err(|e| e.to_string())?;
    for name in ["compile", "asm", "link"] {
        s.build(&s.goxide, &format!("cmd/{name}"), &format!("tools/{name}"))?;
    }
    let exec = std::env::current_exe().map_err(|e| e.to_string())?;
    let toolexec = format!("{} toolexec {}", exec.display(), tools.display());
    let mut build = s.command(&s.go);
    build.args(["build", "-a", "-trimpath", "-toolexec", &toolexec]);
    // One result is written; several are only built.
    done(build.args(packages).current_dir(s.dir.path()))?;
    let log = fs::read_to_string(tools.join("log")).map_err(|e| e.to_string())?;
    let mut differ = Vec::new();
    for name in ["compile", "asm", "link"] {
        let lines: Vec<Vec<&str>> =
            log.lines().map(|l| l.split('\t').collect()).filter(|w: &Vec<&str>| w[0] == name).collect();
        let sum = |i: usize| lines.iter().filter_map(|w| w[i].parse::<f64>().ok()).sum();
        println!("cmd/{name}: {} runs, {}", lines.len(), times(sum(1), sum(2)));
        differ.extend(lines.iter().filter(|w| !w[3].is_empty()).map(|w| format!("{name} {}", w[3])));
    }
    if differ.is_empty() { Ok(()) } else { Err(differ.join("\n")) }
}

/// What Go runs in place of one of its tools: that tool, and ours with the same arguments but for the
/// names of what is written, into a folder of its own. A line of the log has the tool's name, both CPU
/// times, and what was not the same.
pub fn toolexec(args: &[String]) -> Result<()> {
    let [tools, tool, args @ ..] = args else { return Err("toolexec DIR TOOL ARGUMENTS".into()) };
    let (tools, name) = (Path::new(tools), tool.rsplit('/').next().unwrap_or_default());
    let before = children_cpu_s()?;
    let status = Command::new(tool).args(args).status().map_err(|e| format!("{tool}: {e}"))?;
    if !status.success() {
        std::process::exit(status.code().unwrap_or(1));
    }
    let ours = tools.join(name);
    if !ours.exists() || args.first().is_some_and(|a| a == "-V=full") {
        return Ok(());
    }
    let between = children_cpu_s()?;
    let out = tempfile::tempdir_in(tools).map_err(|e| e.to_string())?;
    let mut our_args = args.to_vec();
    let mut written = Vec::new();
    for i in (1..args.len()).filter(|&i| ["-o", "-asmhdr"].contains(&args[i - 1].as_str())) {
        let path = out.path().join(i.to_string());
        our_args[i] = path.display().to_string();
        written.push((path, Path::new(&args[i])));
    }
    let mut wrong = String::new();
    if let Err(text) = done(Command::new(&ours).args(&our_args)) {
        wrong = text.replace(['\n', '\t'], " ");
    } else {
        for (ours, real) in written {
            if let Some(at) = difference(&ours, real)? {
                wrong = format!("{} differs at byte {at}: {}", real.display(), args.join(" "));
            }
        }
    }
    let after = children_cpu_s()?;
    let line = format!("{name}\t{}\t{}\t{wrong}\n", between - before, after - between);
    let mut log =
        File::options().create(true).append(true).open(tools.join("log")).map_err(|e| e.to_string())?;
    log.write_all(line.as_bytes()).map_err(|e| e.to_string())
}

/// The run tests of Go's compiler, and the program that one of its tests generates.
fn ssatest(s: &Setup) -> Result<()> {
    let dir = s.goroot.join("src/cmd/compile/internal/test/testdata");
    let mut files: Vec<PathBuf> = fs::read_dir(&dir)
        .map_err(|e| format!("{}: {e}", dir.display()))?
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.to_string_lossy().ends_with("_test.go"))
        .collect();
    files.sort();
    let output = done(s.command(&s.goxide).args(["test", "-v", "-count=1"]).args(&files))?;
    let passed = output.lines().filter(|l| l.starts_with("--- PASS")).count();
    let text = done(s.command(&s.goxide).arg("run").arg(dir.join("flowgraph_generator1.go")))?;
    let generated = s.path("flowgraph.go");
    fs::write(&generated, text).map_err(|e| e.to_string())?;
    let said = done(s.command(&s.goxide).arg("run").arg(&generated))?;
    if !said.is_empty() {
        return Err(format!("the generated flow graphs say {said}"));
    }
    println!("cmd/compile/internal/test/testdata: {passed} tests pass");
    Ok(())
}

const HELLO: &str =
    "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Printf(\"hello %d\\n\", \"world\") }\n";

/// `cmd/go` with `cmd/vet`: listing, documentation, a build from nothing, complaints.
fn go(s: &Setup) -> Result<()> {
    let ours = s.build(&s.goxide, "cmd/go", "go")?;
    let vet = s.build(&s.goxide, "cmd/vet", "vet")?;
    s.same("go list", &s.go, &ours, &["list", "-deps", "-json=ImportPath,Imports,GoFiles,Deps", "std"])?;
    s.same("go doc", &s.go, &ours, &["doc", "-all", "net/http"])?;
    s.same("go help", &s.go, &ours, &["help", "build"])?;
    let hello = s.path("hello");
    fs::create_dir_all(&hello).map_err(|e| e.to_string())?;
    for (name, text) in [("go.mod", "module hello\n\ngo 1.27\n"), ("main.go", HELLO)] {
        fs::write(hello.join(name), text).map_err(|e| e.to_string())?;
    }
    let build = |go: &Path, name: &str| -> Result<PathBuf> {
        let exe = s.path(name);
        let mut command = s.command(go);
        command.env("GOCACHE", s.path(&format!("{name}.cache"))).current_dir(&hello);
        done(command.args(["build", "-trimpath", "-o"]).arg(&exe))?;
        Ok(exe)
    };
    let before = children_cpu_s()?;
    let real = build(&s.go, "hello.go")?;
    let between = children_cpu_s()?;
    let same = difference(&build(&ours, "hello.goxide")?, &real)?;
    println!("go build: {}", times(between - before, children_cpu_s()? - between));
    if let Some(at) = same {
        return Err(format!("what cmd/go builds differs at byte {at}"));
    }
    let vettool = |path: &Path| format!("-vettool={}", path.display());
    let complain = |go: &Path, vet: &Path| {
        let mut command = s.command(go);
        let output = command.args(["vet", &vettool(vet), "."]).current_dir(&hello).output();
        output.map(|o| String::from_utf8_lossy(&o.stderr).into_owned()).map_err(|e| e.to_string())
    };
    let (said, wanted) = (complain(&ours, &vet)?, complain(&s.go, &s.tool("vet"))?);
    if said != wanted || !said.contains("wrong type string") {
        return Err(format!("go vet says {said}, Go's {wanted}"));
    }
    Ok(())
}

/// `cmd/objdump` and `cmd/nm` of a program.
fn tools_of_objects(s: &Setup) -> Result<()> {
    let program = s.build(&s.go, "cmd/nm", "nm.go")?.display().to_string();
    for (name, args) in [("objdump", vec![program.as_str()]), ("nm", vec!["-size", "-type", &program])] {
        let real = s.build(&s.go, &format!("cmd/{name}"), &format!("{name}.go"))?;
        let ours = s.build(&s.goxide, &format!("cmd/{name}"), name)?;
        s.same(name, &real, &ours, &args)?;
    }
    Ok(())
}
