//! Hears that something in a folder changed. Start at [`Ears::turn_to`].
//!
//! What is heard is only a reason to look: nothing depends on hearing everything, or anything.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify_debouncer_full::notify::{self, EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use tokio::sync::Notify;
use tracing::warn;

/// Changes that come closer together than this are one: an editor writes a file in several steps, and git many files.
const QUIET: Duration = Duration::from_millis(150);

/// A watcher, and the folder that it hears.
#[derive(Default)]
pub struct Ears {
    turned_to: Option<Option<Place>>,
    _watcher: Option<Debouncer<RecommendedWatcher, RecommendedCache>>,
}

/// Which folder a path leads to. A path that leads elsewhere, or to a new folder of the same name, has to be heard anew.
#[derive(Clone, PartialEq, Eq)]
struct Place {
    real: PathBuf,
    inode: u64,
}

impl Place {
    fn of(path: &Path) -> Option<Place> {
        let real = path.canonicalize().ok()?;
        let inode = inode(&real)?;
        Some(Place { real, inode })
    }
}

#[cfg(unix)]
fn inode(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    path.metadata().ok().map(|found| found.ino())
}

#[cfg(not(unix))]
fn inode(path: &Path) -> Option<u64> {
    path.metadata().ok().map(|_| 0)
}

impl Ears {
    /// Hears the folder to which this path leads now, if it does not already.
    pub fn turn_to(&mut self, path: &Path, heard: &Arc<Notify>) {
        let place = Place::of(path);
        if self.turned_to.as_ref() == Some(&place) {
            return;
        }
        self._watcher = None;
        match listen(path, place.as_ref(), Arc::clone(heard)) {
            Ok(watcher) => self._watcher = Some(watcher),
            Err(cause) => warn!(%cause, "changes of the folder are not heard: it is looked into every few seconds instead"),
        }
        self.turned_to = Some(place);
    }
}

fn listen(
    path: &Path,
    place: Option<&Place>,
    heard: Arc<Notify>,
) -> notify::Result<Debouncer<RecommendedWatcher, RecommendedCache>> {
    let name: Option<OsString> = path.file_name().map(ToOwned::to_owned);
    let inside = place.map(|place| place.real.clone());
    let matters = move |changed: &PathBuf| {
        inside.as_ref().is_some_and(|inside| changed.starts_with(inside)) || changed.file_name() == name.as_deref()
    };
    let mut watcher = new_debouncer(QUIET, None, move |result: DebounceEventResult| {
        let events = result.unwrap_or_default();
        // Reading is heard, too, and ours would make us read again.
        let mut changes = events.iter().filter(|event| !matches!(event.kind, EventKind::Access(_)));
        if changes.any(|event| event.need_rescan() || event.paths.iter().any(&matters)) {
            heard.notify_one();
        }
    })?;
    if let Some(place) = place {
        watcher.watch(&place.real, RecursiveMode::Recursive)?;
    }
    // The folder may be swapped for another: a link that is moved, or git that makes it anew.
    let above = match path.parent() {
        Some(above) if above.as_os_str().is_empty() => Path::new("."),
        Some(above) => above,
        None => return Ok(watcher),
    };
    if let Err(cause) = watcher.watch(above, RecursiveMode::NonRecursive) {
        tracing::debug!(%cause, "the folder above is not heard");
    }
    Ok(watcher)
}
