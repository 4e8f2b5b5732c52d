# Calls of Go's assembly (ABI0): arguments and results on the stack, no register but rsp and rbp preserved, g found by
# way of the thread. Of the chain of segments assembly knows nothing: there is room for it before it is called.

.set ASM_SAVED_BYTES, 64
# Areas smaller than this have a place of their own that the code returns to.
.set ASM_AREA_BYTES, 512

# asmcall(code: rdi, area: rsi, its bytes: rdx, stack needed: rcx, where results begin: r8): calls the code with the
# arguments in area, copied to where it wants them, and copies the results back.
.p2align 4
1:
    mov r11, rcx
    call runtime.morestack
    # The body has to begin MORESTACK_RETURN_TO_BODY bytes from here.
2:
    ret
.globl runtime.asmcall
.type runtime.asmcall, @function
runtime.asmcall:
    mov r11, rsp
    sub r11, rcx
    cmp r11, [r15 + {G_STACKGUARD}]
    # jb 1b, in two bytes
    .byte 0x72, 0xec
    # An error if it is further.
    .org 2b + {MORESTACK_RETURN_TO_BODY}, 0x90
    push rbp
    mov rbp, rsp
    push rbx
    push r12
    push r13
    push r14
    push rsi
    push rdx
    push r8
    push [r15 + {G_ASM_GUARD}]
    mov r11, [r15 + {G_SEG}]
    mov r11, [r11 + {SEG_GUARD}]
    add r11, {ASM_NOSPLIT_BYTES}
    mov [r15 + {G_ASM_GUARD}], r11
    sub rsp, rdx
    mov rcx, rdx
    shr rcx, 3
    jz 4f
3:
    mov rax, [rsi + 8 * rcx - 8]
    mov [rsp + 8 * rcx - 8], rax
    dec rcx
    jnz 3b
4:
    cmp rdx, ASM_AREA_BYTES
    jae asmcall_large
    # Not all assembly leaves rbp alone: for each size of an area there is a place that knows where it was.
    lea r10, [rip + asmcall_sites]
    lea r10, [r10 + 2 * rdx]
    jmp r10
.globl asmcall_sites
.p2align 4
asmcall_sites:
.set site, 0
.rept ASM_AREA_BYTES / 8
    .p2align 4
    call rdi
    lea rbp, [rsp + site + ASM_SAVED_BYTES]
    jmp asmcall_done
.set site, site + 8
.endr
asmcall_large:
    call rdi
.globl asmcall_sites_end
asmcall_sites_end:
asmcall_done:
    mov r15, fs:[{M_CURG}]
    mov rsi, [rbp - 40]
    mov rdx, [rbp - 48]
    mov r8, [rbp - 56]
    mov rax, [rbp - ASM_SAVED_BYTES]
    mov [r15 + {G_ASM_GUARD}], rax
    jmp 6f
5:
    mov rax, [rsp + r8]
    mov [rsi + r8], rax
    add r8, 8
6:
    cmp r8, rdx
    jb 5b
    mov rbx, [rbp - 8]
    mov r12, [rbp - 16]
    mov r13, [rbp - 24]
    mov r14, [rbp - 32]
    mov rsp, rbp
    pop rbp
    ret

# The prologue of a function in assembly found no room. Where it returns to is above the address that this returns to,
# arguments are above that. It is called with a copy of them, where there is room.
.globl "runtime.morestack_noctxt·abi0"
.type "runtime.morestack_noctxt·abi0", @function
.p2align 4
"runtime.morestack_noctxt·abi0":
    mov r15, fs:[{M_CURG}]
    push rbp
    mov rbp, rsp
    mov rdi, [rbp + 8]
    mov r11, [r15 + {G_M}]
    mov rsp, [r11 + {M_G0SP}]
    call rt_asm_frame
    mov rsp, rbp
    pop rbp
    mov rdi, rax
    # What the function needs, and the size of the arguments.
    mov ecx, edx
    shr rdx, 32
    lea rsi, [rsp + 16]
    xor r8d, r8d
    add rsp, 8
    jmp runtime.asmcall

# What assembly may call of the runtime.
.macro ABI0 name
.globl "runtime.\name\()·abi0"
.type "runtime.\name\()·abi0", @function
.p2align 4
"runtime.\name\()·abi0":
.endm

# memmove(to, from unsafe.Pointer, n uintptr)
ABI0 memmove
    mov rdi, [rsp + 8]
    mov rsi, [rsp + 16]
    mov rdx, [rsp + 24]
    jmp runtime.memmove
# memclrNoHeapPointers(ptr unsafe.Pointer, n uintptr)
ABI0 memclrNoHeapPointers
    mov rdi, [rsp + 8]
    mov rsi, [rsp + 16]
    jmp runtime.memclr
# memequal(a, b unsafe.Pointer, n uintptr) bool
ABI0 memequal
    mov rdi, [rsp + 8]
    mov rsi, [rsp + 16]
    mov rdx, [rsp + 24]
    call runtime.memequal
    mov [rsp + 32], al
    ret
# Around system calls that assembly makes: such a goroutine keeps its P, as with package syscall's raw ones.
ABI0 entersyscall
ABI0 exitsyscall
    ret
