# What std writes in Go's assembly and compiled code calls by std's own symbols: searches in bytes, atomic
# operations as functions, the processor's identification. All leaves in the convention of Go code
# (goxide_abi): integers in rdi rsi rdx rcx r8, results in rax rcx rdx rsi; only caller-saved registers.

.macro GO name
.globl "\name"
.type "\name", @function
"\name":
.endm

# ---------------------------------------------------------------- internal/bytealg

# IndexByte(b []byte, c byte) int
.p2align 5
GO internal/bytealg.IndexByte
    mov edx, ecx
    jmp 0f
# IndexByteString(s string, c byte) int
.p2align 5
GO internal/bytealg.IndexByteString
0:
    vmovd xmm1, edx
    vpbroadcastb ymm1, xmm1
    cmp rsi, 32
    jb 3f
    mov rax, rdi
    lea r8, [rdi + rsi - 32]
1:
    vpcmpeqb ymm0, ymm1, [rax]
    vpmovmskb ecx, ymm0
    test ecx, ecx
    jnz 2f
    add rax, 32
    cmp rax, r8
    jb 1b
    # The last 32 bytes, some of them again.
    mov rax, r8
    vpcmpeqb ymm0, ymm1, [rax]
    vpmovmskb ecx, ymm0
    test ecx, ecx
    jz 9f
2:
    tzcnt ecx, ecx
    sub rax, rdi
    add rax, rcx
    vzeroupper
    ret
3:
    # Fewer than 32: one load that stays on the page, and what does not belong masked off.
    test rsi, rsi
    jz 9f
    mov eax, edi
    and eax, 4095
    cmp eax, 4096 - 32
    ja 4f
    vpcmpeqb ymm0, ymm1, [rdi]
    vpmovmskb eax, ymm0
    bzhi eax, eax, esi
    jmp 5f
4:
    vpcmpeqb ymm0, ymm1, [rdi + rsi - 32]
    vpmovmskb eax, ymm0
    mov ecx, 32
    sub ecx, esi
    shrx eax, eax, ecx
5:
    test eax, eax
    jz 9f
    tzcnt eax, eax
    vzeroupper
    ret
9:
    mov rax, -1
    vzeroupper
    ret

# Count(b []byte, c byte) int
.p2align 5
GO internal/bytealg.Count
    mov edx, ecx
    jmp 0f
# CountString(s string, c byte) int
.p2align 5
GO internal/bytealg.CountString
0:
    vmovd xmm1, edx
    vpbroadcastb ymm1, xmm1
    xor eax, eax
    cmp rsi, 32
    jb 3f
    lea r8, [rdi + rsi - 32]
1:
    vpcmpeqb ymm0, ymm1, [rdi]
    vpmovmskb ecx, ymm0
    popcnt ecx, ecx
    add rax, rcx
    add rdi, 32
    cmp rdi, r8
    jbe 1b
    # Less than 32 left: the last 32 bytes without those that are counted.
    mov ecx, edi
    sub ecx, r8d
    vpcmpeqb ymm0, ymm1, [r8]
    vpmovmskb edx, ymm0
    mov edx, edx
    shrx rdx, rdx, rcx
    popcnt edx, edx
    add rax, rdx
    vzeroupper
    ret
3:
    test rsi, rsi
    jz 9f
    mov ecx, edi
    and ecx, 4095
    cmp ecx, 4096 - 32
    ja 4f
    vpcmpeqb ymm0, ymm1, [rdi]
    vpmovmskb eax, ymm0
    bzhi eax, eax, esi
    popcnt eax, eax
    vzeroupper
    ret
4:
    vpcmpeqb ymm0, ymm1, [rdi + rsi - 32]
    vpmovmskb eax, ymm0
    mov ecx, 32
    sub ecx, esi
    shrx eax, eax, ecx
    popcnt eax, eax
9:
    vzeroupper
    ret

# Index(a, b []byte) int: the second slice's length is in the overflow area.
.p2align 5
GO internal/bytealg.Index
    mov rdx, rcx
    mov rcx, [r8]
    jmp 0f
# IndexString(a, b string) int, len(b) >= 1: places whose first and last byte fit are compared whole.
.p2align 5
GO internal/bytealg.IndexString
0:
    lea r8, [rdi + rsi]
    sub r8, rcx
    cmp rsi, rcx
    jb 9f
    # r8: the last place where it could begin.
    lea r9, [rcx - 1]
    vpbroadcastb ymm0, [rdx]
    vpbroadcastb ymm1, [rdx + r9]
    mov rax, rdi
    mov r10, r8
    sub r10, rdi
    cmp r10, 31
    jb 6f
