# System calls on the goroutine's stack, for package syscall's raw ones: no P is given away, and a forked child
# may make them. Results: rax, and errno in rcx.

# rawsyscall6(address of the number and six arguments: rdi)
.globl runtime.rawsyscall6
.type runtime.rawsyscall6, @function
.p2align 4
runtime.rawsyscall6:
    mov rax, [rdi]
    mov rsi, [rdi + 16]
    mov rdx, [rdi + 24]
    mov r10, [rdi + 32]
    mov r8, [rdi + 40]
    mov r9, [rdi + 48]
    mov rdi, [rdi + 8]
    syscall
raw_result:
    cmp rax, -4095
    jae 1f
    xor ecx, ecx
    ret
1:
    mov rcx, rax
    neg rcx
    mov rax, -1
    ret

# rawsyscall3(number: rdi, arguments: rsi, rdx, rcx)
.globl runtime.rawsyscall3
.type runtime.rawsyscall3, @function
.p2align 4
runtime.rawsyscall3:
    mov rax, rdi
    mov rdi, rsi
    mov rsi, rdx
    mov rdx, rcx
    xor r10d, r10d
    xor r8d, r8d
    xor r9d, r9d
    syscall
    jmp raw_result

# rawvforksyscall(number: rdi, arguments: rsi, rdx, rcx): a clone that may share this memory. The child runs
# first, on this very stack: the return address is kept in a register, since it writes over its place, and
# the segment, since it may end (by exec) in a newer one.
.globl runtime.rawvforksyscall
.type runtime.rawvforksyscall, @function
.p2align 4
runtime.rawvforksyscall:
    mov rax, rdi
    mov rdi, rsi
    mov rsi, rdx
    mov rdx, rcx
    pop r9
    mov r10, [r15 + {G_SEG}]
    xor r8d, r8d
    syscall
    push r9
    mov [r15 + {G_SEG}], r10
    mov r11, [r10 + {SEG_GUARD}]
    mov [r15 + {G_STACKGUARD}], r11
    jmp raw_result
