//! Type unification (as `types2/unify.go`).
