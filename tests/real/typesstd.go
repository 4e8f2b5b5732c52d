// Typesstd type-checks every package of a GOROOT from source, and says of each what the type checker found:
// how many objects and types, the errors, and a hash over every definition, use and type as text.
package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

type loader struct {
	context build.Context
	files   *token.FileSet
	out     *bufio.Writer
	done    map[string]*types.Package
}

func main() {
	l := &loader{context: build.Default, files: token.NewFileSet(), done: map[string]*types.Package{"unsafe": types.Unsafe}}
	l.context.GOROOT, l.context.CgoEnabled = os.Args[1], false
	l.out = bufio.NewWriter(os.Stdout)
	defer l.out.Flush()
	src := filepath.Join(l.context.GOROOT, "src")
	err := filepath.WalkDir(src, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		name := d.Name()
		if name == "testdata" || name == "vendor" || path == filepath.Join(src, "cmd") || strings.HasPrefix(name, "_") {
			return fs.SkipDir
		}
		if _, err := l.context.ImportDir(path, 0); err == nil && path != src {
			l.load(filepath.ToSlash(path[len(src)+1:]))
		}
		return nil
	})
	if err != nil {
		fmt.Fprintln(l.out, err)
	}
}

func (l *loader) load(path string) *types.Package {
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
		path = "vendor/" + path
	}
	if done, ok := l.done[path]; ok {
		return done
	}
	dir := filepath.Join(l.context.GOROOT, "src", path)
	found, err := l.context.ImportDir(dir, 0)
	if err != nil {
		fmt.Fprintln(l.out, path, err)
		return nil
	}
	var trees []*ast.File
	for _, name := range found.GoFiles {
		tree, err := parser.ParseFile(l.files, filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			fmt.Fprintln(l.out, err)
		}
		trees = append(trees, tree)
	}
	info := &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Instances:  map[*ast.Ident]types.Instance{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes:     map[ast.Node]*types.Scope{},
	}
	errors := 0
	config := types.Config{
		Importer: l,
		Sizes:    types.SizesFor("gc", "amd64"),
		Error: func(err error) {
			errors++
			fmt.Fprintln(l.out, err)
		},
	}
	pkg, _ := config.Check(path, l.files, trees, info)
	l.done[path] = pkg
	fmt.Fprintf(l.out, "%s: %d files, %d objects, %d types, %d scopes, %d errors, %x\n", path, len(trees),
		len(info.Defs)+len(info.Uses), len(info.Types), len(info.Scopes), errors, l.hash(info))
	return pkg
}

// Import makes a types.Importer of the loader.
func (l *loader) Import(path string) (*types.Package, error) {
	if pkg := l.load(path); pkg != nil {
		return pkg, nil
	}
	return nil, fmt.Errorf("no package %s", path)
}

// hash puts what has no order of its own into that of the source.
func (l *loader) hash(info *types.Info) []byte {
	var lines []string
	add := func(n ast.Node, format string, args ...any) {
		lines = append(lines, fmt.Sprintf("%08d-%08d ", n.Pos(), n.End())+fmt.Sprintf(format, args...))
	}
	for e, t := range info.Types {
		add(e, "%T %s %v", e, t.Type, t.Value)
	}
	for id, t := range info.Instances {
		add(id, "instance %s", t.Type)
	}
	for id, o := range info.Defs {
		add(id, "def %v", o)
	}
	for id, o := range info.Uses {
		add(id, "use %v", o)
	}
	for e, s := range info.Selections {
		add(e, "selection %v %v", s, s.Index())
	}
	for n, s := range info.Scopes {
		add(n, "scope %v", s.Names())
	}
	slices.Sort(lines)
	h := sha256.New()
	for _, line := range lines {
		fmt.Fprintln(h, line)
	}
	return h.Sum(nil)
}