1:
    lea r10, [r8 - 31]
    cmp rax, r10
    ja 5f
2:
    vpcmpeqb ymm2, ymm0, [rax]
    vpcmpeqb ymm3, ymm1, [rax + r9]
    vpand ymm2, ymm2, ymm3
    vpmovmskb r11d, ymm2
    test r11d, r11d
    jz 4f
3:
    tzcnt r10d, r11d
    add r10, rax
    mov esi, 1
31:
    lea r9, [rsi + 8]
    cmp r9, rcx
    ja 32f
    mov r9, [r10 + rsi]
    cmp r9, [rdx + rsi]
    jne 33f
    add rsi, 8
    jmp 31b
32:
    cmp rsi, rcx
    jae 8f
    movzx r9d, byte ptr [r10 + rsi]
    cmp r9b, [rdx + rsi]
    jne 33f
    inc rsi
    jmp 32b
33:
    lea r9, [rcx - 1]
    blsr r11d, r11d
    jnz 3b
4:
    add rax, 32
    cmp rax, r8
    jbe 1b
    jmp 9f
5:
    # Some places again.
    mov rax, r10
    jmp 2b
6:
    # Fewer than 32 places: loads that stay on their pages, where that can be.
    mov r11d, eax
    and r11d, 4095
    cmp r11d, 4096 - 32
    ja 7f
    lea r11, [rax + r9]
    and r11d, 4095
    cmp r11d, 4096 - 32
    ja 7f
    vpcmpeqb ymm2, ymm0, [rax]
    vpcmpeqb ymm3, ymm1, [rax + r9]
    vpand ymm2, ymm2, ymm3
    vpmovmskb r11d, ymm2
    inc r10d
    bzhi r11d, r11d, r10d
    test r11d, r11d
    jz 9f
    jmp 3b
7:
    # One place at a time, as a mask of one bit.
    mov r10b, [rax]
    cmp r10b, [rdx]
    jne 71f
    mov r10b, [rax + r9]
    cmp r10b, [rdx + r9]
    jne 71f
    xor esi, esi
72:
    mov r10b, [rax + rsi]
    cmp r10b, [rdx + rsi]
    jne 71f
    inc rsi
    cmp rsi, rcx
    jb 72b
    mov r10, rax
    jmp 8f
71:
    inc rax
    cmp rax, r8
    jbe 7b
9:
    mov rax, -1
    vzeroupper
    ret
8:
    mov rax, r10
    sub rax, rdi
    vzeroupper
    ret

# ---------------------------------------------------------------- internal/cpu

# cpuid(eax, ecx uint32) (eax, ebx, ecx, edx uint32)
GO internal/cpu.cpuid
    mov eax, edi
    mov ecx, esi
    mov r8, rbx
    cpuid
    mov esi, edx
    mov edx, ecx
    mov ecx, ebx
    mov rbx, r8
    ret

# xgetbv() (eax, edx uint32)
GO internal/cpu.xgetbv
    xor ecx, ecx
    xgetbv
    mov ecx, edx
    ret

# getGOAMD64level() int32
GO internal/cpu.getGOAMD64level
    mov eax, 3
    ret

# ---------------------------------------------------------------- sync/atomic, internal/runtime/atomic
# Compiled calls are instructions; these are for the functions as values.

GO sync/atomic.SwapInt32
GO sync/atomic.SwapUint32
GO internal/runtime/atomic.Xchg
GO internal/runtime/atomic.Xchgint32
    mov eax, esi
    xchg [rdi], eax
    ret

GO sync/atomic.SwapInt64
GO sync/atomic.SwapUint64
GO sync/atomic.SwapUintptr
GO sync/atomic.SwapPointer
GO internal/runtime/atomic.Xchg64
GO internal/runtime/atomic.Xchgint64
GO internal/runtime/atomic.Xchguintptr
    mov rax, rsi
    xchg [rdi], rax
    ret

GO internal/runtime/atomic.Xchg8
    mov eax, esi
    xchg [rdi], al
    ret

GO sync/atomic.CompareAndSwapInt32
GO sync/atomic.CompareAndSwapUint32
GO internal/runtime/atomic.Cas
GO internal/runtime/atomic.CasRel
GO internal/runtime/atomic.Casint32
    mov eax, esi
    lock cmpxchg [rdi], edx
    sete al
    movzx eax, al
    ret

