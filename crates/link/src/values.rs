//! `-X importpath.name=value`: string variables whose values the linker is told (`addstrdata` in `cmd/link`).

use crate::LinkError;
use goxide_abi::object::{Object, Reloc, RelocKind, Section, SymId, Symbol, Text};

const STRING: &str = "type:string";

/// An object with the definitions that go before those of the variables' packages; a variable that is
/// nowhere is not missed.
pub fn object<'a>(objects: &[&Object], values: &[(String, String)]) -> Result<Object<'a>, LinkError> {
    let mut given = Object { package: "-X".into(), ..Object::default() };
    let mut wrong = Vec::new();
    for (i, (name, value)) in values.iter().enumerate() {
        // The last value counts.
        if values[i + 1..].iter().any(|(n, _)| n == name) {
            continue;
        }
        let is_it = |o: &Object, id: SymId| *o.names[id.0 as usize] == **name;
        let found = objects.iter().find_map(|o| o.vars.iter().find(|(id, _)| is_it(o, *id)));
        let Some((_, type_symbol)) = found else { continue };
        if &**type_symbol != STRING {
            let shown = if type_symbol.is_empty() { String::new() } else { format!(" ({})", &**type_symbol) };
            wrong.push(format!("{name}: cannot set with -X: not a var of type string{shown}"));
            continue;
        }
        let [variable, text] = [0, 1].map(|n| SymId((given.names.len() + n) as u32));
        given.names.extend([name.clone(), format!("{name}.str")].map(Text::from));
        let data = |name, section, align, bytes: Vec<u8>, relocs| Symbol {
            name,
            section,
            align,
            size: bytes.len() as u64,
            bytes: bytes.into(),
            relocs,
            dupok: false,
            func: None,
        };
        let mut header = [0; 16];
        header[8..].copy_from_slice(&(value.len() as u64).to_le_bytes());
        let pointer = Reloc { offset: 0, kind: RelocKind::Abs8, target: text, addend: 0, weak: false };
        given.symbols.push(data(variable, Section::Data, 8, header.into(), vec![pointer]));
        given.symbols.push(data(text, Section::Rodata, 1, value.as_bytes().into(), Vec::new()));
    }
    if wrong.is_empty() { Ok(given) } else { Err(LinkError::NotString(wrong)) }
}
