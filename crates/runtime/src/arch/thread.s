# Threads and signals.

# thread_clone(flags: rdi, stack top: rsi, tls: rdx, fn: rcx, arg: r8, child tid: r9) -> tid or -errno.
# The new thread calls fn(arg), which must not return.
.globl thread_clone
thread_clone:
    mov r11, rcx
    mov [rsi - 8], r8
    mov [rsi - 16], r11
    sub rsi, 16
    mov r10, r9
    mov r8, rdx
    xor edx, edx
    mov eax, 56
    syscall
    test rax, rax
    jz 1f
    ret
1:
    xor ebp, ebp
    pop rax
    pop rdi
    and rsp, -16
    call rax
    ud2

# thread_exit(address: rdi, bytes: rsi): unmaps the stack it runs on, and ends the thread.
.globl thread_exit
thread_exit:
    mov eax, 11
    syscall
    xor edi, edi
    mov eax, 60
    syscall
    ud2

# SA_RESTORER.
.globl signal_return
signal_return:
    mov eax, 15
    syscall
    ud2

# rsp of the caller's frame, for conservative scans of this stack; callee-saved registers are pushed, so
# that they are in it: with_stack_pointer(f: rdi, arg: rsi) calls f(arg, rsp).
.globl with_stack_pointer
with_stack_pointer:
    push rbp
    mov rbp, rsp
    push rbx
    push r12
    push r13
    push r14
    push r15
    sub rsp, 8
    mov rax, rdi
    mov rdi, rsi
    mov rsi, rsp
    call rax
    add rsp, 8
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbx
    pop rbp
    ret
