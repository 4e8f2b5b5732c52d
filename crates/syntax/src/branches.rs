//! Labels, `break`, `continue`, `goto` and `fallthrough` of a function body
//! (`cmd/compile/internal/syntax/branches.go`).

use crate::ast::*;
use goxide_source::{Diagnostic, Pos, SourceFile};
use rustc_hash::FxHashMap;

/// Reports wrong uses in `body`; those in function literals inside it are reported with them.
pub(crate) fn check(body: &Block, source: &SourceFile, errors: &mut Vec<Diagnostic>) {
    let mut scope =
        LabelScope { source, errors, labels: Vec::new(), by_name: FxHashMap::default(), blocks: Vec::new() };
    let targets = Targets { breaks: None, continues: false, case: None };
    let unresolved = scope.block(None, targets, None, body.pos, &body.stmts);

    for goto in unresolved {
        let name = &goto.label.name;
        match scope.by_name.get(&**name) {
            Some(&label) => {
                scope.labels[label].used = true;
                let start = scope.blocks[scope.labels[label].block].start;
                let start = position_text(source, start);
                scope.error(goto.label.pos, format!("goto {name} jumps into block starting at {start}"));
            }
            None => scope.error(goto.label.pos, format!("label {name} not defined")),
        }
    }
    for label in std::mem::take(&mut scope.labels) {
        if !label.used {
            let name = &label.ident.name;
            scope.error(label.ident.pos, format!("label {name} defined and not used"));
        }
    }
}

/// As gc writes a position inside a message: the one in the file behind that of a line directive.
fn position_text(source: &SourceFile, pos: Pos) -> String {
    let (line, column) = source.physical(pos);
    let shown = source.position(pos).to_string();
    let physical = format!("{}:{line}:{column}", source.name);
    if shown == physical { shown } else { format!("{shown}[{physical}]") }
}

struct LabelScope<'a> {
    source: &'a SourceFile,
    errors: &'a mut Vec<Diagnostic>,
    labels: Vec<Label<'a>>,
    by_name: FxHashMap<&'a str, usize>,
    blocks: Vec<BlockInfo>,
}

struct Label<'a> {
    /// The block that declares it, an index.
    block: usize,
    /// The labeled statement.
    stmt: NodeId,
    ident: &'a Ident,
    kind: LabelKind,
    used: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LabelKind {
    For,
    SwitchOrSelect,
    Other,
}

struct BlockInfo {
    parent: Option<usize>,
    start: Pos,
    /// The labeled statement whose block this is.
    labeled: Option<NodeId>,
}

/// What unlabeled branches would leave or go on with.
#[derive(Clone, Copy)]
struct Targets<'a> {
    breaks: Option<BreakTarget<'a>>,
    continues: bool,
    /// The index of the clause of the immediately enclosing switch.
    case: Option<usize>,
}

#[derive(Clone, Copy)]
enum BreakTarget<'a> {
    For,
    Switch(&'a SwitchStmt),
    Select,
}

#[derive(Clone, Copy)]
struct Goto<'a> {
    stmt: NodeId,
    label: &'a Ident,
}

/// The innermost enclosing labeled statement of a name.
enum Enclosing {
    None,
    Elsewhere,
    Is(LabelKind),
}

/// The last variable declared so far in a block, and the gotos that would jump over it.
struct VarDeclared {
    pos: Pos,
    name: String,
    over: Vec<NodeId>,
}

impl<'a> LabelScope<'a> {
    fn error(&mut self, pos: Pos, text: String) {
        self.errors.push(Diagnostic::error(pos, text));
    }

    fn declare(&mut self, block: usize, stmt: NodeId, ident: &'a Ident, inner: &Stmt) -> usize {
        if let Some(&other) = self.by_name.get(&*ident.name) {
            let at = position_text(self.source, self.labels[other].ident.pos);
            self.error(ident.pos, format!("label {} already defined at {at}", ident.name));
            return other;
        }
        let kind = match inner.kind {
            StmtKind::For(_) => LabelKind::For,
            StmtKind::Switch(_) | StmtKind::Select(_) => LabelKind::SwitchOrSelect,
            _ => LabelKind::Other,
        };
        self.by_name.insert(&ident.name, self.labels.len());
        self.labels.push(Label { block, stmt, ident, kind, used: false });
        self.labels.len() - 1
    }

