//! The content-addressed cache on disk. An entry's name is the hash of all that went into it, so that
//! it is never wrong, only present or absent; a damaged one counts as absent.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

/// The hash of everything that an entry depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key(pub [u8; 32]);

impl Key {
    pub fn of(bytes: &[u8]) -> Key {
        Key(*blake3::hash(bytes).as_bytes())
    }

    fn hex(&self) -> String {
        self.0.iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// Entries not used for so long are removed, as the go command does.
const KEEP: Duration = Duration::from_secs(5 * 24 * 3600);
/// A file whose age tells when that was last done.
const TRIM_MARK: &str = "trim.txt";
const TRIM_EVERY: Duration = Duration::from_secs(24 * 3600);
/// An entry's time of use is only written when it is older than this.
const TOUCH_AFTER: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// Uses `root`, which is made when it is missing.
    pub fn open(root: &Path) -> io::Result<Cache> {
        fs::create_dir_all(root)?;
        let readme = root.join("README");
        if !readme.exists() {
            let text = "Goxide keeps compiled packages and programs here. It may be deleted at any time.\n";
            fs::write(readme, text)?;
        }
        Ok(Cache { root: root.into() })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, key: &Key, kind: &str) -> PathBuf {
        let hex = key.hex();
        self.root.join(&hex[..2]).join(format!("{hex}-{kind}"))
    }

    /// The bytes of a kind stored under a key; `None` where there are none, or not those that were stored.
    pub fn get(&self, key: &Key, kind: &str) -> Option<Vec<u8>> {
        let (mut bytes, file) = read(&self.path(key, kind))?;
        let at = bytes.len().checked_sub(32)?;
        if bytes[at..] != *blake3::hash(&bytes[..at]).as_bytes() {
            return None;
        }
        bytes.truncate(at);
        touch(&file);
        Some(bytes)
    }

    pub fn put(&self, key: &Key, kind: &str, bytes: &[u8]) -> io::Result<()> {
        let sum = blake3::hash(bytes);
        self.write(&self.path(key, kind), &[bytes, sum.as_bytes()], 0o644)
    }

    /// Forgets what is stored under a key.
    pub fn remove(&self, key: &Key, kind: &str) {
        // What cannot be removed will be found damaged again.
        let _ = fs::remove_file(self.path(key, kind));
    }

    /// An executable stored under a key, ready to be run where it stands.
    pub fn get_executable(&self, key: &Key) -> Option<PathBuf> {
        let path = self.path(key, "x");
        let sum = fs::read(self.path(key, "s")).ok()?;
        let (bytes, file) = read(&path)?;
        if sum != blake3::hash(&bytes).as_bytes() {
            return None;
        }
        touch(&file);
        Some(path)
    }

    pub fn put_executable(&self, key: &Key, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.path(key, "x");
        self.write(&path, &[bytes], 0o755)?;
        self.write(&self.path(key, "s"), &[blake3::hash(bytes).as_bytes()], 0o644)?;
        Ok(path)
    }

    /// Written beside its place and moved there at once: a racing build sees all of it or nothing.
    fn write(&self, path: &Path, parts: &[&[u8]], mode: u32) -> io::Result<()> {
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        write_atomically(path, parts, mode)
    }

    /// Removes all that a cache keeps in `root`.
    pub fn clean(root: &Path) -> io::Result<()> {
        let gone = |done: io::Result<()>| match done {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        };
        for byte in 0..=u8::MAX {
            gone(fs::remove_dir_all(root.join(format!("{byte:02x}"))))?;
        }
        gone(fs::remove_file(root.join(TRIM_MARK)))
    }

    /// Removes what has not been used for days; looks only once a day.
    pub fn trim(&self) {
        let mark = self.root.join(TRIM_MARK);
        let now = SystemTime::now();
        let age = |p: &Path| {
            fs::metadata(p).and_then(|m| m.modified()).ok().and_then(|t| now.duration_since(t).ok())
        };
        if age(&mark).is_some_and(|a| a < TRIM_EVERY) {
            return;
        }
        // Nothing here matters to the build: what cannot be removed is tried again another day.
        let _ = fs::write(&mark, "");
        let Ok(folders) = fs::read_dir(&self.root) else { return };
        for folder in folders.flatten().filter(|f| f.path().is_dir()) {
            let Ok(entries) = fs::read_dir(folder.path()) else { continue };
            for entry in entries.flatten().map(|e| e.path()) {
                if age(&entry).is_some_and(|a| a > KEEP) {
                    let _ = fs::remove_file(entry);
                }
            }
        }
    }
}

fn read(path: &Path) -> Option<(Vec<u8>, fs::File)> {
    let mut file = fs::File::open(path).ok()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    Some((bytes, file))
}

fn touch(file: &fs::File) {
    let now = SystemTime::now();
    let modified = file.metadata().and_then(|m| m.modified()).ok();
    let age = modified.and_then(|t| now.duration_since(t).ok());
    if age.is_some_and(|a| a > TOUCH_AFTER) {
        // A read-only cache is still of use.
        let _ = file.set_modified(now);
    }
}

/// Writes a file under a temporary name in the same folder, then renames it.
pub fn write_atomically(path: &Path, parts: &[&[u8]], mode: u32) -> io::Result<()> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("out");
    let temporary = path.with_file_name(format!(".{name}.{}.{n}.tmp", std::process::id()));
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
        parts.iter().try_for_each(|p| file.write_all(p))?;
        drop(file);
        fs::rename(&temporary, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_got_and_damage_is_absence() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        let key = Key([7; 32]);
        assert_eq!(cache.get(&key, "o"), None);
        cache.put(&key, "o", b"object").unwrap();
        assert_eq!(cache.get(&key, "o").as_deref(), Some(&b"object"[..]));
        let path = cache.path(&key, "o");
        for damage in [&b""[..], b"x", b"objecT0123456789012345678901234567890123"] {
            fs::write(&path, damage).unwrap();
            assert_eq!(cache.get(&key, "o"), None);
        }
        let exe = cache.put_executable(&key, b"elf").unwrap();
        assert_eq!(cache.get_executable(&key).as_ref(), Some(&exe));
        fs::write(&exe, b"elg").unwrap();
        assert_eq!(cache.get_executable(&key), None);
    }

    #[test]
    fn racing_writers_leave_one_whole_entry() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        let key = Key([9; 32]);
        let bytes = vec![42; 1 << 16];
        std::thread::scope(|s| {
            for _ in 0..8 {
                s.spawn(|| {
                    for _ in 0..20 {
                        cache.put(&key, "o", &bytes).unwrap();
                        assert_eq!(cache.get(&key, "o").as_deref(), Some(&bytes[..]));
                    }
                });
            }
        });
        let left = fs::read_dir(cache.path(&key, "o").parent().unwrap()).unwrap().count();
        assert_eq!(left, 1);
    }
}
