# Memory: what LLVM calls by name, and the leaf entries of the same kind. On either stack; only registers
# that no convention preserves. Small sizes by two overlapping accesses of each width, middle ones by loops
# of 128 bytes, large ones by the processor's own string instructions, from `rep_bytes` on (cpuinit).


.globl leaf_start
leaf_start:

.globl runtime.memmove
.type runtime.memmove, @function
.p2align 5
runtime.memmove:
LIBC memmove
LIBC memcpy
    mov rax, rdi
    cmp rdx, 16
    ja 4f
    cmp edx, 8
    jae 3f
    cmp edx, 4
    jae 2f
    test edx, edx
    jz 1f
    mov r9, rdx
    shr r9, 1
    movzx ecx, byte ptr [rsi]
    movzx r8d, byte ptr [rsi + r9]
    movzx r10d, byte ptr [rsi + rdx - 1]
    mov [rdi], cl
    mov [rdi + r9], r8b
    mov [rdi + rdx - 1], r10b
1:
    ret
2:
    mov ecx, [rsi]
    mov r8d, [rsi + rdx - 4]
    mov [rdi], ecx
    mov [rdi + rdx - 4], r8d
    ret
3:
    mov rcx, [rsi]
    mov r8, [rsi + rdx - 8]
    mov [rdi], rcx
    mov [rdi + rdx - 8], r8
    ret
4:
    cmp rdx, 32
    ja 5f
    movups xmm0, [rsi]
    movups xmm1, [rsi + rdx - 16]
    movups [rdi], xmm0
    movups [rdi + rdx - 16], xmm1
    ret
5:
    cmp rdx, 64
    ja 6f
    vmovdqu ymm0, [rsi]
    vmovdqu ymm1, [rsi + rdx - 32]
    vmovdqu [rdi], ymm0
    vmovdqu [rdi + rdx - 32], ymm1
    vzeroupper
    ret
6:
    cmp rdx, 128
    ja 7f
    vmovdqu ymm0, [rsi]
    vmovdqu ymm1, [rsi + 32]
    vmovdqu ymm2, [rsi + rdx - 64]
    vmovdqu ymm3, [rsi + rdx - 32]
    vmovdqu [rdi], ymm0
    vmovdqu [rdi + 32], ymm1
    vmovdqu [rdi + rdx - 64], ymm2
    vmovdqu [rdi + rdx - 32], ymm3
    vzeroupper
    ret
7:
    mov rcx, rdi
    sub rcx, rsi
    cmp rcx, rdx
    jb 10f
    # Forwards. The string instruction is slow where the regions nearly touch.
    cmp rdx, [rip + rep_bytes]
    jb 8f
    neg rcx
    cmp rcx, 64
    jb 8f
    mov rcx, rdx
    rep movsb
    ret
8:
    # The last 128 bytes are read first: the loop may write over them.
    vmovdqu ymm4, [rsi + rdx - 128]
    vmovdqu ymm5, [rsi + rdx - 96]
    vmovdqu ymm6, [rsi + rdx - 64]
    vmovdqu ymm7, [rsi + rdx - 32]
    lea r8, [rdi + rdx - 128]
9:
    vmovdqu ymm0, [rsi]
    vmovdqu ymm1, [rsi + 32]
    vmovdqu ymm2, [rsi + 64]
    vmovdqu ymm3, [rsi + 96]
    add rsi, 128
    vmovdqu [rdi], ymm0
    vmovdqu [rdi + 32], ymm1
    vmovdqu [rdi + 64], ymm2
    vmovdqu [rdi + 96], ymm3
    add rdi, 128
    cmp rdi, r8
    jb 9b
    vmovdqu [r8], ymm4
    vmovdqu [r8 + 32], ymm5
    vmovdqu [r8 + 64], ymm6
    vmovdqu [r8 + 96], ymm7
    vzeroupper
    ret
