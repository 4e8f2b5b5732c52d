//! What the linker tells the runtime of the program: tables that [`ModuleData`] points to.
//!
//! The linker writes the address of the [`ModuleData`] into the runtime's data symbol
//! [`MODULE_SLOT`].

pub const MODULE_SLOT: &str = "GOXIDE_MODULE";
pub const MODULE_MAGIC: u64 = 0x3130_4544_4958_4f47; // "GOXIDE01"

/// Address and number of elements.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Table<T> {
    pub ptr: *const T,
    pub len: usize,
}

#[repr(C)]
pub struct ModuleData {
    pub magic: u64,
    /// Go text, `start..end`.
    pub text: usize,
    pub etext: usize,
    /// Type descriptors and names: what NameOff and TypeOff count from.
    pub types: usize,
    pub etypes: usize,
    /// Package variables with pointers (data, then bss): scanned word by word as roots.
    pub data: usize,
    pub edata: usize,
    pub bss: usize,
    pub ebss: usize,
    /// Functions by ascending entry, a last one with `entry == etext`.
    pub functab: Table<FuncTab>,
    /// Names, file names and tables that [`FuncInfo`] points into.
    pub pclntab: Table<u8>,
    pub itabs: Table<usize>,
    /// Descriptors that reflect can look up by string, sorted by it.
    pub typelinks: Table<i32>,
    /// [`InitTask`] addresses, in the order they must run.
    pub inittasks: Table<*const InitTask>,
    /// Code address of `main.main`.
    pub main_main: usize,
    /// Code addresses of [`GoHook`]s, by index.
    pub hooks: Table<usize>,
    /// `runtime.buildVersion`, as `go1.27.3`; `runtime.modinfo`; `runtime.godebugDefault`.
    pub build_texts: [Table<u8>; 3],
    /// Not 0 where the program can ask for the heap's profile.
    pub profiles_memory: usize,
}

/// Package initialization: the functions to run, in order. `init` of the variables comes first.
#[repr(C)]
pub struct InitTask {
    pub nfns: usize,
    // Code addresses follow.
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct FuncTab {
    /// Offset of the first byte (the stack check, where there is one) from text.
    pub entry: u32,
    /// Offset of the [`FuncInfo`] in pclntab, 8-aligned.
    pub info: u32,
}

pub const FUNC_WRAPPER: u8 = 1;
/// A frame that tracebacks leave out (runtime internals, as panicIndex).
pub const FUNC_RUNTIME: u8 = 2;
/// Takes no arguments, as tracebacks tell.
pub const FUNC_NO_PARAMS: u8 = 4;
/// The function calls methods by reflection. For the linker.
pub const FUNC_REFLECT_METHOD: u8 = 8;
/// Go's assembly: there may be a frame below the frame pointer or not, and nothing is known of it.
pub const FUNC_ASSEMBLY: u8 = 16;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct FuncInfo {
    /// Offset of the name in pclntab, and its length.
    pub name: u32,
    pub name_len: u32,
    /// Bytes from rsp after the prologue to the saved rbp; of assembly what the prologue takes in all.
    pub frame_size: u32,
    pub start_line: u32,
    /// Offset in pclntab of the line table: pairs of an unsigned LEB128 (bytes of code) and a signed
    /// LEB128 (added to the index into `locs`, which begins at 0; index 0 is "none"), ended by a pair 0 0.
    pub lines: u32,
    /// Offset in pclntab of the array of [`Loc`] (4-aligned).
    pub locs: u32,
    pub nlocs: u32,
    /// Offset of the landing pad from the function's first byte; 0: none.
    pub landing_pad: u32,
    /// rsp at the landing pad is rbp less this.
    pub landing_frame: u32,
    /// From rbp to the defer record, in bytes (negative).
    pub defer_offset: i32,
    /// Offset in pclntab of what the collector is told ([`crate::frames`]); 0: nothing.
    pub frames: u32,
    pub defer_mode: u8,
    pub flags: u8,
    /// See `abi::object::FuncMeta`.
    pub args_words: u16,
}

/// A place in the source, inside `func`; where `parent` is not 0 the code was inlined at the place
/// `locs[parent]`. Element 0 is "none".
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Loc {
    pub parent: u32,
    /// Offset and length of the function's name in pclntab.
    pub func: u32,
    pub func_len: u32,
    pub file: u32,
    pub file_len: u32,
    pub line: u32,
}

/// Go functions of `std/runtime` that the Rust runtime calls into.
macro_rules! hooks {
    ($($(#[$doc:meta])* $variant:ident $symbol:literal;)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub enum GoHook { $($(#[$doc])* $variant),* }
        pub const GO_HOOKS: &[&str] = &[$($symbol),*];
    };
}
hooks! {
    /// `func(msg string)`: panic(errorString(msg)), printed as `runtime error: msg`.
    PanicErrorString "runtime.panicErrorString";
    /// `func(msg string)`: panic(plainError(msg)), printed as it is.
    PanicPlainError "runtime.panicPlainError";
    /// `func()`: nil dereference.
    PanicMem "runtime.panicmem";
    /// `func()`: panic(nil), a PanicNilError.
    PanicNil "runtime.panicnil";
    /// `func(addr uintptr)`: a fault at another address.
    PanicMemAddr "runtime.panicmemAddr";
    PanicDivide "runtime.panicdivide";
    /// `func(concrete, asserted *_type, missingMethod string)`
    PanicTypeAssertion "runtime.panicTypeAssertion";
    /// `func()`: nobody recovered: prints all panics and calls fatalpanic.
    PrintPanics "runtime.printpanics";
    /// `func()`: main.main has returned.
    MainReturned "runtime.mainReturned";
}
