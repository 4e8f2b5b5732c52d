package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	dir, err := os.MkdirTemp("", "x")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	f := filepath.Join(dir, "a.txt")
	if err := os.WriteFile(f, []byte("one\ntwo\nthree\n"), 0o644); err != nil {
		panic(err)
	}
	r, _ := os.Open(f)
	s := bufio.NewScanner(r)
	for s.Scan() {
		fmt.Println(s.Text())
	}
	r.Close()
	_, err = os.Open(filepath.Join(dir, "none"))
	fmt.Println(os.IsNotExist(err))
	ents, _ := os.ReadDir(dir)
	fmt.Println(len(ents), ents[0].Name())
	out, err := exec.Command("echo", "hello", "exec").Output()
	fmt.Printf("%q %v\n", out, err)
	cmd := exec.Command("tr", "a-z", "A-Z")
	cmd.Stdin = strings.NewReader("shout")
	b, err := cmd.CombinedOutput()
	fmt.Printf("%q %v\n", b, err)
	err = exec.Command("sh", "-c", "exit 7").Run()
	fmt.Println(err)
	err = exec.Command("sh", "-c", "kill -9 $$").Run()
	fmt.Println(err)
	_, err = exec.LookPath("no-such-program")
	fmt.Println(err)
	pr, pw, _ := os.Pipe()
	go func() { fmt.Fprint(pw, "through a pipe"); pw.Close() }()
	d, _ := io.ReadAll(pr)
	fmt.Println(string(d))
	for i := 0; i < 20; i++ {
		if err := exec.Command("true").Run(); err != nil {
			fmt.Println(err)
		}
	}
}
