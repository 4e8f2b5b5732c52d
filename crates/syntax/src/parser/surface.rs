//! The declarations that a surface names, and nothing else of a file.

use super::Parser;
use crate::ast::*;
use crate::encoding::Clean;
use crate::surface::{FileSurface, Item, ItemKind, VarItem};
use crate::token::Token;
use goxide_source::Pos;

impl Parser<'_> {
    pub(super) fn surface(&mut self, surface: &FileSurface) -> File {
        let mut file = self.file(true);
        let eof = self.source.text.len();
        file.decls.reserve(surface.items.len());
        for item in &surface.items {
            let decl = self.item(item);
            file.decls.push(decl);
        }
        let verb = self.intern("go:linkname");
        let pragma = |(offset, args): &(u32, String)| Pragma {
            pos: self.base.offset(*offset),
            verb: verb.clone(),
            args: args.as_str().into(),
        };
        file.pragmas = surface.linknames.iter().map(pragma).collect();
        file.eof = self.pos_of(eof);
        file
    }

    fn item(&mut self, item: &Item) -> Decl {
        self.pragmas.clear();
        self.seek(item.offset);
        // Behind directives.
        if matches!(self.tok, Token::Func | Token::Type | Token::Var | Token::Const) {
            self.next();
        }
        match &item.kind {
            ItemKind::Func { rbrace } => {
                let rbrace = rbrace.map(|r| self.base.offset(r));
                Decl::Func(self.func_decl(rbrace))
            }
            ItemKind::Const { group, iota } => Decl::Const(self.const_decl(group.map(GroupId), *iota)),
            ItemKind::Type => Decl::Type(self.type_decl(None)),
            ItemKind::Var(VarItem::Whole) => Decl::Var(self.var_decl(None)),
            ItemKind::Var(VarItem::Names) => {
                let (pos, first) = (self.pos(), self.name());
                let names = self.name_list(first);
                let ty = Some(self.type_());
                Decl::Var(VarDecl { pos, group: None, pragmas: Vec::new(), names, ty, values: Vec::new() })
            }
            ItemKind::Var(VarItem::Typed(ty)) => {
                let (pos, names) = (self.pos(), vec![self.name()]);
                let ty = Some(self.separate_type(ty, pos));
                Decl::Var(VarDecl { pos, group: None, pragmas: Vec::new(), names, ty, values: Vec::new() })
            }
        }
    }

    /// A type that does not stand in the file, as if it stood at `pos`.
    fn separate_type(&mut self, text: &str, pos: Pos) -> Expr {
        let clean = Clean::new(text.as_bytes());
        let mut parser = Parser::new(self.source, &clean, self.ids, self.options, self.stack_bytes);
        parser.base = pos;
        parser.next();
        parser.type_()
    }
}
