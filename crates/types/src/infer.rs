//! Type inference (as `types2/infer.go`).

use crate::context::Cx;
use crate::store::TypeId;

/// An argument of a call, or for reverse inference the function that is assigned.
#[derive(Clone, Copy, Debug)]
pub struct InferArg {
    pub ty: TypeId,
    pub is_nil: bool,
}

/// Why inference failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InferError {
    /// The argument to blame; `None`: the call as a whole.
    pub arg: Option<usize>,
    pub text: String,
}

impl Cx<'_> {
    /// Type arguments for `tparams`.
    pub fn infer(
        &self,
        _tparams: &[TypeId],
        _targs: &[Option<TypeId>],
        _params: &[TypeId],
        _args: &[InferArg],
        _reverse: bool,
        _arg_string: &dyn Fn(usize) -> String,
    ) -> Result<Vec<TypeId>, InferError> {
        Err(InferError { arg: None, text: String::new() })
    }
}