10:
    # Backwards, the first 128 bytes read first.
    vmovdqu ymm4, [rsi]
    vmovdqu ymm5, [rsi + 32]
    vmovdqu ymm6, [rsi + 64]
    vmovdqu ymm7, [rsi + 96]
11:
    vmovdqu ymm0, [rsi + rdx - 32]
    vmovdqu ymm1, [rsi + rdx - 64]
    vmovdqu ymm2, [rsi + rdx - 96]
    vmovdqu ymm3, [rsi + rdx - 128]
    vmovdqu [rdi + rdx - 32], ymm0
    vmovdqu [rdi + rdx - 64], ymm1
    vmovdqu [rdi + rdx - 96], ymm2
    vmovdqu [rdi + rdx - 128], ymm3
    sub rdx, 128
    cmp rdx, 128
    ja 11b
    vmovdqu [rdi], ymm4
    vmovdqu [rdi + 32], ymm5
    vmovdqu [rdi + 64], ymm6
    vmovdqu [rdi + 96], ymm7
    vzeroupper
    ret

# memset(p, byte, n) -> p; memclr(p, n) joins it.
.p2align 5
LIBC memset
    mov rax, rdi
    vmovd xmm0, esi
    vpbroadcastb ymm0, xmm0
    jmp fill
.globl runtime.memclr
.type runtime.memclr, @function
.p2align 4
runtime.memclr:
    mov rdx, rsi
    mov rax, rdi
    vpxor xmm0, xmm0, xmm0
    # rdi: where, rdx: bytes, ymm0: what.
fill:
    cmp rdx, 16
    jb 3f
    cmp rdx, 32
    ja 1f
    vmovdqu [rdi], xmm0
    vmovdqu [rdi + rdx - 16], xmm0
    vzeroupper
    ret
1:
    cmp rdx, 64
    ja 2f
    vmovdqu [rdi], ymm0
    vmovdqu [rdi + rdx - 32], ymm0
    vzeroupper
    ret
2:
    cmp rdx, [rip + rep_bytes]
    jae 7f
    lea r8, [rdi + rdx - 64]
6:
    vmovdqu [rdi], ymm0
    vmovdqu [rdi + 32], ymm0
    add rdi, 64
    cmp rdi, r8
    jb 6b
    vmovdqu [r8], ymm0
    vmovdqu [r8 + 32], ymm0
    vzeroupper
    ret
7:
    mov r8, rax
    mov rcx, rdx
    vmovd eax, xmm0
    vzeroupper
    rep stosb
    mov rax, r8
    ret
3:
    vmovq rcx, xmm0
    vzeroupper
    cmp edx, 8
    jae 5f
    cmp edx, 4
    jae 4f
    test edx, edx
    jz 8f
    mov r9, rdx
    shr r9, 1
    mov [rdi], cl
    mov [rdi + r9], cl
    mov [rdi + rdx - 1], cl
8:
    ret
4:
    mov [rdi], ecx
    mov [rdi + rdx - 4], ecx
    ret
5:
    mov [rdi], rcx
    mov [rdi + rdx - 8], rcx
    ret

# memequal(a, b, n) -> 0 or 1
.globl runtime.memequal
.type runtime.memequal, @function
.p2align 5
runtime.memequal:
    cmp rdi, rsi
    je 9f
    cmp rdx, 8
    jb 5f
    cmp rdx, 32
    jb 3f
    lea r8, [rdx - 32]
    xor ecx, ecx
1:
    cmp rcx, r8
    jae 2f
    vmovdqu ymm0, [rdi + rcx]
    vpcmpeqb ymm0, ymm0, [rsi + rcx]
    vpmovmskb eax, ymm0
    add rcx, 32
    inc eax
    jz 1b
    xor eax, eax
    vzeroupper
    ret
2:
    vmovdqu ymm0, [rdi + r8]
    vpcmpeqb ymm0, ymm0, [rsi + r8]
    vpmovmskb ecx, ymm0
    xor eax, eax
    inc ecx
    sete al
    vzeroupper
    ret
