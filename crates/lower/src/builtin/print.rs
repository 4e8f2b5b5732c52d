//! `print` and `println`.

use crate::func::FuncLower;
use crate::value::Val;
use goxide_abi::Entry;
use goxide_ssa::{ConvOp, Ty, Value};
use goxide_types::{BasicKind, Type, TypeId};

impl FuncLower<'_, '_> {
    pub fn print(&mut self, args: Vec<(Val, TypeId)>, line: bool) {
        self.b.rt(Entry::PrintLock, &[]);
        for (i, (v, t)) in args.into_iter().enumerate() {
            if line && i > 0 {
                self.b.rt(Entry::PrintSp, &[]);
            }
            self.print_value(v, t);
        }
        if line {
            self.b.rt(Entry::PrintNl, &[]);
        }
        self.b.rt(Entry::PrintUnlock, &[]);
    }

    fn print_value(&mut self, v: Val, t: TypeId) {
        use BasicKind::*;
        let parts = self.parts(v, t);
        let entry = match self.under(t) {
            Type::Basic(b) => match b.kind {
                Bool | UntypedBool => Entry::PrintBool,
                String | UntypedString => Entry::PrintString,
                Float32 => Entry::PrintFloat32,
                Float64 => Entry::PrintFloat64,
                Complex64 => Entry::PrintComplex64,
                Complex128 => Entry::PrintComplex128,
                UnsafePointer => Entry::PrintPointer,
                Uint | Uint8 | Uint16 | Uint32 | Uint64 | Uintptr => {
                    // The runtime prints its type hex as such.
                    let hex = self
                        .p
                        .store
                        .type_name(self.p.store.unalias(t))
                        .is_some_and(|o| &**self.p.store.name(o) == "hex");
                    if hex && self.p.is_runtime { Entry::PrintHex } else { Entry::PrintUint }
                }
                _ => Entry::PrintInt,
            },
            Type::Interface(_) => Entry::PrintIface,
            Type::Slice { .. } => Entry::PrintSlice,
            _ => Entry::PrintPointer,
        };
        let signed = entry == Entry::PrintInt;
        let args: Vec<Value> = parts
            .iter()
            .map(|&v| match self.b.ty(v) {
                Ty::F64 => self.b.conv(ConvOp::Bits, v, Ty::I64),
                Ty::F32 => {
                    let bits = self.b.conv(ConvOp::Bits, v, Ty::I32);
                    self.b.conv(ConvOp::Zext, bits, Ty::I64)
                }
                Ty::Ptr => v,
                _ => self.b.extend(v, signed),
            })
            .collect();
        self.b.rt(entry, &args);
    }
}
