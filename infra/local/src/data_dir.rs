//! The directory that keeps the local data from one start to the next.
use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// A data directory that belongs to this product as long as the value lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process has it.
    #[error(
        "the data directory {0} is in use by another `cargo dev`. Stop that one, or choose another with --data-dir"
    )]
    InUse(PathBuf),
    /// It cannot be created, read or written.
    #[error("the data directory {0} cannot be used: {1}")]
    Io(PathBuf, io::Error),
}

/// The only files that a reset deletes.
const FILES: [&str; 5] = ["store.db", "store.db-wal", "store.db-shm", "secrets.json", "clock"];

impl DataDir {
    /// Creates the directory if need be and takes it for this process; `reset` deletes the data of earlier starts.
    ///
    /// # Errors
    /// It is in use, or cannot be created or written.
    pub fn open(path: &Path, reset: bool) -> Result<Self, DataDirError> {
        let failed = |error| DataDirError::Io(path.to_owned(), error);
        std::fs::create_dir_all(path).map_err(failed)?;
        let lock = File::create(path.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataDirError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        if reset {
            for file in FILES {
                match std::fs::remove_file(path.join(file)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(failed(error));
                    }
                    _ => {}
                }
            }
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Where the store keeps its tables.
    pub fn store(&self) -> PathBuf {
        self.path.join(FILES[0])
    }

    /// Where the secrets are kept.
    pub fn secrets(&self) -> PathBuf {
        self.path.join(FILES[3])
    }

    /// Where the clock's place is kept.
    pub fn clock(&self) -> PathBuf {
        self.path.join(FILES[4])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_belongs_to_one_product_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/data");
        let first = DataDir::open(&path, false).expect("free");
        assert!(matches!(DataDir::open(&path, false), Err(DataDirError::InUse(_))));
        drop(first);
        DataDir::open(&path, false).expect("free again");
    }

    #[test]
    fn a_reset_deletes_our_own_files_only() {
        let folder = tempfile::tempdir().expect("a folder");
        for file in ["store.db", "secrets.json", "notes.txt"] {
            std::fs::write(folder.path().join(file), "x").expect("written");
        }
        DataDir::open(folder.path(), true).expect("free");
        assert!(!folder.path().join("store.db").exists());
        assert!(!folder.path().join("secrets.json").exists());
        assert!(folder.path().join("notes.txt").exists());
    }
}