GO sync/atomic.CompareAndSwapInt64
GO sync/atomic.CompareAndSwapUint64
GO sync/atomic.CompareAndSwapUintptr
GO sync/atomic.CompareAndSwapPointer
GO internal/runtime/atomic.Cas64
GO internal/runtime/atomic.Casint64
GO internal/runtime/atomic.Casuintptr
GO internal/runtime/atomic.Casp1
GO internal/runtime/atomic.casPointer
    mov rax, rsi
    lock cmpxchg [rdi], rdx
    sete al
    movzx eax, al
    ret

GO sync/atomic.AddInt32
GO sync/atomic.AddUint32
GO internal/runtime/atomic.Xadd
GO internal/runtime/atomic.Xaddint32
    mov eax, esi
    lock xadd [rdi], eax
    add eax, esi
    ret

GO sync/atomic.AddInt64
GO sync/atomic.AddUint64
GO sync/atomic.AddUintptr
GO internal/runtime/atomic.Xadd64
GO internal/runtime/atomic.Xaddint64
GO internal/runtime/atomic.Xadduintptr
    mov rax, rsi
    lock xadd [rdi], rax
    add rax, rsi
    ret

GO sync/atomic.LoadInt32
GO sync/atomic.LoadUint32
GO internal/runtime/atomic.Loadint32
    mov eax, [rdi]
    ret

GO sync/atomic.LoadInt64
GO sync/atomic.LoadUint64
GO sync/atomic.LoadUintptr
GO sync/atomic.LoadPointer
GO internal/runtime/atomic.Loadint64
GO internal/runtime/atomic.Loaduint
GO internal/runtime/atomic.Loaduintptr
    mov rax, [rdi]
    ret

GO sync/atomic.StoreInt32
GO sync/atomic.StoreUint32
GO internal/runtime/atomic.Store
GO internal/runtime/atomic.StoreRel
GO internal/runtime/atomic.Storeint32
    xchg [rdi], esi
    ret

GO internal/runtime/atomic.Store8
    xchg [rdi], sil
    ret

GO sync/atomic.StoreInt64
GO sync/atomic.StoreUint64
GO sync/atomic.StoreUintptr
GO sync/atomic.StorePointer
GO internal/runtime/atomic.Store64
GO internal/runtime/atomic.StoreRel64
GO internal/runtime/atomic.StoreReluintptr
GO internal/runtime/atomic.Storeint64
GO internal/runtime/atomic.Storeuintptr
GO internal/runtime/atomic.StorepNoWB
GO internal/runtime/atomic.storePointer
    xchg [rdi], rsi
    ret

GO sync/atomic.AndInt32
GO sync/atomic.AndUint32
GO internal/runtime/atomic.And
GO internal/runtime/atomic.And32
    mov eax, [rdi]
1:
    mov ecx, eax
    and ecx, esi
    lock cmpxchg [rdi], ecx
    jne 1b
    ret

GO sync/atomic.AndInt64
GO sync/atomic.AndUint64
GO sync/atomic.AndUintptr
GO internal/runtime/atomic.And64
GO internal/runtime/atomic.Anduintptr
    mov rax, [rdi]
1:
    mov rcx, rax
    and rcx, rsi
    lock cmpxchg [rdi], rcx
    jne 1b
    ret

GO sync/atomic.OrInt32
GO sync/atomic.OrUint32
GO internal/runtime/atomic.Or
GO internal/runtime/atomic.Or32
    mov eax, [rdi]
1:
    mov ecx, eax
    or ecx, esi
    lock cmpxchg [rdi], ecx
    jne 1b
    ret

GO sync/atomic.OrInt64
GO sync/atomic.OrUint64
GO sync/atomic.OrUintptr
GO internal/runtime/atomic.Or64
GO internal/runtime/atomic.Oruintptr
    mov rax, [rdi]
1:
    mov rcx, rax
    or rcx, rsi
    lock cmpxchg [rdi], rcx
    jne 1b
    ret

GO internal/runtime/atomic.And8
    lock and [rdi], sil
    ret

GO internal/runtime/atomic.Or8
    lock or [rdi], sil
    ret

# ---------------------------------------------------------------- marks without code

GO crypto/internal/boring/sig.BoringCrypto
GO crypto/internal/boring/sig.FIPSOnly
GO crypto/internal/boring/sig.StandardCrypto
    ret
