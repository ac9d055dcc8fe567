//! A pack on disk, as the program imports it.

use std::path::Path;

use fixpath::content::Pack;

/// Writes a pack to a folder.
pub fn write(pack: &Pack, folder: &Path) {
    for file in &pack.files {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &file.bytes).unwrap();
    }
}
