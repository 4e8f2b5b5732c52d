package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	prGetKeepcaps = 7
	prSetKeepcaps = 8
)

func keeps() uintptr {
	r, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prGetKeepcaps, 0, 0)
	if errno != 0 {
		panic(errno)
	}
	return r
}

// A system call on all threads: those that run, sleep, are in the kernel, or are made meanwhile.
func main() {
	const threads = 5
	var wg sync.WaitGroup
	ask, told := make(chan bool), make(chan uintptr)
	for range threads {
		wg.Add(1)
		go func() {
			defer wg.Done()
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for range ask {
				told <- keeps()
			}
		}()
	}
	stop := make(chan bool)
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				// Ends with its thread.
				done := make(chan bool)
				go func() {
					runtime.LockOSThread()
					close(done)
				}()
				<-done
				time.Sleep(time.Microsecond)
				if err := exec.Command("true").Run(); err != nil {
					panic(err)
				}
			}
		}()
	}
	for i := range 100 {
		want := uintptr(i % 2)
		_, _, errno := syscall.AllThreadsSyscall(syscall.SYS_PRCTL, prSetKeepcaps, want, 0)
		if errno != 0 {
			panic(errno)
		}
		for range threads {
			ask <- true
		}
		for range threads {
			if got := <-told; got != want {
				fmt.Println("round", i, "a thread has", got)
			}
		}
	}
	close(stop)
	close(ask)
	wg.Wait()
	_, _, errno := syscall.AllThreadsSyscall(syscall.SYS_PRCTL, prSetKeepcaps, 7, 0)
	fmt.Println("of a bad call:", errno)
	fmt.Println("group:", syscall.Setegid(syscall.Getegid()))
}
