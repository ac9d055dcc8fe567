//! Folders and files that only the user who runs the program may open: they hold drafts, notes and digests of secrets. What is
//! there already keeps the rights that somebody gave it. Start at [`make_folder`] and [`make_file`].

use std::fs::{DirBuilder, File};
use std::io;
use std::path::Path;

/// Makes a folder and those above it, where they are missing.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Opens a file for writing, and makes it where it is missing. What is in it stays.
pub(super) fn make_file(file: &Path) -> io::Result<File> {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.create(true).truncate(false).write(true).open(file)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{Permissions, create_dir, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::store::Store;
    use crate::store::restore::restore;

    fn mode(path: &Path) -> u32 {
        metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn what_is_made_is_for_one_user_and_what_was_there_keeps_its_rights() {
        let work = tempfile::tempdir().expect("a temporary folder can be made");
        let (data, copy, back) = (work.path().join("data"), work.path().join("copy.db"), work.path().join("deep/back"));
        let store = Store::open(&data).await.expect("it opens");
        store.backup(&copy, 7).await.expect("it can be written");
        restore(&back, &copy).await.expect("it is a backup");
        for file in ["fixpath.db", "fixpath.db-wal", "fixpath.db-shm"] {
            assert_eq!(mode(&data.join(file)), 0o600, "{file}");
        }
        assert_eq!([mode(&copy), mode(&back.join("fixpath.db"))], [0o600; 2]);
        assert_eq!([mode(&data), mode(&back)], [0o700; 2]);
        store.close().await;
        // A group that may read, as an operator wants it.
        let own = work.path().join("own");
        create_dir(&own).expect("it can be made");
        for (path, rights) in [(&own, 0o750), (&data.join("fixpath.db"), 0o640)] {
            set_permissions(path, Permissions::from_mode(rights)).expect("it is ours");
        }
        Store::open(&own).await.expect("it opens").close().await;
        Store::open(&data).await.expect("it opens").close().await;
        assert_eq!([mode(&own), mode(&own.join("fixpath.db")), mode(&data.join("fixpath.db"))], [0o750, 0o600, 0o640]);
    }
}