    fn enclosing_blocks(&self, block: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(block), |&b| self.blocks[b].parent)
    }

    /// Whether a label of that name, already declared, is in `block` or one around it.
    fn goto_resolves(&mut self, block: usize, name: &str) -> bool {
        let Some(&label) = self.by_name.get(name) else { return false };
        self.labels[label].used = true;
        let home = self.labels[label].block;
        self.enclosing_blocks(block).any(|b| b == home)
    }

    fn enclosing(&mut self, block: usize, name: &str) -> Enclosing {
        let Some(&label) = self.by_name.get(name) else { return Enclosing::None };
        self.labels[label].used = true;
        let stmt = Some(self.labels[label].stmt);
        if self.enclosing_blocks(block).any(|b| self.blocks[b].labeled == stmt) {
            Enclosing::Is(self.labels[label].kind)
        } else {
            Enclosing::Elsewhere
        }
    }

    /// Checks one block; returns the gotos whose label was not met before them.
    fn block(
        &mut self,
        parent: Option<usize>,
        targets: Targets<'a>,
        labeled: Option<NodeId>,
        start: Pos,
        stmts: &'a [Stmt],
    ) -> Vec<Goto<'a>> {
        let block = self.blocks.len();
        self.blocks.push(BlockInfo { parent, start, labeled });
        let mut gotos: Vec<Goto<'a>> = Vec::new();
        let mut declared: Option<VarDeclared> = None;

        // A fallthrough is the last statement even if empty ones follow.
        let trailing = stmts.iter().rev().take_while(|s| matches!(s.kind, StmtKind::Empty)).count();
        let stmts = &stmts[..stmts.len() - trailing];
        for (i, outer) in stmts.iter().enumerate() {
            let mut labeled = None;
            let mut stmt = outer;
            while let StmtKind::Labeled(ident, inner) = &stmt.kind {
                if !ident.is_blank() {
                    let label = self.declare(block, stmt.id, ident, inner);
                    self.resolve(label, ident, &mut gotos, declared.as_ref());
                    labeled = Some(stmt.id);
                }
                stmt = inner;
            }
            let over = |gotos: &[Goto<'a>]| gotos.iter().map(|g| g.stmt).collect();
            let inner = Targets { case: None, ..targets };
            match &stmt.kind {
                StmtKind::Decl(decls) => {
                    let var = decls.iter().find_map(|d| match d {
                        Decl::Var(v) => v.names.first().map(|name| (v.pos, name)),
                        _ => None,
                    });
                    if let Some((pos, name)) = var {
                        let name = name.name.to_string();
                        declared = Some(VarDeclared { pos, name, over: over(&gotos) });
                    }
                }
                StmtKind::Assign { lhs, define: true, .. } => {
                    let name = lhs.to_string();
                    declared = Some(VarDeclared { pos: stmt.pos, name, over: over(&gotos) });
                }
                StmtKind::Branch { kind, label: None } => {
                    self.unlabeled(stmt.pos, *kind, targets, i + 1 == stmts.len());
                }
                StmtKind::Branch { kind, label: Some(label) } => {
                    if *kind != BranchKind::Goto {
                        self.labeled(block, *kind, label);
                    } else if !self.goto_resolves(block, &label.name) {
                        gotos.push(Goto { stmt: stmt.id, label });
                    }
                }
                StmtKind::Block(b) => {
                    gotos.extend(self.block(Some(block), inner, labeled, b.pos, &b.stmts));
                }
                StmtKind::If(s) => {
                    gotos.extend(self.block(Some(block), inner, labeled, s.then.pos, &s.then.stmts));
                    if let Some(else_) = &s.else_ {
                        let stmts = std::slice::from_ref(else_);
                        gotos.extend(self.block(Some(block), inner, labeled, else_.pos, stmts));
                    }
                }
                StmtKind::For(s) => {
                    let inner = Targets { breaks: Some(BreakTarget::For), continues: true, case: None };
                    gotos.extend(self.block(Some(block), inner, labeled, s.body.pos, &s.body.stmts));
                }
                StmtKind::Switch(s) => {
                    for (i, clause) in s.clauses.iter().enumerate() {
                        let breaks = Some(BreakTarget::Switch(s));
                        let inner = Targets { breaks, case: Some(i), ..targets };
                        gotos.extend(self.block(Some(block), inner, labeled, clause.pos, &clause.body));
                    }
                }
                StmtKind::Select(s) => {
                    let inner = Targets { breaks: Some(BreakTarget::Select), ..inner };
                    for clause in &s.clauses {
                        gotos.extend(self.block(Some(block), inner, labeled, clause.pos, &clause.body));
                    }
                }
                _ => {}
            }
        }
        gotos
    }

    /// Resolves the gotos that wait for the label declared here.
    fn resolve(
        &mut self,
        label: usize,
        ident: &Ident,
        gotos: &mut Vec<Goto<'a>>,
        declared: Option<&VarDeclared>,
    ) {
        gotos.retain(|goto| {
            if goto.label.name != ident.name {
                return true;
            }
            self.labels[label].used = true;
            if let Some(var) = declared
                && var.over.contains(&goto.stmt)
            {
                let at = position_text(self.source, var.pos);
                let text = format!("goto {} jumps over declaration of {} at {at}", ident.name, var.name);
                self.error(goto.label.pos, text);
            }
            false
        });
    }

    fn unlabeled(&mut self, pos: Pos, kind: BranchKind, targets: Targets<'a>, is_last: bool) {
        let text = match kind {
            BranchKind::Break if targets.breaks.is_none() => "break is not in a loop, switch, or select",
            BranchKind::Continue if !targets.continues => "continue is not in a loop",
            BranchKind::Fallthrough => {
                let Some(text) = fallthrough_error(targets, is_last) else { return };
                text
            }
            _ => return,
        };
        self.error(pos, text.into());
    }

    fn labeled(&mut self, block: usize, kind: BranchKind, label: &Ident) {
        let name = &label.name;
        let word = if kind == BranchKind::Break { "break" } else { "continue" };
        match self.enclosing(block, name) {
            Enclosing::None => self.error(label.pos, format!("{word} label not defined: {name}")),
            Enclosing::Is(LabelKind::For) => {}
            Enclosing::Is(LabelKind::SwitchOrSelect) if kind == BranchKind::Break => {}
            _ => self.error(label.pos, format!("invalid {word} label {name}")),
        }
    }
}

fn fallthrough_error(targets: Targets<'_>, is_last: bool) -> Option<&'static str> {
    const OUT_OF_PLACE: &str = "fallthrough statement out of place";
    let Some(BreakTarget::Switch(switch)) = targets.breaks else { return Some(OUT_OF_PLACE) };
    if matches!(switch.tag, Some(Expr { kind: ExprKind::TypeSwitchGuard(..), .. })) {
        return Some("cannot fallthrough in type switch");
    }
    match targets.case {
        Some(case) if is_last => {
            (case + 1 == switch.clauses.len()).then_some("cannot fallthrough final case in switch")
        }
        _ => Some(OUT_OF_PLACE),
    }
}
