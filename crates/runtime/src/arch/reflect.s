# Calls whose signature is known only at run time (reflect), and other ways between std and the runtime that
# are neither Go nor Rust. In the convention of Go code (goxide_abi).

# reflectcall(regs *callRegs): calls regs.fn with the registers that stand there, and returns what it returns.
# callRegs: code, context, six integers, eight floats.
.globl runtime.reflectcall
.type runtime.reflectcall, @function
.p2align 4
runtime.reflectcall:
    push rbp
    mov rbp, rsp
    push rdi
    sub rsp, 8
    mov r11, rdi
    movsd xmm0, [r11 + 64]
    movsd xmm1, [r11 + 72]
    movsd xmm2, [r11 + 80]
    movsd xmm3, [r11 + 88]
    movsd xmm4, [r11 + 96]
    movsd xmm5, [r11 + 104]
    movsd xmm6, [r11 + 112]
    movsd xmm7, [r11 + 120]
    mov rdi, [r11 + 16]
    mov rsi, [r11 + 24]
    mov rdx, [r11 + 32]
    mov rcx, [r11 + 40]
    mov r8, [r11 + 48]
    mov r9, [r11 + 56]
    call [r11]
    mov rsp, rbp
    pop rbp
    ret

# Code of function values that reflect makes. Their second word is the code of a Go function
# func(closure, *stubFrame) that does the work: stubFrame is six integers and eight floats of the arguments,
# then eight integers and eight floats for the results. One stub for each register that the closure can be in.
.set STUB_BYTES, 240
.macro STUB index, ctx
.globl "reflect.makeFuncStub\index"
.type "reflect.makeFuncStub\index", @function
.p2align 4
1:
    mov r11d, STUB_BYTES + 16
    call runtime.morestack
    # The body has to begin MORESTACK_RETURN_TO_BODY bytes from here.
2:
    ret
"reflect.makeFuncStub\index":
    lea r11, [rsp - STUB_BYTES]
    cmp r11, [r15 + {G_STACKGUARD}]
    # jb 1b, in two bytes
    .byte 0x72, 0xe7
    # An error if it is further.
    .org 2b + {MORESTACK_RETURN_TO_BODY}
    mov r10, \ctx
    jmp make_func
.endm

STUB 0, rdi
STUB 1, rsi
STUB 2, rdx
STUB 3, rcx
STUB 4, r8
STUB 5, r9

.p2align 4
make_func:
    push rbp
    mov rbp, rsp
    sub rsp, STUB_BYTES
    mov [rsp], rdi
    mov [rsp + 8], rsi
    mov [rsp + 16], rdx
    mov [rsp + 24], rcx
    mov [rsp + 32], r8
    mov [rsp + 40], r9
    movsd [rsp + 48], xmm0
    movsd [rsp + 56], xmm1
    movsd [rsp + 64], xmm2
    movsd [rsp + 72], xmm3
    movsd [rsp + 80], xmm4
    movsd [rsp + 88], xmm5
    movsd [rsp + 96], xmm6
    movsd [rsp + 104], xmm7
    mov rdi, r10
    mov rsi, rsp
    call [r10 + 8]
    mov rax, [rsp + 112]
    mov rcx, [rsp + 120]
    mov rdx, [rsp + 128]
    mov rsi, [rsp + 136]
    mov rdi, [rsp + 144]
    mov r8, [rsp + 152]
    mov r9, [rsp + 160]
    mov r10, [rsp + 168]
    movsd xmm0, [rsp + 176]
    movsd xmm1, [rsp + 184]
    movsd xmm2, [rsp + 192]
    movsd xmm3, [rsp + 200]
    movsd xmm4, [rsp + 208]
    movsd xmm5, [rsp + 216]
    movsd xmm6, [rsp + 224]
    movsd xmm7, [rsp + 232]
    mov rsp, rbp
    pop rbp
    ret

# maphasher(p: rdi, seed: rsi, closure: rdx): the Hasher of a map type; the closure's second word is the
# key's type.
.globl runtime.maphasher
.type runtime.maphasher, @function
.p2align 4
runtime.maphasher:
    mov rcx, rdi
    mov rdi, [rdx + 8]
    mov rdx, rsi
    mov rsi, rcx
    jmp runtime.typehashed

# runtime_procPin() int: the number of this P, on which the goroutine stays until it unpins.
.macro PIN name
.globl "\name"
.type "\name", @function
"\name":
.endm
.p2align 4
PIN sync.runtime_procPin
PIN sync/atomic.runtime_procPin
PIN runtime.procPin
    inc dword ptr [r15 + {G_PINNED}]
    mov rax, [r15 + {G_M}]
    mov rax, [rax + {M_P}]
    mov eax, [rax + {P_ID}]
    ret
PIN sync.runtime_procUnpin
PIN sync/atomic.runtime_procUnpin
PIN runtime.procUnpin
    dec dword ptr [r15 + {G_PINNED}]
    jnz 1f
    cmp byte ptr [r15 + {G_PREEMPT_LATER}], 0
    je 1f
    # Asked to yield meanwhile.
    mov byte ptr [r15 + {G_PREEMPT_LATER}], 0
    mov byte ptr [r15 + {G_PREEMPT}], 1
    mov qword ptr [r15 + {G_STACKGUARD}], -1
1:
    ret

# boundsargs() (int, int)
.globl runtime.boundsargs
.type runtime.boundsargs, @function
runtime.boundsargs:
    mov rax, [r15 + {G_BOUNDS}]
    mov rcx, [r15 + {G_BOUNDS} + 8]
    ret

# breakpoint()
.globl runtime.breakpoint
.type runtime.breakpoint, @function
runtime.breakpoint:
    int3
    ret
