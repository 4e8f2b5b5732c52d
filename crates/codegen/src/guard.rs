//! A panic of the translation or of Cranelift becomes the failure of the function that was compiled.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

thread_local! {
    /// While a guarded function runs: what panicked, as the hook saw it.
    static GUARDED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Makes panics inside of [`run`] silent; others go on to the hook that there was.
fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let is_ours = GUARDED.with_borrow_mut(|seen| match seen {
                Some(text) => {
                    *text = describe(info);
                    true
                }
                None => false,
            });
            if !is_ours {
                previous(info);
            }
        }));
    });
}

fn describe(info: &PanicHookInfo) -> String {
    let what = info.payload_as_str().unwrap_or("panic");
    match info.location() {
        Some(at) => format!("{what} ({}:{})", at.file(), at.line()),
        None => what.into(),
    }
}

/// What `f` returns, or what it panicked with.
pub fn run<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    install();
    GUARDED.set(Some(String::new()));
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    let seen = GUARDED.take();
    result.map_err(|_| seen.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn a_panic_is_an_error_that_tells_where() {
        assert_eq!(run(|| 7), Ok(7));
        let text = run(|| -> u8 { panic!("a definition") }).unwrap_err();
        assert!(text.starts_with("a definition (") && text.contains("guard.rs:"), "{text}");
    }
}
