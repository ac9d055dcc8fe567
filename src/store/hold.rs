//! One running site for one data folder. Start at [`Hold::take`].

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::StoreError;
use super::private::make_folder;

/// The lock of the running site. It is advisory and of the process: it ends with it, however it ends, so the file that stays
/// behind means nothing. Commands that only need the database do without.
#[derive(Debug)]
pub struct Hold {
    /// Closing it gives the folder free.
    _file: File,
}

impl Hold {
    /// Takes a folder for one site, and makes it when it is not there. Refused while another process has it.
    pub fn take(folder: &Path) -> Result<Hold, StoreError> {
        let unusable = |source| StoreError::Folder { folder: folder.to_owned(), source };
        make_folder(folder).map_err(unusable)?;
        // Never written to, so that a full disk does not matter, and never removed: two could hold two files of one name.
        let file = File::options().create(true).truncate(false).write(true).open(lock_file(folder)).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Hold { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { folder: folder.to_owned() }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}

/// Waits until no other process makes the database or changes its tables, as each does that opens one of an older version. In a
/// folder in which no lock can be made nothing is changed either.
pub(super) async fn wait_to_make(folder: &Path) -> Option<File> {
    let file = File::options().create(true).truncate(false).write(true).open(folder.join("migrate.lock")).ok()?;
    let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
    locked.await.ok()?.ok()
}

fn lock_file(folder: &Path) -> PathBuf {
    folder.join("fixpath.lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_until_it_is_let_go() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let data = folder.path().join("data");
        let first = Hold::take(&data).expect("nobody has it");
        assert!(matches!(Hold::take(&data), Err(StoreError::InUse { folder }) if folder == data));
        drop(first);
        Hold::take(&data).expect("nobody has it any more");
    }
}
