//! SQLite, the store of record: documents and their revisions, pictures, outcomes, misses, landings, people. The only SQL in the program.
//!
//! [`Store::open`] makes or opens the file, brings its tables up to date and sets what SQLite needs to be safe. One
//! connection writes, a few read. Functions take what they need and give domain types; rows have shapes of their own.
//! Start at [`Store::open`]; [`documents`] is the part that the rest depends on.
//!
//! Invariants: what a function acknowledged survives `kill -9`; a text is never changed without a revision; no pasted text
//! is stored, only what `search::normalise` leaves of it.

pub mod audit;
pub mod documents;
pub mod drafts;
pub mod hold;
pub mod identities;
pub mod images;
pub mod import;
pub mod landings;
pub mod misses;
pub mod notes;
pub mod outcomes;
pub mod people;
mod private;
pub mod renames;
pub mod restore;
pub mod sessions;
pub mod tokens;

use std::path::{Path, PathBuf};
use std::time::Duration;

use audit::{Deed, What};
use private::{make_file, make_folder};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection};

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot use the data folder {}: {source}. Give another one with --data, or mend its permissions", folder.display())]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error(
        "another Fixpath runs on the data folder {}: stop that one first, or give this one a folder of its own with --data",
        folder.display()
    )]
    InUse { folder: PathBuf },
    #[error("cannot open the database {}: {source}", file.display())]
    Open { file: PathBuf, source: sqlx::Error },
    #[error("the database {} is of a newer Fixpath, or is damaged: {source}. Use that version, or restore a backup", file.display())]
    Migrate { file: PathBuf, source: sqlx::migrate::MigrateError },
    #[error("the disk is full or read-only, nothing was changed: {0}")]
    CannotWrite(sqlx::Error),
    #[error("the database does not answer as it should: {0}")]
    Database(sqlx::Error),
    #[error("row {kind}/{slug} of table document holds a kind or slug that does not exist")]
    Inconsistent { kind: String, slug: String },
    #[error("row {name} of table image holds a name or a size that no picture has")]
    BadImageRow { name: String },
    #[error("{} exists already: give the name of a new file", .0.display())]
    BackupExists(PathBuf),
    #[error("cannot write the backup {}: {source}", file.display())]
    Backup { file: PathBuf, source: sqlx::Error },
    #[error("cannot read the backup {}: {source}", file.display())]
    CannotReadBackup { file: PathBuf, source: std::io::Error },
    #[error("{} cannot be restored: {why}", file.display())]
    NoBackup { file: PathBuf, why: String },
    #[error("{} holds {name} already, and nothing is overwritten: name an empty folder with --data", folder.display())]
    RestoreOver { folder: PathBuf, name: &'static str },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> StoreError {
        // SQLITE_READONLY is 8, SQLITE_IOERR 10, SQLITE_FULL 13; extended codes carry them in the low byte.
        let code = error.as_database_error().and_then(|e| e.code()).and_then(|c| c.parse::<u32>().ok());
        match code.map(|c| c & 0xff) {
            Some(8 | 10 | 13) => StoreError::CannotWrite(error),
            _ => StoreError::Database(error),
        }
    }
}

/// Gives a whole file its name, if nobody else has it meanwhile.
fn settle(part: &Path, file: &Path) -> std::io::Result<()> {
    std::fs::File::open(part)?.sync_all()?;
    match std::fs::hard_link(part, file) {
        Err(cause) if cause.kind() != std::io::ErrorKind::AlreadyExists => {
            // Some file systems have no second names.
            if file.exists() { Err(std::io::ErrorKind::AlreadyExists.into()) } else { std::fs::rename(part, file) }
        }
        done => done,
    }
}

/// Whether a connection can be used again. A full disk makes SQLite undo a change by itself; the driver does not learn of that and
/// would not begin another one: such a connection is closed, and the next change opens a new one.
async fn is_clean(db: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // What is to be undone is undone before it answers.
    db.ping().await?;
    Ok(!db.is_in_transaction())
}

/// The open database.
#[derive(Clone)]
pub struct Store {
    write: SqlitePool,
    read: SqlitePool,
}

impl Store {
    /// Opens the database in a folder, or makes both.
    pub async fn open(folder: &Path) -> Result<Store, StoreError> {
        let unusable = |source| StoreError::Folder { folder: folder.to_owned(), source };
        make_folder(folder).map_err(unusable)?;
        let file = folder.join("fixpath.db");
        let alone = hold::wait_to_make(folder).await;
        // SQLite would let others read it; its log gets the rights of the file.
        if !file.exists() {
            make_file(&file).map_err(unusable)?;
        }
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged write has to survive a power cut, and writes are rare.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        let writer = SqlitePoolOptions::new().max_connections(1).after_release(|db, _| Box::pin(is_clean(db)));
        let opened = writer.connect_with(options.clone()).await;
        let write = opened.map_err(|source| StoreError::Open { file: file.clone(), source })?;
        sqlx::migrate!().run(&write).await.map_err(|source| StoreError::Migrate { file: file.clone(), source })?;
        drop(alone);
        let readers = SqlitePoolOptions::new().max_connections(4).connect_with(options.read_only(true)).await;
        Ok(Store { write, read: readers.map_err(|source| StoreError::Open { file, source })? })
    }

    /// Writes a consistent copy of everything into a new file, while the store is in use.
    pub async fn backup(&self, file: &Path, at: i64) -> Result<(), StoreError> {
        if file.exists() {
            return Err(StoreError::BackupExists(file.to_owned()));
        }
        // Before, so that the copy holds the line as well. A store that cannot be written is copied all the same.
        let about = file.display().to_string();
        let deed = Deed { at, who: "operator", address: "", what: What::BackupBegun, about: &about };
        let _no_reason_to_have_no_backup = self.add_deed(&deed).await;
        // Under a name of its own until it is whole and on the disk: whoever finds the file finds all of it.
        let mut part = file.as_os_str().to_owned();
        part.push(format!(".{}.part", std::process::id()));
        let part = PathBuf::from(part);
        // An empty file is taken for none, and keeps its rights. What prevents it prevents the copy, which says so.
        let _only_ours = make_file(&part);
        let copied = sqlx::query("VACUUM INTO $1").bind(part.to_string_lossy().into_owned()).execute(&self.read).await;
        let done = copied.and_then(|_| Ok(settle(&part, file)?)).map_err(|source| match source {
            sqlx::Error::Io(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => {
                StoreError::BackupExists(file.to_owned())
            }
            source => StoreError::Backup { file: file.to_owned(), source },
        });
        let _moved_or_never_made = std::fs::remove_file(&part);
        done
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.read).await.is_ok()
    }

    /// Finishes what is being written and closes the file.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}
