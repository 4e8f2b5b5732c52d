# Digests of std that the processor has instructions for: SHA-256 and the two common CRC-32. Leaves in Go's
# convention, as those of std.s. Callers have asked internal/cpu for what is beyond x86-64-v3 (SHA, PCLMULQDQ).

# ---------------------------------------------------------------- crypto/internal/fips140/sha256

# Four rounds: \m is the message's group \k of words. xmm1 is F E B A, xmm2 is H G D C from the lowest word on;
# two rounds make of them (Intel's manual, SHA256RNDS2) the new first in place of the second, and the old first
# is the new second.
.macro SHA256_ROUNDS m, k
    vpaddd xmm0, \m, [r8 + 16 * (\k)]
    sha256rnds2 xmm2, xmm1
    vpshufd xmm0, xmm0, 0x0e
    sha256rnds2 xmm1, xmm2
.endm

# The group of words after those of \m0 \m1 \m2 \m3, in place of \m0.
.macro SHA256_NEXT m0, m1, m2, m3
    sha256msg1 \m0, \m1
    vpalignr xmm7, \m3, \m2, 4
    vpaddd \m0, \m0, xmm7
    sha256msg2 \m0, \m3
.endm

.macro SHA256_16_ROUNDS k
    SHA256_NEXT xmm3, xmm4, xmm5, xmm6
    SHA256_ROUNDS xmm3, \k
    SHA256_NEXT xmm4, xmm5, xmm6, xmm3
    SHA256_ROUNDS xmm4, \k + 1
    SHA256_NEXT xmm5, xmm6, xmm3, xmm4
    SHA256_ROUNDS xmm5, \k + 2
    SHA256_NEXT xmm6, xmm3, xmm4, xmm5
    SHA256_ROUNDS xmm6, \k + 3
.endm

# blockSHANI(dig *Digest, p []byte): the state h [8]uint32 is dig's first field; whole blocks of p.
.p2align 5
GO crypto/internal/fips140/sha256.blockSHANI
    shr rdx, 6
    jz 9f
    lea r8, [rip + sha256_k]
    vmovdqa xmm10, [rip + sha256_swap]
    # a b c d and e f g h, as the instructions want them.
    vmovdqu xmm3, [rdi]
    vmovdqu xmm4, [rdi + 16]
    vpunpcklqdq xmm1, xmm4, xmm3
    vpunpckhqdq xmm2, xmm4, xmm3
    vpshufd xmm1, xmm1, 0xb1
    vpshufd xmm2, xmm2, 0xb1
1:
    vmovdqa xmm8, xmm1
    vmovdqa xmm9, xmm2
    vmovdqu xmm3, [rsi]
    vpshufb xmm3, xmm3, xmm10
    SHA256_ROUNDS xmm3, 0
    vmovdqu xmm4, [rsi + 16]
    vpshufb xmm4, xmm4, xmm10
    SHA256_ROUNDS xmm4, 1
    vmovdqu xmm5, [rsi + 32]
    vpshufb xmm5, xmm5, xmm10
    SHA256_ROUNDS xmm5, 2
    vmovdqu xmm6, [rsi + 48]
    vpshufb xmm6, xmm6, xmm10
    SHA256_ROUNDS xmm6, 3
    SHA256_16_ROUNDS 4
    SHA256_16_ROUNDS 8
    SHA256_16_ROUNDS 12
    vpaddd xmm1, xmm1, xmm8
    vpaddd xmm2, xmm2, xmm9
    add rsi, 64
    dec rdx
    jnz 1b
    vpshufd xmm1, xmm1, 0xb1
    vpshufd xmm2, xmm2, 0xb1
    vpunpckhqdq xmm3, xmm1, xmm2
    vpunpcklqdq xmm4, xmm1, xmm2
    vmovdqu [rdi], xmm3
    vmovdqu [rdi + 16], xmm4
9:
    ret

.p2align 4
# Bytes of every word the other way round.
sha256_swap:
    .quad 0x0405060700010203, 0x0c0d0e0f08090a0b
# FIPS 180-4, 4.2.2.
sha256_k:
    .long 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5
    .long 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174
    .long 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da
    .long 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967
    .long 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85
    .long 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070
    .long 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3
    .long 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2

# ---------------------------------------------------------------- hash/crc32

# castagnoliSSE42(crc uint32, p []byte) uint32
.p2align 5
GO hash/crc32.castagnoliSSE42
    mov eax, edi
    mov rcx, rdx
    shr rcx, 3
    jz 2f
1:
    crc32 rax, qword ptr [rsi]
    add rsi, 8
    dec rcx
    jnz 1b
