//! A backup becomes the database of a data folder. Start at [`restore`].
//!
//! The file is copied beside its place, looked at there, and only then given its name: a folder holds a whole store or none,
//! and the backup itself is never opened for writing.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use super::StoreError;
use super::hold::Hold;
use super::private::make_file;

/// What a store leaves in its folder. Beside the log of another database, a restored one would be changed by it.
const TRACES: [&str; 4] = ["fixpath.db", "fixpath.db-wal", "fixpath.db-shm", "index"];
/// How every SQLite database begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Puts a backup into a data folder in which there is no store. An error leaves no half of one behind.
pub async fn restore(folder: &Path, file: &Path) -> Result<(), StoreError> {
    refuse_a_store(folder)?;
    let mut backup = open_backup(file)?;
    let _hold = Hold::take(folder)?;
    refuse_a_store(folder)?;
    let part = folder.join("fixpath.db.part");
    let done = copy_and_check(&mut backup, file, &part).await.and_then(|()| {
        refuse_a_store(folder)?;
        let moved = std::fs::rename(&part, folder.join("fixpath.db")).and_then(|()| keep_name(folder));
        moved.map_err(|source| StoreError::Folder { folder: folder.to_owned(), source })
    });
    if done.is_err() {
        let _may_not_be_there = std::fs::remove_file(&part);
    }
    done
}

fn refuse_a_store(folder: &Path) -> Result<(), StoreError> {
    match TRACES.into_iter().find(|name| folder.join(name).exists()) {
        Some(name) => Err(StoreError::RestoreOver { folder: folder.to_owned(), name }),
        None => Ok(()),
    }
}

/// Refuses what needs no copy to be refused.
fn open_backup(file: &Path) -> Result<File, StoreError> {
    let unreadable = |source| StoreError::CannotReadBackup { file: file.to_owned(), source };
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(PathBuf::from(log)).is_ok_and(|log| log.len() > 0) {
        return Err(no_backup(
            file,
            "it is a database in use, whose newest changes stand in the -wal file beside it: copy it with `fixpath backup`",
        ));
    }
    let mut start = Vec::new();
    let backup = File::open(file).map_err(unreadable)?;
    (&backup).take(MAGIC.len() as u64).read_to_end(&mut start).map_err(unreadable)?;
    if start != MAGIC {
        return Err(no_backup(file, "it does not begin as an SQLite database does"));
    }
    File::open(file).map_err(unreadable)
}

async fn copy_and_check(backup: &mut File, file: &Path, part: &Path) -> Result<(), StoreError> {
    // The rights of the backup are not copied with it: one that may only be read would make a store that cannot be written.
    let copied = make_file(part)
        .and_then(|mut copy| copy.set_len(0).and_then(|()| io::copy(backup, &mut copy)).and_then(|_| copy.sync_all()));
    copied.map_err(|source| StoreError::Folder { folder: part.parent().unwrap_or(part).to_owned(), source })?;
    // Nobody else knows the copy, and a look must not leave a log beside it.
    let options = SqliteConnectOptions::new().filename(part).read_only(true).immutable(true);
    let damaged = |error: sqlx::Error| no_backup(file, format!("the database in it is damaged ({error})"));
    let mut db = options.connect().await.map_err(damaged)?;
    let checked = check(&mut db, file).await;
    db.close().await.map_err(damaged)?;
    checked
}

async fn check(db: &mut SqliteConnection, file: &Path) -> Result<(), StoreError> {
    let damaged = |error: sqlx::Error| no_backup(file, format!("the database in it is damaged ({error})"));
    let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_all(&mut *db).await.map_err(damaged)?;
    if found != ["ok"] {
        let told = found.iter().flat_map(|lines| lines.split_whitespace()).collect::<Vec<_>>().join(" ");
        return Err(no_backup(file, format!("the database in it is damaged ({told})")));
    }
    let tables =
        "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('_sqlx_migrations', 'document', 'revision')";
    let count: i64 = sqlx::query_scalar(tables).fetch_one(&mut *db).await.map_err(damaged)?;
    if count != 3 {
        return Err(no_backup(file, "it is a database of another program"));
    }
    let applied: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
        .fetch_all(&mut *db)
        .await
        .map_err(damaged)?;
    let known = sqlx::migrate!();
    for (version, checksum) in applied {
        match known.iter().find(|migration| migration.version == version) {
            Some(migration) if *migration.checksum == *checksum => {}
            Some(_) => return Err(no_backup(file, format!("its migration {version} is not the one that this Fixpath knows"))),
            None => {
                return Err(no_backup(
                    file,
                    format!("it is of a newer Fixpath, with migration {version}: restore it with that version"),
                ));
            }
        }
    }
    Ok(())
}

fn no_backup(file: &Path, why: impl Into<String>) -> StoreError {
    StoreError::NoBackup { file: file.to_owned(), why: why.into() }
}

/// A name survives a power cut once its folder is written down.
fn keep_name(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