3:
    cmp rdx, 16
    jb 4f
    movups xmm0, [rdi]
    movups xmm1, [rsi]
    pcmpeqb xmm0, xmm1
    movups xmm2, [rdi + rdx - 16]
    movups xmm1, [rsi + rdx - 16]
    pcmpeqb xmm2, xmm1
    pand xmm0, xmm2
    pmovmskb ecx, xmm0
    xor eax, eax
    cmp ecx, 0xffff
    sete al
    ret
4:
    mov rcx, [rdi]
    xor rcx, [rsi]
    mov r8, [rdi + rdx - 8]
    xor r8, [rsi + rdx - 8]
    xor eax, eax
    or rcx, r8
    sete al
    ret
5:
    cmp edx, 4
    jb 6f
    mov ecx, [rdi]
    xor ecx, [rsi]
    mov r8d, [rdi + rdx - 4]
    xor r8d, [rsi + rdx - 4]
    xor eax, eax
    or ecx, r8d
    sete al
    ret
6:
    test edx, edx
    jz 9f
    mov r9, rdx
    shr r9, 1
    movzx ecx, byte ptr [rdi]
    xor cl, [rsi]
    movzx r8d, byte ptr [rdi + r9]
    xor r8b, [rsi + r9]
    or ecx, r8d
    movzx r8d, byte ptr [rdi + rdx - 1]
    xor r8b, [rsi + rdx - 1]
    xor eax, eax
    or ecx, r8d
    sete al
    ret
9:
    mov eax, 1
    ret

# cmpstring(a, alen, b, blen) -> -1, 0, 1
.globl runtime.cmpstring
.type runtime.cmpstring, @function
.p2align 5
runtime.cmpstring:
    mov r8, rsi
    mov r9, rcx
    mov rsi, rdx
    cmp r8, r9
    mov rdx, r8
    cmova rdx, r9
    call compare
    test eax, eax
    jnz 1f
    cmp r8, r9
    seta al
    setb cl
    movzx eax, al
    movzx ecx, cl
    sub eax, ecx
    cdqe
    ret
1:
    sar eax, 31
    or eax, 1
    cdqe
    ret

# memcmp(a, b, n) -> < 0, 0, > 0
.p2align 5
LIBC bcmp
LIBC memcmp
# (rdi, rsi, rdx) -> eax; leaves r8 and r9 alone.
compare:
    xor ecx, ecx
    cmp rdx, 32
    jb 3f
    lea r10, [rdx - 32]
1:
    vmovdqu ymm0, [rdi + rcx]
    vpcmpeqb ymm0, ymm0, [rsi + rcx]
    vpmovmskb eax, ymm0
    not eax
    test eax, eax
    jnz 2f
    cmp rcx, r10
    je 7f
    add rcx, 32
    cmp rcx, r10
    cmova rcx, r10
    jmp 1b
2:
    vzeroupper
    tzcnt eax, eax
    add rcx, rax
    jmp 6f
7:
    vzeroupper
    xor eax, eax
    ret
3:
    cmp rdx, 8
    jb 5f
    lea r10, [rdx - 8]
4:
    mov rax, [rdi + rcx]
    mov r11, [rsi + rcx]
    bswap rax
    bswap r11
    cmp rax, r11
    jne 8f
    cmp rcx, r10
    je 9f
    add rcx, 8
    cmp rcx, r10
    cmova rcx, r10
    jmp 4b
5:
    cmp rcx, rdx
    je 9f
    movzx eax, byte ptr [rdi + rcx]
    movzx r11d, byte ptr [rsi + rcx]
    inc rcx
    sub eax, r11d
    jz 5b
    ret
6:
    movzx eax, byte ptr [rdi + rcx]
    movzx r11d, byte ptr [rsi + rcx]
    sub eax, r11d
    ret
8:
    sbb eax, eax
    or eax, 1
    ret
9:
    xor eax, eax
    ret
