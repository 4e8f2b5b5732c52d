//! `GOXIDE_DUMP="ssa,clif,asm FUNC"` shows the stages of one function on stderr, by its symbol's name;
//! `GOXIDE_VERIFY=1` checks the rules of the SSA form behind every pass in a release build too.

/// What the environment asks for.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Dump {
    stages: Vec<String>,
    function: String,
    verify: bool,
}

impl Dump {
    pub fn from_env() -> Dump {
        let var = |name| std::env::var(name).unwrap_or_default();
        let mut dump = Dump::parse(&var("GOXIDE_DUMP"));
        dump.verify = cfg!(debug_assertions) || var("GOXIDE_VERIFY") == "1";
        dump
    }

    fn parse(text: &str) -> Dump {
        let (stages, function) = text.split_once(' ').unwrap_or(("", ""));
        let stages = stages.split(',').filter(|s| !s.is_empty()).map(str::to_string).collect();
        Dump { stages, function: function.trim().into(), verify: false }
    }

    /// Something is to be seen of what is compiled.
    pub fn is_wanted(&self) -> bool {
        !self.stages.is_empty()
    }

    fn of(&self, stage: &str) -> Option<String> {
        self.stages.iter().any(|s| s == stage).then(|| self.function.clone())
    }

    pub fn passes(&self) -> goxide_ssa::passes::Options {
        goxide_ssa::passes::Options { verify: self.verify, dump: self.of("ssa") }
    }

    pub fn codegen(&self) -> goxide_codegen::Options {
        goxide_codegen::Options { dump_clif: self.of("clif"), dump_asm: self.of("asm") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_and_a_function_that_may_have_blanks() {
        let dump = Dump::parse("ssa,asm main.f[go.shape.struct { int }]");
        assert_eq!(dump.of("ssa").as_deref(), Some("main.f[go.shape.struct { int }]"));
        assert_eq!((dump.of("clif"), dump.is_wanted()), (None, true));
        assert!(!Dump::parse("").is_wanted());
    }
}