2:
    and edx, 7
    jz 9f
3:
    crc32 eax, byte ptr [rsi]
    inc rsi
    dec edx
    jnz 3b
9:
    ret

# castagnoliSSE42Triple(crcA, crcB, crcC uint32, a, b, c []byte, rounds uint32) (uint32, uint32, uint32):
# 24 bytes of each a round. What follows a's pointer is in the overflow area.
.p2align 5
GO hash/crc32.castagnoliSSE42Triple
    mov eax, edi
    mov r9d, esi
    mov rdi, [r8 + 2 * 8]
    mov rsi, [r8 + 5 * 8]
    mov r8d, [r8 + 8 * 8]
    test r8d, r8d
    jz 9f
1:
    crc32 rax, qword ptr [rcx]
    crc32 r9, qword ptr [rdi]
    crc32 rdx, qword ptr [rsi]
    crc32 rax, qword ptr [rcx + 8]
    crc32 r9, qword ptr [rdi + 8]
    crc32 rdx, qword ptr [rsi + 8]
    crc32 rax, qword ptr [rcx + 16]
    crc32 r9, qword ptr [rdi + 16]
    crc32 rdx, qword ptr [rsi + 16]
    add rcx, 24
    add rdi, 24
    add rsi, 24
    dec r8d
    jnz 1b
9:
    mov ecx, r9d
    ret

# \x, moved on by what the constants \k say, and \d added.
.macro CRC_FOLD x, k, d
    vpclmulqdq xmm5, \x, \k, 0x11
    vpclmulqdq \x, \x, \k, 0x00
    vpxor xmm5, xmm5, \d
    vpxor \x, \x, xmm5
.endm

# ieeeCLMUL(crc uint32, p []byte) uint32: p has 64 bytes or more, a multiple of 16. Gopal and others, "Fast CRC
# Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009), for reflected bits.
.p2align 5
GO hash/crc32.ieeeCLMUL
    vmovd xmm0, edi
    vpxor xmm0, xmm0, [rsi]
    vmovdqu xmm1, [rsi + 16]
    vmovdqu xmm2, [rsi + 32]
    vmovdqu xmm3, [rsi + 48]
    add rsi, 64
    sub rdx, 64
    cmp rdx, 64
    jb 2f
    vmovdqa xmm4, [rip + crc_fold_64]
1:
    CRC_FOLD xmm0, xmm4, [rsi]
    CRC_FOLD xmm1, xmm4, [rsi + 16]
    CRC_FOLD xmm2, xmm4, [rsi + 32]
    CRC_FOLD xmm3, xmm4, [rsi + 48]
    add rsi, 64
    sub rdx, 64
    cmp rdx, 64
    jae 1b
2:
    vmovdqa xmm4, [rip + crc_fold_16]
    CRC_FOLD xmm0, xmm4, xmm1
    CRC_FOLD xmm0, xmm4, xmm2
    CRC_FOLD xmm0, xmm4, xmm3
3:
    sub rdx, 16
    jb 4f
    CRC_FOLD xmm0, xmm4, [rsi]
    add rsi, 16
    jmp 3b
4:
    # 128 bits to 96, these to 64, and Barrett's reduction of the rest.
    vpclmulqdq xmm1, xmm0, xmm4, 0x10
    vpsrldq xmm0, xmm0, 8
    vpxor xmm0, xmm0, xmm1
    vpcmpeqd xmm3, xmm3, xmm3
    vpsrldq xmm3, xmm3, 12
    vpand xmm1, xmm0, xmm3
    vpsrldq xmm0, xmm0, 4
    vmovq xmm2, [rip + crc_fold_4]
    vpclmulqdq xmm1, xmm1, xmm2, 0x00
    vpxor xmm0, xmm0, xmm1
    vmovdqa xmm2, [rip + crc_polynomial]
    vpand xmm1, xmm0, xmm3
    vpclmulqdq xmm1, xmm1, xmm2, 0x10
    vpand xmm1, xmm1, xmm3
    vpclmulqdq xmm1, xmm1, xmm2, 0x00
    vpxor xmm0, xmm0, xmm1
    vpextrd eax, xmm0, 1
    ret

.p2align 4
# Powers of x modulo the polynomial, reflected: x^(512+32) x^(512-32), x^(128+32) x^(128-32), x^64; the
# polynomial and floor(x^64 / it).
crc_fold_64:
    .quad 0x154442bd4, 0x1c6e41596
crc_fold_16:
    .quad 0x1751997d0, 0x0ccaa009e
crc_polynomial:
    .quad 0x1db710641, 0x1f7011641
crc_fold_4:
    .quad 0x163cd6124
