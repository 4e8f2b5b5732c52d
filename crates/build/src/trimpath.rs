//! `-trimpath`: programs name files by import paths and versions.

use crate::program::Options;
use goxide_load::{NAMED_FILES, Package, Program};
use goxide_source::Folders;

pub fn folders(program: &Program, options: &Options) -> Folders {
    let mut folders = Folders::default();
    // What tests a package from outside stands beside it, and behind it in the list.
    for package in program.packages.iter().filter(|_| options.trimpath) {
        folders.insert(&package.dir, || shown(package));
    }
    folders
}

fn shown(package: &Package) -> String {
    let path = package.import_path.as_str();
    if path == NAMED_FILES {
        return ".".into();
    }
    let path = path.strip_suffix("_test").filter(|_| package.for_test).unwrap_or(path);
    match package.module.as_ref().and_then(|m| Some((m, m.version.as_ref()?))) {
        Some((module, version)) => {
            format!("{}@{version}{}", module.path, path.strip_prefix(&module.path).unwrap_or(""))
        }
        None => path.into(),
    }
}
